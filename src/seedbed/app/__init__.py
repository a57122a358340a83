"""Floor 7. Where the house is put together. Only these files name concrete parts.

Read `server.py` and `worker.py` top to bottom to see every part that runs.
"""
