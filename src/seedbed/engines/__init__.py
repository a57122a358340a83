"""Floor 3. One file a kind of engine; `base.py` is their contract, `scripted.py` the fake."""
