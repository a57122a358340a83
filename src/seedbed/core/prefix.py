"""How a prompt begins, as a chain of hashes: two asks with a link in common begin alike up to it.

Floor 1. A gateway has no tokenizer for the engines of others, so a chain is made of the text that
is told. Equal links stand for equal tokens, but for the last few and for what a chat template makes
of an ask: enough to guess what an engine has in its cache, and no address to keep it under.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import chain as joined

from seedbed.core.ask import Ask, Tool
from seedbed.core.message import Call, Media, Message, Opaque, Part, Reasoning, Result, Role, Text
from seedbed.core.model import adapter_of
from seedbed.core.value import value

_FIRST_ENDS = (64, 128, 256, 512)
_BLOCK = 512
"""Bytes from one end to the next behind the first ones, which tell short system texts apart."""
_DIGEST = 16
_TOOL, _MESSAGE, _RESULT, _CALL = "\x01", "\x02", "\x03", "\x04"
"""What parts begin with, so that words that change their speaker are other words."""


_HEADS = {role: f"{_MESSAGE}{role.value}\n" for role in Role}


@value
class Link:
    """All of a prompt up to a block's end: its digest, and how many bytes of it that is."""

    digest: bytes
    end: int


def chain(ask: Ask) -> tuple[Link, ...]:
    """The links of an ask's prompt, the shortest first; what is behind the last end has none.

    It hashes what engines tell a model, and no more: the tools that may be called, and of each
    message its results, its words as one, and its calls. What was thought and the ids of calls are
    left out, since few engines tell them: where they do, two prompts are taken to be more alike
    than they are, which costs a little, and never to be less alike, which would tell. With another
    adapter all of a prompt is computed otherwise, so that it begins otherwise.
    """
    told = "".join(_told(ask)).encode()
    if len(told) < _FIRST_ENDS[0]:
        return ()
    hasher = hashlib.blake2b(adapter_of(ask.model).encode(), digest_size=_DIGEST)
    links: list[Link] = []
    begin, view = 0, memoryview(told)
    for end in joined(_FIRST_ENDS, range(2 * _BLOCK, len(told) + 1, _BLOCK)):
        if end > len(told):
            break
        hasher.update(view[begin:end])
        links.append(Link(hasher.digest(), end))
        begin = end
    return tuple(links)


def _told(ask: Ask) -> list[str]:
    """A prompt as text, in pieces."""
    told: list[str] = []
    if not ask.raw:
        told += [_of_tool(tool) for tool in ask.tools if _is_offered(tool, ask)]
    for message in ask.messages:
        if not ask.raw:
            told.append(_HEADS[message.role])
        parts = message.parts
        if len(parts) == 1 and type(parts[0]) is Text:  # as usual, without looking further
            told.append(parts[0].text)
        else:
            told += _words(parts) if ask.raw else _of_message(message)
    return told


def _is_offered(tool: Tool, ask: Ask) -> bool:
    policy = ask.tool_policy
    return policy.mode != "none" and (not policy.only or tool.name in policy.only)


def _of_tool(tool: Tool) -> str:
    schema = json.dumps(tool.schema, ensure_ascii=False, default=repr)
    return f"{_TOOL}{tool.name}\n{tool.description}\n{schema}"


def _of_message(message: Message) -> Iterator[str]:
    """Its results, then its words, then its calls, in whatever order they stand."""
    for part in message.parts:
        if type(part) is Result:
            yield _RESULT
            yield from _words(part.parts)
    yield from _words(message.parts)
    for part in message.parts:
        if type(part) is Call:
            yield f"{_CALL}{part.name}\n{part.arguments}"


def _words(parts: Iterable[Part]) -> Iterator[str]:
    """Texts as they are, and a digest of what is no text."""
    for part in parts:
        match part:
            case Text(text=text):
                yield text
            case Media(kind=kind, source=source):
                yield f"{kind.value} {_digest(source)}"
            case Opaque(dialect=dialect, data=data):
                yield f"{dialect} {_digest(repr(data))}"
            case Reasoning() | Call() | Result():  # pragma: no branch - the last of the kinds
                pass


def _digest(source: str | bytes) -> str:
    content = source.encode() if isinstance(source, str) else source
    return hashlib.blake2b(content, digest_size=_DIGEST).hexdigest()
