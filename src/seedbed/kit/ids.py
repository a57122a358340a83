"""Names that nobody guesses and nobody else has.

Floor 1.
"""

import os


def fresh(prefix: str) -> str:
    """`prefix_` and 96 random bits in hexadecimal, such as `req_5f0c...`."""
    return f"{prefix}_{os.urandom(12).hex()}"
