"""What comes back in OpenAI's words: the chunks of a stream, vectors and scores.

Floor 3. Servers leave out and add what they like, so nothing is needed that can be done without.
"""

import base64
import binascii
import struct
from collections.abc import Iterator, Sequence

import msgspec

from seedbed.core.event import CallDelta, Likely, ReasoningDelta, Stop, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams import faults
from seedbed.engines.upstreams.base import (
    Broken,
    Ended,
    Over,
    Piece,
    Scores,
    Told,
    Unreadable,
    Vectors,
    decode,
)

_STOPS = {
    "stop": Stop.END,
    "length": Stop.LENGTH,
    "tool_calls": Stop.CALL,
    "function_call": Stop.CALL,
    "content_filter": Stop.FILTER,
}


class _Cached(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Thought(msgspec.Struct):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Cached | None = None
    completion_tokens_details: _Thought | None = None

    @property
    def counts(self) -> Usage:
        """The same in counters that do not overlap. Of a total alone all was read."""
        prompt, completion = self.prompt_tokens, self.completion_tokens or 0
        if prompt is None:
            prompt = (self.total_tokens or 0) - completion
        cached = self.prompt_tokens_details or _Cached()
        read, write = cached.cached_tokens or 0, cached.cache_write_tokens or 0
        thought = (self.completion_tokens_details or _Thought()).reasoning_tokens or 0
        apart = self.total_tokens == prompt + completion + thought
        visible = completion if apart else completion - thought
        return Usage(prompt - read - write, read, write, visible, thought)


class _Top(msgspec.Struct):
    token: str
    logprob: float


class _Token(msgspec.Struct):
    token: str
    logprob: float
    top_logprobs: list[_Top] | None = None


class _Odds(msgspec.Struct):
    content: list[_Token] | None = None
    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _CallPiece(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Said(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_CallPiece] | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Said | None = None
    text: str | None = None
    logprobs: _Odds | None = None
    finish_reason: str | None = None
    stop_reason: str | int | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: object = None


class _Vector(msgspec.Struct):
    embedding: list[float] | str
    index: int


class _Vectors(msgspec.Struct):
    data: list[_Vector]
    usage: _Usage | None = None


class _Score(msgspec.Struct):
    index: int
    relevance_score: float


class _Scores(msgspec.Struct):
    results: list[_Score]
    usage: _Usage | None = None


_CHUNKS = msgspec.json.Decoder(_Chunk)
_VECTORS = msgspec.json.Decoder(_Vectors)
_SCORES = msgspec.json.Decoder(_Scores)


class Stream:
    """Reads the chunks of one answer."""

    def __init__(self) -> None:
        self._ordinals: dict[int | str, int] = {}
        self._last: int | str = ""

    def read(self, data: bytes) -> list[Piece]:
        """Deltas, then why it ended, then what was used."""
        if data == b"[DONE]":
            return [Over()]
        chunk = decode(_CHUNKS, data)
        if chunk.error:
            return [Broken(faults.message({"error": chunk.error}) or "no reason")]
        pieces: list[Piece] = []
        for choice in chunk.choices or []:
            if choice.index == 0:
                pieces += self._deltas(choice)
        if usage := chunk.usage:
            ended = not chunk.choices or any(isinstance(piece, Ended) for piece in pieces)
            pieces.append(Told(usage.counts, whole=ended or bool(usage.completion_tokens)))
        return pieces

    def _deltas(self, choice: _Choice) -> Iterator[Piece]:
        said = choice.delta or _Said()
        if thought := said.reasoning_content or said.reasoning:
            yield ReasoningDelta(thought, tokens=0)
        text = (choice.text or "") + (said.content or "") + (said.refusal or "")
        likely = _likely(choice.logprobs)
        if text or likely:
            yield TextDelta(text, tokens=0, likely=likely)
        for piece in said.tool_calls or []:
            yield self._call(piece)
        if choice.finish_reason:
            yield Ended(_stop(choice))

    def _call(self, piece: _CallPiece) -> CallDelta:
        """Servers that give no index give each call an id, or the whole of it at once."""
        function = piece.function or _Function()
        key = piece.index if piece.index is not None else piece.id
        if key is None:
            key = f"call {len(self._ordinals)}" if function.name else self._last
        first = key not in self._ordinals
        ordinal = self._ordinals.setdefault(key, len(self._ordinals))
        self._last = key
        arguments = function.arguments or ""
        if not first:
            return CallDelta(ordinal, arguments, tokens=0)
        if not function.name:
            raise Unreadable("a call begins without a name")
        made = piece.id or f"call_{ordinal}"
        return CallDelta(ordinal, arguments, id=made, name=function.name, tokens=0)


def _stop(choice: _Choice) -> Stop:
    reason = choice.finish_reason or ""
    if reason not in _STOPS:
        raise Unreadable(f"it ended for the unknown reason {reason[:40]!r}")
    at_text = reason == "stop" and isinstance(choice.stop_reason, str)
    return Stop.SEQUENCE if at_text else _STOPS[reason]


def _likely(odds: _Odds | None) -> tuple[Likely, ...]:
    """Both forms: the one of chats, and the older one of completions."""
    if odds is None:
        return ()
    if odds.content is not None:
        return tuple(
            Likely(
                one.token,
                one.logprob,
                tuple(Likely(top.token, top.logprob) for top in one.top_logprobs or []),
            )
            for one in odds.content
        )
    tokens, drawn = odds.tokens or [], odds.token_logprobs or []
    tops = odds.top_logprobs or [None] * len(tokens)
    if not len(tokens) == len(drawn) == len(tops):
        raise Unreadable("tokens and their likelihoods do not match")
    return tuple(
        Likely(text, logprob, tuple(Likely(t, p) for t, p in (top or {}).items()))
        for text, logprob, top in zip(tokens, drawn, tops, strict=True)
        if logprob is not None
    )


def vectors(body: bytes) -> Vectors:
    """Lists of numbers, or base64 of 32-bit floats.

    Raises:
        Unreadable: it is neither, or two are of the same text.
    """
    page = decode(_VECTORS, body)
    found = {item.index: _floats(item.embedding) for item in page.data}
    if len(found) < len(page.data):
        raise Unreadable("two vectors are of the same text")
    return Vectors(found, page.usage.counts if page.usage else None)


def scores(body: bytes) -> Scores:
    """Results in any order.

    Raises:
        Unreadable: they are none, or two are of the same text.
    """
    page = decode(_SCORES, body)
    found = {item.index: item.relevance_score for item in page.results}
    if len(found) < len(page.results):
        raise Unreadable("two scores are of the same text")
    return Scores(found, page.usage.counts if page.usage else None)


def _floats(vector: list[float] | str) -> Sequence[float]:
    if isinstance(vector, list):
        return vector
    try:
        data = base64.b64decode(vector, validate=True)
        return struct.unpack(f"<{len(data) // 4}f", data)
    except (binascii.Error, struct.error) as error:
        raise Unreadable(f"a vector is no base64 of 32-bit floats ({error})") from error
