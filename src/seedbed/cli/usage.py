"""`seedbed usage`.

Floor 6.
"""

from collections.abc import Mapping, Sequence

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.money import Entry
from seedbed.store.ledger import Total


@click.command()
@click.option(
    "--last",
    type=click.IntRange(0, 100_000),
    default=10,
    show_default=True,
    help="How many of the newest entries to list.",
)
@show.json_option
@pass_house
def usage(house: House, last: int, *, as_json: bool) -> None:
    """What was used and what it cost. Told are the newest entries, and each model's totals."""
    ledger = house.ledger()
    entries, totals = ledger.entries(last=last), ledger.totals()
    names = {key.id: key.name for key in house.keys().all()}
    if as_json:
        show.as_json(
            {"entries": [_entry(e, names) for e in entries], "totals": [_total(t) for t in totals]}
        )
        return
    if not totals:
        show.OUT.print("Nothing has been used yet. Try `seedbed chat`.", markup=False)
        return
    _print(entries, totals, names)


def _print(entries: Sequence[Entry], totals: Sequence[Total], names: Mapping[str, str]) -> None:
    show.table(
        ("when", "key", "model", "in", "out", "held", "ended", "cost"),
        [
            (
                show.moment(e.began)[5:],
                names.get(e.principal.key, e.principal.key),
                e.model,
                f"{e.usage.input:,}",
                f"{e.usage.output:,}",
                show.seconds(e.held),
                e.stop,
                str(e.spent),
            )
            for e in reversed(entries)
        ],
        right=("in", "out", "held", "cost"),
    )
    show.OUT.print()
    show.table(
        ("in all", "requests", "in", "out", "held", "cost"),
        [
            (
                t.model,
                f"{t.requests:,}",
                f"{t.usage.input:,}",
                f"{t.usage.output:,}",
                show.seconds(t.held),
                str(t.spent),
            )
            for t in totals
        ],
        right=("requests", "in", "out", "held", "cost"),
    )


def _entry(entry: Entry, names: dict[str, str]) -> dict[str, object]:
    return {
        "request_id": entry.request_id,
        "began": show.moment(entry.began),
        "key": names.get(entry.principal.key, entry.principal.key),
        "project": entry.principal.project,
        "model": entry.model,
        "deployment": entry.deployment,
        "input_tokens": entry.usage.input,
        "input_tokens_from_cache": entry.usage.input_cache_read,
        "output_tokens": entry.usage.output,
        "held_seconds": entry.held / 1e6,
        "took_seconds": entry.took / 1e6,
        "reserved": entry.reserved.decimal,
        "cost": entry.spent.decimal,
        "currency": entry.spent.currency,
        "stop": entry.stop,
    }


def _total(total: Total) -> dict[str, object]:
    return {
        "model": total.model,
        "requests": total.requests,
        "input_tokens": total.usage.input,
        "output_tokens": total.usage.output,
        "held_seconds": total.held / 1e6,
        "cost": total.spent.decimal,
        "currency": total.spent.currency,
    }
