"""The head of a request, written once for all requests that have the same.

Floor 1.
"""

import re
from collections.abc import Iterable

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TARGET = re.compile(r"[\x21-\x7e]+")


def first_line(method: str, target: str) -> bytes:
    """The line that a request begins with.

    Raises:
        ValueError: what is given would end the line, or is no ASCII.
    """
    if not (_NAME.fullmatch(method) and _TARGET.fullmatch(target)):
        raise ValueError(f"{method[:20]!r} with a path of {len(target)} characters is no request")
    return f"{method} {target} HTTP/1.1\r\n".encode("ascii")


def lines(headers: Iterable[tuple[str, str]]) -> bytes:
    """Headers as they are sent.

    Raises:
        ValueError: one would end its line, or has letters that no header can have; its value, which
            may be a secret, is not repeated.
    """
    written = bytearray()
    for name, value in headers:
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f"The header {name[:40]!r} has letters that no header can have")
        written += f"{name}: {value}\r\n".encode("latin-1")
    return bytes(written)
