"""Which choices of a chat in OpenAI's words may be told on as they came.

Floor 3. Those that say, field for field, what a door of the same words would write of their
events; what an upstream adds besides does no harm. All others are told by their events alone:
a `role` in each chunk, for one, is added up by clients, and a refusal or a thought has other names
here and there.
"""

from collections.abc import Sequence
from dataclasses import replace

from seedbed.core.event import CHAT_CHOICES, CHAT_WHOLE, CallDelta, TextDelta, Wire
from seedbed.engines.upstreams.base import Delta
from seedbed.engines.upstreams.choices import CallPiece, Choice, Said

_TOLD = Wire(CHAT_CHOICES, b"")
_REASONS = {"stop", "length", "content_filter"}
"""Why an answer without calls may end."""


def words(choice: Choice, raw: bytes) -> TextDelta | None:
    """The delta of a piece that holds words and nothing else, as most do, with its wire."""
    said = choice.delta
    if said is None or not said.content or said.reasoning_content or said.tool_calls:
        return None
    if not _is_piece(choice, said, raw):
        return None
    return TextDelta(said.content, 0, (), Wire(CHAT_CHOICES, raw))


def forwarded(choice: Choice, raw: bytes, deltas: Sequence[Delta]) -> Sequence[Delta]:
    """The deltas of a piece, with its wire where it may be forwarded: it is on the first."""
    said = choice.delta
    if not deltas or said is None or not _is_piece(choice, said, raw):
        return deltas
    if said.tool_calls and not _are_calls(said.tool_calls, deltas):
        return deltas
    first, *others = deltas
    return [
        replace(first, wire=Wire(CHAT_CHOICES, raw)),
        *(replace(other, wire=_TOLD) for other in others),
    ]


def whole(choice: Choice, raw: bytes, deltas: Sequence[Delta]) -> Wire | None:
    """The wire of a whole answer, where it may be forwarded."""
    said = choice.message
    if said is None or choice.index != 0 or choice.logprobs is not None:
        return None
    if said.role != "assistant" or said.refusal is not None or said.reasoning or choice.text:
        return None
    if said.tool_calls:
        ends_well = choice.finish_reason == "tool_calls" and _are_calls(said.tool_calls, deltas)
        is_said = bool(said.content) or said.content is None
    else:
        ends_well = choice.finish_reason in _REASONS
        is_said = isinstance(said.content, str)
    if not (ends_well and is_said):
        return None
    return Wire(CHAT_WHOLE, raw) if raw and (raw.isascii() or _is_utf8(raw)) else None


def _is_piece(choice: Choice, said: Said, raw: bytes) -> bool:
    """Whether it is the one answer, goes on, and has no field that is told otherwise; and whether
    it came as something that can stand in a line of an event.
    """
    return (
        choice.index == 0
        and choice.finish_reason is None
        and choice.logprobs is None
        and not (said.role or said.refusal or said.reasoning or choice.text)
        and raw != b""
        and b"\n" not in raw
        and b"\r" not in raw
        and (raw.isascii() or _is_utf8(raw))
    )


def _are_calls(pieces: Sequence[CallPiece], deltas: Sequence[Delta]) -> bool:
    calls = [delta for delta in deltas if isinstance(delta, CallDelta)]
    return all(_is_call(piece, delta) for piece, delta in zip(pieces, calls, strict=True))


def _is_call(piece: CallPiece, delta: CallDelta) -> bool:
    """Whether a call has its number, and its id and name in its first piece and in no other."""
    function = piece.function
    if function is None or function.arguments is None or piece.index != delta.ordinal:
        return False
    if delta.id:
        return piece.id == delta.id and piece.type == "function"
    return piece.id is None and function.name is None


def _is_utf8(raw: bytes) -> bool:
    """Whether it is text, in fields that nobody here has read, too."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
