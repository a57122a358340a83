"""What is asked of an upstream to find out what it serves, and what must be seen in its answers.

Floor 3. Each answer has at most 16 tokens. Pictures are seen by whoever names the colours of two,
of which nothing else is told.
"""

import re
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from seedbed.core.ask import (
    Ask,
    Feature,
    Format,
    Limits,
    ReasoningPolicy,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.event import Reply, Stop
from seedbed.core.message import Media, MediaKind, Message, Part, Role, Text

_MOST = 16
"""Tokens of each answer."""
_SIDE = 32
"""Pixels of a picture's side: some models refuse smaller ones."""
_COLOURS = {"red": b"\xff\0\0", "blue": b"\0\0\xff"}
_UNSEEN = (
    "its answer ended before it named a colour, so that it cannot be told; if it reads pictures, "
    "add media to `serves` in its card"
)
"""Of a model that thinks for longer than it is given."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One request, and what must be seen in its answer.

    `unseen` is why an answer does not count that reached its bound before it said anything, as
    where the model thinks for long; without it such an answer counts.
    """

    ask: Ask
    seen: Callable[[Reply], bool] = field(default=lambda reply: True)
    unseen: str | None = None


def trials(model: str) -> Mapping[Feature, Sequence[Trial]]:
    """What is asked for each feature; all are short, and drawn alike each time."""
    plain = _ask(model, Text("Say: 1"))
    tool = Tool("add", "Adds.", _schema("a"))
    called = replace(plain, tools=(tool,), tool_policy=ToolPolicy("required"))
    thinking = replace(plain, reasoning=ReasoningPolicy("on", effort="low"))
    # Some want JSON named where it is asked for; after this only what enforces it sends it.
    plainly = _ask(model, Text("Say 1, in a word and not in JSON."))
    one = Format("schema", "one", _schema("one"), strict=True)
    digits = Format("regex", pattern="[7-9]{3}")
    sevens = Format("grammar", pattern='root ::= "777"')
    return {
        Feature.CHAT: [Trial(plain)],
        Feature.COMPLETION: [Trial(replace(plain, raw=True))],
        Feature.TOOLS: [Trial(called, lambda reply: any(c.name == "add" for c in reply.calls))],
        Feature.JSON: [Trial(replace(plainly, format=Format("json")), _is_object)],
        Feature.SCHEMA: [Trial(replace(plain, format=one), _has_one)],
        Feature.REGEX: [Trial(replace(plain, format=digits), lambda r: _is_digits(r.text))],
        Feature.GRAMMAR: [Trial(replace(plain, format=sevens), lambda r: r.text == "777")],
        Feature.REASONING: [
            Trial(thinking, lambda reply: bool(reply.reasoning or reply.usage.output_reasoning))
        ],
        Feature.MEDIA: [_shown(model, colour) for colour in _COLOURS],
        Feature.LOGPROBS: [
            Trial(replace(plain, sampling=Sampling(logprobs=1)), lambda r: bool(r.likely))
        ],
    }


def _shown(model: str, colour: str) -> Trial:
    """A picture of one colour. The words are the same for each, so that no guess is right twice."""
    picture = Media(MediaKind.IMAGE, _picture(_COLOURS[colour]))
    ask = _ask(model, Text("Which colour is this? Say one word."), picture)

    def is_named(reply: Reply) -> bool:
        said = set(re.findall(r"\w+", f"{reply.text} {reply.reasoning}".lower()))
        return said & _COLOURS.keys() == {colour}

    return Trial(ask, is_named, unseen=_UNSEEN)


def _ask(model: str, *parts: Part) -> Ask:
    return Ask(model, (Message(Role.USER, parts),), limits=Limits(output=_MOST))


def _schema(name: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {name: {"type": "integer"}},
        "required": [name],
        "additionalProperties": False,
    }


def _is_object(reply: Reply) -> bool:
    """An object, or what can still become one where the answer was cut off."""
    if reply.stop == Stop.LENGTH:
        return reply.text.lstrip().startswith("{")
    return _fields(reply) is not None


def _has_one(reply: Reply) -> bool:
    if reply.stop == Stop.LENGTH:
        return reply.text.lstrip().startswith("{")
    return list(_fields(reply) or ()) == ["one"]


def _fields(reply: Reply) -> dict[str, object] | None:
    try:
        return msgspec.json.decode(reply.text, type=dict[str, object])
    except (ValueError, RecursionError):
        return None


def _is_digits(text: str) -> bool:
    return len(text) == 3 and set(text) <= set("789")


def _picture(colour: bytes) -> bytes:
    """A square of that colour, which is its red, green and blue, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + colour * _SIDE) * _SIDE)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
