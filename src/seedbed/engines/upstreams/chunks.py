"""What comes back in OpenAI's words: an answer in chunks, or in one piece.

Floor 3. A whole answer is read as a chunk is that holds all of it.
"""

from collections.abc import Callable, Sequence

import msgspec

from seedbed.core.event import CallDelta, ReasoningDelta, TextDelta
from seedbed.engines.upstreams import faults, forwarding
from seedbed.engines.upstreams.base import (
    Broken,
    Delta,
    Named,
    Over,
    Piece,
    Told,
    Unreadable,
)
from seedbed.engines.upstreams.choices import (
    CHOICES,
    CallPiece,
    Choice,
    Function,
    Said,
    ended,
    likely,
)
from seedbed.engines.upstreams.counted import Counted


class _Chunk(msgspec.Struct):
    choices: msgspec.Raw = msgspec.Raw(b"null")
    usage: Counted | None = None
    error: object = None
    model: str | None = None


_CHUNKS = msgspec.json.Decoder(_Chunk)
_OVER = (Over(),)
_NOTHING = Said()


class Stream:
    """Reads one answer."""

    __slots__ = ("_before", "_behind", "_last", "_named", "_ordinals")

    def __init__(self) -> None:
        self._ordinals: dict[int | str, int] = {}
        self._last: int | str = ""
        self._named: str | None = None
        self._before = self._behind = b""
        """What stood about the choices of a chunk that held nothing else: the same in most."""

    def read(self, data: bytes) -> Sequence[Piece]:
        """Deltas, then why it ended, then what was used."""
        if data == b"[DONE]":
            return _OVER
        before, behind = self._before, self._behind
        if before and data.startswith(before) and data.endswith(behind):
            raw = data[len(before) : -len(behind)]
            try:
                choices = CHOICES.decode(raw) or ()
            except (ValueError, RecursionError):
                pass  # no value by itself, and so not all that differs; or one that must be refused
            else:
                return self._told(choices, raw, self._piece)
        return self._read(data, self._piece)

    def whole(self, body: bytes) -> Sequence[Piece]:
        """The same of a whole answer."""
        return self._read(body, self._whole)

    def _read(
        self, data: bytes, pieces_of: Callable[[Choice, bytes], list[Piece]]
    ) -> Sequence[Piece]:
        """Of several answers the first is read, and then there is nothing to forward.

        Raises:
            Unreadable: it is not of the dialect.
        """
        try:
            chunk = _CHUNKS.decode(data)
            raw = bytes(chunk.choices)
            choices = CHOICES.decode(raw) or ()
        except (ValueError, RecursionError) as error:
            raise Unreadable(str(error)) from error
        if chunk.error:
            return [Broken(faults.message({"error": chunk.error}) or "no reason")]
        pieces = self._told(choices, raw, pieces_of)
        if chunk.model and chunk.model != self._named:
            self._named = chunk.model
            pieces.insert(0, Named(chunk.model))
        if usage := chunk.usage:
            whole = usage.completion_tokens or not choices or any(c.finish_reason for c in choices)
            pieces.append(Told(usage.counts, bool(whole)))
        elif choices and data.count(raw) == 1:
            self._before, _, self._behind = data.partition(raw)
        return pieces

    def _told(
        self,
        choices: Sequence[Choice],
        raw: bytes,
        pieces_of: Callable[[Choice, bytes], list[Piece]],
    ) -> list[Piece]:
        if len(choices) == 1 and not choices[0].index:
            return pieces_of(choices[0], raw)
        firsts = [choice for choice in choices if not choice.index]
        return [piece for choice in firsts for piece in pieces_of(choice, b"")]

    def _piece(self, choice: Choice, raw: bytes) -> list[Piece]:
        if delta := forwarding.words(choice, raw):
            return [delta]
        deltas = self._deltas(choice, choice.delta or _NOTHING)
        pieces: list[Piece] = [*forwarding.forwarded(choice, raw, deltas)]
        if choice.finish_reason:
            pieces.append(ended(choice))
        return pieces

    def _whole(self, choice: Choice, raw: bytes) -> list[Piece]:
        said = choice.message or _NOTHING
        for at, call in enumerate(said.tool_calls or ()):
            call.index = at
        deltas = self._deltas(choice, said)
        pieces: list[Piece] = [*deltas]
        if choice.finish_reason:
            pieces.append(ended(choice, forwarding.whole(choice, raw, deltas)))
        return pieces

    def _deltas(self, choice: Choice, said: Said) -> list[Delta]:
        deltas: list[Delta] = []
        if thought := said.reasoning_content or said.reasoning:
            deltas.append(ReasoningDelta(thought, tokens=0))
        text = (choice.text or "") + (said.content or "") + (said.refusal or "")
        odds = likely(choice.logprobs) if choice.logprobs else ()
        if text or odds:
            deltas.append(TextDelta(text, 0, odds))
        if said.tool_calls:
            deltas += map(self._call, said.tool_calls)
        return deltas

    def _call(self, piece: CallPiece) -> CallDelta:
        """Servers that give no index give each call an id, or the whole of it at once."""
        function = piece.function or Function()
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
