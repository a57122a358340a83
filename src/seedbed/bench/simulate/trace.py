"""A trace: which requests came when, a line of JSON each.

Floor 5. It says how long texts are and what they share, and nothing of what they say.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from seedbed.core.ask import Priority
from seedbed.core.errors import SettingRefused
from seedbed.kit import atomic

_Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e10)]
_Tokens: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Request(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One request, which came `at` so many seconds after the first.

    It has `input` tokens, of which the first `shared` are those of the text called `prefix`, and is
    answered with `output` tokens; with `form` the answer is held to one. That text has `keeps`
    tokens once it is answered: in an agent's loop it grows by the answer. `deadline` is in
    seconds; `key` is who asks.
    """

    at: _Seconds
    input: _Tokens
    output: _Tokens
    prefix: str = ""
    shared: _Tokens = 0
    keeps: _Tokens = 0
    priority: Priority = Priority.DEFAULT
    key: str = ""
    deadline: _Seconds | None = None
    form: bool = False


_DECODER = msgspec.json.Decoder(Request)


def read(path: Path) -> list[Request]:
    """The requests of a trace, in the order in which they came.

    Raises:
        SettingRefused: the file cannot be read, or a line is none of a trace.
    """
    found: list[Request] = []
    try:
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            found.append(_line(line, f"line {number} of {path}"))
    except OSError as error:
        raise SettingRefused(
            f"The trace {path} cannot be read: {error.strerror}.",
            hint="Name a file of JSON lines, or have one made with `--make`.",
        ) from None
    return sorted(found, key=lambda request: request.at)


def write(path: Path, requests: Iterable[Request]) -> None:
    """Write a trace, all of it or nothing."""
    atomic.write(path, b"".join(msgspec.json.encode(each) + b"\n" for each in requests))


def seconds(requests: Sequence[Request]) -> float:
    """From the first to the last."""
    return requests[-1].at - requests[0].at if requests else 0.0


def _line(line: bytes, where: str) -> Request:
    try:
        request = _DECODER.decode(line)
    except msgspec.DecodeError as error:
        raise _refused(where, str(error)) from None
    if request.shared > request.input or not (request.input and request.output):
        why = (
            "its counts do not go together (`shared` is a part of `input`; `input` and `output` "
            "are at least 1)"
        )
        raise _refused(where, why)
    return request


def _refused(where: str, why: str) -> SettingRefused:
    return SettingRefused(
        f"{where[0].upper()}{where[1:]} is no request: {why}.",
        hint='A line is like {"at": 0.5, "input": 1540, "output": 32, "prefix": "a", '
        '"shared": 1500}.',
    )
