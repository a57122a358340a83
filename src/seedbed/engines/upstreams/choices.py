"""What one choice of an answer holds in OpenAI's words, in a chunk or whole.

Floor 3. Servers leave out and add what they like, so nothing is needed that can be done without.
Where leaving out is told from `null`, it is for `forwarding.py`.
"""

import msgspec
from msgspec import UNSET, UnsetType

from seedbed.core.event import Likely, Stop, Wire
from seedbed.engines.upstreams.base import Ended, Unreadable

_STOPS = {
    "stop": Stop.END,
    "length": Stop.LENGTH,
    "tool_calls": Stop.CALL,
    "function_call": Stop.CALL,
    "content_filter": Stop.FILTER,
}


class _Top(msgspec.Struct):
    token: str
    logprob: float


class _Token(msgspec.Struct):
    token: str
    logprob: float
    top_logprobs: list[_Top] | None = None


class Odds(msgspec.Struct):
    """How likely tokens were: in the form of chats, or the older one of completions."""

    content: list[_Token] | None = None
    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class Function(msgspec.Struct):
    """What is called, or some more of its arguments."""

    name: str | None = None
    arguments: str | None = None


class CallPiece(msgspec.Struct):
    """A call, or some more of one."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: Function | None = None


class Said(msgspec.Struct):
    """A message, or some more of one."""

    role: str | None = None
    content: str | UnsetType | None = UNSET
    refusal: str | UnsetType | None = UNSET
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[CallPiece] | None = None


class Choice(msgspec.Struct):
    """One of several answers, or some more of it; `delta` in a chunk, `message` whole."""

    index: int | None = None
    delta: Said | None = None
    message: Said | None = None
    text: str | None = None
    logprobs: Odds | UnsetType | None = UNSET
    finish_reason: str | UnsetType | None = UNSET
    stop_reason: str | int | None = None


CHOICES: msgspec.json.Decoder[list[Choice] | None] = msgspec.json.Decoder(list[Choice] | None)


def ended(choice: Choice, wire: Wire | None = None) -> Ended:
    """Why it ended; some servers tell the stop text that was met.

    Raises:
        Unreadable: for a reason that is not known.
    """
    reason = choice.finish_reason or ""
    if reason not in _STOPS:
        raise Unreadable(f"it ended for the unknown reason {reason[:40]!r}")
    if reason == "stop" and isinstance(choice.stop_reason, str):
        return Ended(Stop.SEQUENCE, wire, choice.stop_reason)
    return Ended(_STOPS[reason], wire)


def likely(odds: Odds) -> tuple[Likely, ...]:
    """How likely each token was, from either form.

    Raises:
        Unreadable: they do not match the tokens.
    """
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
