"""What an upstream's refusal means, and its words made safe to pass on.

Floor 3. Upstreams agree on statuses and on little else, so their words are looked for in every
shape that is in use. A secret is struck out of them.
"""

import re
from typing import cast

import msgspec

from seedbed.core.errors import (
    EngineFailed,
    PromptTooLong,
    RequestMalformed,
    SeedbedError,
    UpstreamRefused,
)

_LONGEST_WORDS = 300
_DEEPEST = 8
_NAMES = ("error", "message", "detail", "msg")
"""Where the sentence is, from the outside in."""
_OURS = frozenset({401, 402, 403, 429})
"""Statuses about our key, our account or our pace."""
_CALLERS = frozenset({400, 413, 415, 422, 451})
"""Statuses about the request itself."""
_PLAIN = {
    401: "it does not accept the key",
    402: "the account is not paid for",
    403: "the key may not do that",
    429: "too much was asked of it at once",
}
_NUMBERS = (
    re.compile(r"\((?P<tokens>[\d,]+) in the messages.*?context length is (?P<window>[\d,]+)"),
    re.compile(
        r"context length is (?P<window>[\d,]+).*?\((?P<tokens>[\d,]+) in the (messages|prompt)"
    ),
    re.compile(
        r"context length is (?P<window>[\d,]+).*?(resulted in|requested|has) (?P<tokens>[\d,]+)"
    ),
    re.compile(r"(?P<tokens>[\d,]+) tokens > (?P<window>[\d,]+)"),
    re.compile(r"\((?P<tokens>[\d,]+) tokens\).*?context (length|size) \((?P<window>[\d,]+)"),
)


def words(text: str, *, secret: str | None) -> str:
    """Foreign words on one line: at most 300 characters, no control characters, no secret."""
    seen = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if secret:
        seen = seen.replace(secret, "[key]")
    cut = seen if len(seen) <= _LONGEST_WORDS else f"{seen[:_LONGEST_WORDS]}\N{HORIZONTAL ELLIPSIS}"
    return cut.rstrip(". ")


def message(said: object) -> str:
    """The sentence in an upstream's error, whichever of the usual shapes that has."""
    for _ in range(_DEEPEST):
        if isinstance(said, str):
            return said
        if isinstance(said, list):
            said = next(iter(cast("list[object]", said)), None)
        elif isinstance(said, dict):
            told = cast("dict[str, object]", said)
            said = next((told[name] for name in _NAMES if told.get(name)), None)
        else:
            break
    return ""


def refusal(
    model: str, status: int, body: bytes, *, secret: str | None, retry_after: int | None = None
) -> SeedbedError:
    """The error for an answer that is none; `retry_after` is in seconds, where it was told.

    A status of the 300s is a refusal, too: nobody is followed to another address with a secret.
    """
    said = words(sentence(body), secret=secret)
    if status in _OURS:
        plain = _PLAIN[status] if status == 401 or not said else said
        return UpstreamRefused(model, status=status, said=plain, retry_after=retry_after)
    if 300 <= status < 400:
        why = f"its provider answered {status}, which sends elsewhere and is not followed"
        return EngineFailed(model, why=why)
    if status in _CALLERS:
        return _too_long(model, body, said) or RequestMalformed(
            f"The provider of {model!r} refused the request: {said or f'status {status}'}.",
            hint="Change what it names.",
            field="messages",
        )
    why = f"its provider answered {status}: {said or 'no reason'}"
    return EngineFailed(model, why=why, retry_after=retry_after)


def sentence(body: bytes) -> str:
    """The sentence in a refusal that came as bytes."""
    text = body.decode(errors="replace").strip()
    try:
        found = message(msgspec.json.decode(body))
    except (ValueError, RecursionError):
        found = "a page for people" if text.startswith("<") else text
    return found


class _Counts(msgspec.Struct, frozen=True):
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class _Counted(msgspec.Struct):
    error: _Counts = _Counts()


_COUNTED = msgspec.json.Decoder(_Counted)


def _too_long(model: str, body: bytes, said: str) -> PromptTooLong | None:
    """That the prompt alone fills the window, where both numbers can be read and say so."""
    try:
        counts = _COUNTED.decode(body).error
    except (ValueError, RecursionError):
        counts = _Counts()
    tokens, window = counts.n_prompt_tokens, counts.n_ctx
    found = next((m for pattern in _NUMBERS if (m := pattern.search(said))), None)
    if found and not tokens:
        tokens, window = (int(found[name].replace(",", "")) for name in ("tokens", "window"))
    return PromptTooLong(model, tokens=tokens, window=window) if tokens >= window > 0 else None
