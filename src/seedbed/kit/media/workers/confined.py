"""The bounds of a worker, which it sets for itself before it reads a byte of a stranger's.

Floor 1. Its libraries are imported by then, so it needs no file any more: with as many files open
as may be, neither a file that a medium names nor an address can be opened.
"""

import codecs
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

import msgspec

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import EXHAUSTED, REFUSED, Confines, Piece

_Order = TypeVar("_Order", bound=msgspec.Struct)
_CODINGS = ("ascii", "latin-1", "cp1252", "utf-8", "utf-16", "utf-16-le", "utf-16-be")
"""By which media write words; each is a file of Python's, which is read at its first use."""
_STREAMS = 3
"""Files that are open: input, output, and for faults."""


def work(kind: type[_Order], made: Callable[[bytes, _Order], list[Piece]]) -> NoReturn:
    """Do the one thing that this process is for, and end it."""
    _, told, wanted = sys.argv
    confines = msgspec.json.decode(told, type=Confines)
    order = msgspec.json.decode(wanted, type=kind)
    confine(confines)
    try:
        brought = msgspec.msgpack.encode(made(sys.stdin.buffer.read(), order))
    except MediumFault as fault:
        _end(REFUSED, str(fault))
    except MemoryError:
        _end(EXHAUSTED, "")
    sys.stdout.buffer.write(brought)
    sys.stdout.buffer.flush()
    _end(0, "")


def confine(confines: Confines) -> None:
    """Set what may be taken from here on; where a system knows no bound on memory there is none."""
    for coding in _CODINGS:
        codecs.lookup(coding)
    with suppress(ValueError):
        _bound(resource.RLIMIT_AS, confines.memory)
    _bound(resource.RLIMIT_CPU, confines.cpu_seconds)
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_NOFILE, _STREAMS)


def _bound(what: int, most: int) -> None:
    resource.setrlimit(what, (most, resource.getrlimit(what)[1] if what == _CPU else most))


_CPU = resource.RLIMIT_CPU
"""Whose soft bound ends the process by a signal that tells why."""


def _end(status: int, said: str) -> NoReturn:
    sys.stderr.write(said)
    sys.stderr.flush()
    os._exit(status)  # a library's own threads would go on
