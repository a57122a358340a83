"""`seedbed route`: which way requests took, and why.

Floor 6.
"""

from collections.abc import Iterator

import click
import msgspec

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.errors import RouteUnknown
from seedbed.core.money import MICROS, Entry
from seedbed.core.route import Attempt, Option, Route


@click.group()
def route() -> None:
    """Which deployment a request went to, and why."""


@route.command()
@click.argument("request_id")
@show.json_option
@pass_house
def explain(house: House, *, request_id: str, as_json: bool) -> None:
    """Say what a request waited for, where it went, what it shared, and what that saved.

    REQUEST_ID is the `x-request-id` of its answer; `seedbed usage --json` lists them, too. Ways are
    kept for 30 days.
    """
    entry, way = house.routes().find_now(request_id)
    if entry is None and way is None:
        raise RouteUnknown(request_id)
    if as_json:
        show.as_json({"route": msgspec.to_builtins(way), "entry": _told(entry)})
        return
    for line in sentences(entry, way):
        show.say(line, on=show.OUT)
    if way and len(way.options) > 1:
        show.OUT.print()
        show.table(
            ("deployment", "cost", "first token", "whole", "in line", "cached", "why"),
            [_row(option) for option in way.options],
            right=("cost", "first token", "whole", "in line", "cached"),
        )


@route.command()
@click.option(
    "--last",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="How many of the newest to list.",
)
@show.json_option
@pass_house
def ls(house: House, *, last: int, as_json: bool) -> None:
    """The newest requests that had a choice, waited, shared or were turned away."""
    ways = house.routes().newest_now(last=last)
    if as_json:
        show.as_json([msgspec.to_builtins(way) for way in ways])
    elif not ways:
        show.OUT.print(
            "No request had a choice, waited, shared or was turned away yet.", markup=False
        )
    else:
        show.table(
            ("when", "request", "model", "went to", "waited", "followed"),
            [
                (
                    show.moment(way.at),
                    way.request_id,
                    way.model,
                    _went(way),
                    show.seconds(way.waited),
                    f"{way.led.shared:,} bytes of {way.led.by}" if way.led else "",
                )
                for way in reversed(ways)
            ],
            right=("waited",),
        )


def sentences(entry: Entry | None, way: Route | None) -> Iterator[str]:
    """The way of a request in words."""
    yield from _where(entry, way)
    if way is None:
        yield "It waited for nobody and shared nothing that was told."
    else:
        yield _line(way)
        yield from _shared(way)
    if entry is not None:
        read, cached = entry.usage.input, entry.usage.input_cache_read
        yield (
            f"It read {read:,} tokens, {cached:,} of them from the cache, wrote "
            f"{entry.usage.output:,}, and cost {entry.spent}."
        )
    if way and way.saved:
        yield _saved(way, entry)


def _where(entry: Entry | None, way: Route | None) -> Iterator[str]:
    if way is None or not way.attempts:
        if way is not None and way.code:
            yield f"It went nowhere: it was refused with {way.code!r}."
        elif entry is not None:
            yield f"It went to {entry.deployment}, the only deployment of {entry.model!r}."
        return
    for attempt in way.attempts:
        yield _attempt(attempt)
    if len(way.options) > 1:
        yield f"The policy {way.policy!r} chose among {len(way.options)} deployments."


def _attempt(attempt: Attempt) -> str:
    if not attempt.code:
        return f"It went to {attempt.deployment}{': ' if attempt.why else ''}{attempt.why}."
    return f"It was sent to {attempt.deployment}, which failed ({attempt.code}): {attempt.why}"


def _line(way: Route) -> str:
    if not way.waited:
        return "It waited for no place."
    before = f", behind {way.position:,} others" if way.position else ""
    return f"It waited {show.seconds(way.waited)} for a place{before}."


def _shared(way: Route) -> Iterator[str]:
    if way.led is None:
        return
    held = f"for {show.seconds(way.led.held)}"
    yield (
        f"It followed {way.led.by} {held}, which was computing the same {way.led.shared:,} bytes "
        "that its prompt begins with, and then found them in the cache."
    )


def _saved(way: Route, entry: Entry | None) -> str:
    assert way.saved is not None  # noqa: S101 - whoever asks has seen it
    currency = entry.spent.currency if entry else ""
    gain = way.saved.dearest - way.saved.spent
    word = "saved" if gain >= 0 else "lost"
    failed = "".join(f" It failed: {why}." for why in way.saved.failures)
    return f"The cascade {word} {abs(gain) / MICROS:.6f} {currency}.{failed}"


def _went(way: Route) -> str:
    if way.attempts and not way.attempts[-1].code:
        return way.attempts[-1].deployment
    return f"nowhere ({way.code or 'failed'})"


def _row(option: Option) -> tuple[str, ...]:
    def seconds(value: float | None) -> str:
        return "" if value is None else f"{value:.2f} s"

    cost = "" if option.micros is None else f"{option.micros / MICROS:.6f}"
    return (
        option.deployment,
        cost,
        seconds(option.first),
        seconds(option.total),
        seconds(option.waiting),
        f"{option.cached:,}",
        option.why,
    )


def _told(entry: Entry | None) -> dict[str, object] | None:
    if entry is None:
        return None
    return {
        "model": entry.model,
        "deployment": entry.deployment,
        "input": entry.usage.input,
        "input_cache_read": entry.usage.input_cache_read,
        "output": entry.usage.output,
        "spent": entry.spent.decimal,
        "currency": entry.spent.currency,
        "took_us": entry.took,
        "first_us": entry.first,
        "held_us": entry.held,
        "stop": entry.stop,
    }
