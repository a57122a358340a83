"""How families of models write calls and thought as text. Floor 3.

A family is a file with `FAMILY`; `families.py` chooses one by the model's chat template.
"""
