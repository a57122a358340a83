"""`seedbed route`: which way requests took, and why.

Floor 6.
"""

import click
import msgspec

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.cli.ways import A_MOMENT, sentences
from seedbed.core.errors import RouteUnknown
from seedbed.core.money import MICROS, Entry
from seedbed.core.route import CASCADE, Option, Route
from seedbed.serving.attempts import together
from seedbed.store.routes import Routes


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
    kept for 30 days; of those that were refused, the newest 1,000 of each project.
    """
    entry, way = _found(house.routes(), request_id)
    if as_json:
        show.as_json({"route": msgspec.to_builtins(way), "entry": _told(entry)})
        return
    for line in sentences(request_id, entry, way):
        show.say(line, on=show.OUT)
    if way and len(way.options) > 1:
        show.OUT.print()
        told = show.fitted(
            ("deployment", "cost", "first token", "whole", "in line", "cached", "why"),
            [_row(option) for option in way.options],
            left_out=("in line", "cached", "first token"),
            right=("cost", "first token", "whole", "in line", "cached"),
        )
        show.OUT.print(told, crop=False)


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
    """The newest requests that had a choice, waited, shared, failed or were turned away."""
    ways = house.routes().newest_now(last=last)
    if as_json:
        show.as_json([msgspec.to_builtins(way) for way in ways])
    elif not ways:
        show.OUT.print(
            "No request had a choice, waited, shared or was turned away yet.", markup=False
        )
    else:
        told = show.fitted(
            ("when", "request", "model", "went to", "waited", "followed"),
            [
                (
                    show.moment(way.at),
                    way.request_id,
                    way.model,
                    _went(way),
                    show.seconds(way.waited) if way.waited >= A_MOMENT else "",
                    _followed(way),
                )
                for way in reversed(ways)
            ],
            left_out=("model", "when"),
            right=("waited", "followed"),
        )
        show.OUT.print(told, crop=False)


def _found(routes: Routes, request_id: str) -> tuple[Entry | None, Route | None]:
    """What a request was settled with, of a cascade all attempts together, and its way."""
    if not request_id.isprintable():  # bytes that are no text, which no database takes
        raise RouteUnknown(request_id.encode(errors="backslashreplace").decode())
    entry, way = routes.find_now(request_id)
    if entry is None and way is None:
        raise RouteUnknown(request_id)
    if way is None or way.policy != CASCADE:
        return entry, way
    later = (f"{request_id}.{nth}" for nth in range(2, len(way.attempts) + 1))
    entries = (entry, *(routes.find_now(id_)[0] for id_ in later))
    return together(request_id, [one for one in entries if one is not None]), way


def _went(way: Route) -> str:
    if way.attempts and not way.attempts[-1].code:
        return way.attempts[-1].deployment
    return f"nowhere ({way.code or 'failed'})"


def _followed(way: Route) -> str:
    if way.led is None:
        return ""
    return "gave up" if way.led.gave_up else f"{way.led.shared:,} bytes"


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
