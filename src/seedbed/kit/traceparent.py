"""The `traceparent` header, as W3C has it: which span of the caller's a span of ours belongs to.

Floor 1.
"""

import re
from dataclasses import dataclass

_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Parent:
    """The caller's span, the trace it is in, and whether that trace is kept."""

    trace: bytes
    span: bytes
    sampled: bool


def read(header: str | None) -> Parent | None:
    """What the header says; one that is not of the form says nothing.

    >>> read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").span.hex()
    'b7ad6b7169203331'
    """
    found = _FORM.fullmatch(header or "")
    if found is None:
        return None
    trace, span = bytes.fromhex(found[1]), bytes.fromhex(found[2])
    if not any(trace) or not any(span):
        return None
    return Parent(trace, span, bool(int(found[3], 16) & _SAMPLED))
