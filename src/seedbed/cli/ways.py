"""The way of a request in words.

Floor 6.
"""

from collections.abc import Iterator

from seedbed.cli import show
from seedbed.core.money import Amount, Entry
from seedbed.core.route import CANCELLED, CASCADE, Attempt, Led, Route

A_MOMENT = 5_000
"""Microseconds: who waited for less did not wait."""


def sentences(request_id: str, entry: Entry | None, way: Route | None) -> Iterator[str]:
    """What a request waited for, where it went, what it shared, and what that saved."""
    yield from _where(entry, way)
    yield from _ended(entry, way)
    first, dot, _ = request_id.rpartition(".")
    if way is None and dot:
        yield f"It was one attempt of a cascade; the way of {first} tells of all."
    elif way is None:
        yield "It waited for no place, and followed nobody."
    else:
        yield _line(way)
        if way.led:
            yield _followed(way.led)
    if entry is not None:
        read, cached = entry.usage.input, entry.usage.input_cache_read
        yield (
            f"It read {read:,} tokens, {cached:,} of them from the cache, wrote "
            f"{entry.usage.output:,}, and cost {entry.spent}."
        )
        if way is not None:
            yield from _gains(way, entry)


def _where(entry: Entry | None, way: Route | None) -> Iterator[str]:
    if way is None or not way.attempts:
        if way is not None and way.code == CANCELLED:
            yield "It went nowhere."
        elif way is not None and way.code:
            yield f"It went nowhere: it was refused with {way.code!r}{_because(way.why)}."
        elif entry is not None:
            yield f"It went to {entry.deployment}, where alone it could go."
        return
    for attempt in way.attempts:
        yield _attempt(attempt)
    if way.policy != CASCADE and len(way.options) > 1:
        yield f"The policy {way.policy!r} chose among {len(way.options)} deployments."


def _ended(entry: Entry | None, way: Route | None) -> Iterator[str]:
    """How it ended, where its last attempt does not tell."""
    code = way.code if way else ""
    if CANCELLED in {code, entry.stop if entry else ""}:
        yield "Its caller left before its end."
    elif way and way.attempts and code not in {"", way.attempts[-1].code}:
        yield f"It ended with {code!r}{_because(way.why)}."


def _because(why: str) -> str:
    return f": {why.removesuffix('.')}" if why else ""


def _attempt(attempt: Attempt) -> str:
    if not attempt.code:
        return f"It went to {attempt.deployment}{': ' if attempt.why else ''}{attempt.why}."
    told = f"({attempt.code}){_because(attempt.why)}."
    if attempt.begun:
        return f"It went to {attempt.deployment}, which began to answer and failed {told}"
    return f"It was not answered by {attempt.deployment} {told}"


def _line(way: Route) -> str:
    if way.waited < A_MOMENT:
        return "It waited for no place."
    others = "1 other" if way.position == 1 else f"{way.position:,} others"
    before = f", behind {others}" if way.position else ""
    return f"It waited {show.seconds(way.waited)} for a place{before}."


def _followed(led: Led) -> str:
    if led.gave_up:
        return (
            f"It waited {show.seconds(led.held)} for {led.by}, which was computing the same "
            f"{led.shared:,} bytes that its prompt begins with, and went on before these were done."
        )
    begin = f"It followed {led.by} for {show.seconds(led.held)}, which was computing "
    if not led.shared:
        return begin + "the same beginning, and got nothing of it."
    return begin + f"the same {led.shared:,} bytes that its prompt begins with."


def _gains(way: Route, entry: Entry) -> Iterator[str]:
    """What was saved by what was read before, and by a cascade."""
    currency = entry.spent.currency
    if (gain := way.spared) is not None:
        shown = "" if entry.usage.input_cache_read else ", which its time shows to be in the cache,"
        yield (
            f"To read {gain.tokens:,} of these tokens{shown} anew would have taken about "
            f"{show.seconds(gain.time)} more, and {Amount(gain.micros, currency)}."
        )
    if way.saved is not None:
        saved = Amount(way.saved.dearest - way.saved.spent, currency)
        word = "saved" if saved.micros >= 0 else "lost"
        yield f"The cascade {word} {Amount(abs(saved.micros), currency)}."
