"""`seedbed usage`: what was used, by whom, and what it cost.

Floor 6. Sums and exported entries are read from the books as they stood at one moment, so that they
agree to the millionth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import click

from seedbed.cli import exports, hours, show
from seedbed.cli.hours import Owned
from seedbed.cli.house import House, pass_house
from seedbed.core.errors import SettingRefused
from seedbed.core.money import Entry
from seedbed.store.entries import GROUPINGS, Sum

_EPOCH = date(1970, 1, 1)
_A_DAY = 86_400_000_000
"""In microseconds."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be told: from `since` on and before `until`, in epoch microseconds."""

    by: tuple[str, ...]
    last: int
    since: int | None
    until: int | None
    file: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the books say. `names` has the name of each key by its id."""

    names: Mapping[str, str]
    entries: Sequence[Entry]
    sums: Sequence[Sum]
    owned: Sequence[Owned]
    exported: int


@click.command()
@click.option(
    "--by",
    type=click.Choice(tuple(GROUPINGS)),
    multiple=True,
    default=("model",),
    show_default=True,
    help="Sum by this; may be given more than once.",
)
@click.option("--since", type=show.DAY, help="The first day that is told, in UTC.")
@click.option("--until", type=show.DAY, help="The last day that is told.")
@click.option(
    "--last",
    type=click.IntRange(0, 100_000),
    default=10,
    show_default=True,
    help="How many of the newest entries to list.",
)
@click.option("--csv", "file", metavar="FILE", help="Write every entry there, too; - is here.")
@show.json_option
@pass_house
def usage(  # noqa: PLR0913 - each is an option
    house: House,
    *,
    by: tuple[str, ...],
    since: date | None,
    until: date | None,
    last: int,
    file: str | None,
    as_json: bool,
) -> None:
    """What was used and what it cost. The newest entries, sums, and what own hardware cost."""
    if file == "-" and as_json:
        raise click.UsageError("--csv - and --json do not go together; give --csv a file.")
    by = tuple(dict.fromkeys(by))
    found = _find(house, _Wish(by, last, *_span(since, until), file))
    if file == "-":
        return
    if as_json:
        show.as_json(_told(found, by))
        return
    if file is not None:
        show.ERR.print(f"{found.exported:,} entries are in {file}.", markup=False, soft_wrap=True)
    if not found.sums:
        during = " in those days" if since or until else " yet"
        show.OUT.print(f"Nothing has been used{during}. Try `seedbed chat`.", markup=False)
    else:
        _print(found, by)
    if found.owned:
        show.OUT.print()
        hours.table(found.owned)


def _span(first: date | None, last: date | None) -> tuple[int | None, int | None]:
    """From the beginning of the first day to the end of the last one, in epoch microseconds.

    Raises:
        SettingRefused: the last lies before the first.
    """
    if first and last and last < first:
        raise SettingRefused(
            f"--until {last} lies before --since {first}.",
            hint="--since is the first day that is told, and --until the last one.",
        )
    return first and _micros(first), last and _micros(last) + _A_DAY


def _micros(day: date) -> int:
    return (day - _EPOCH).days * _A_DAY


def _find(house: House, wish: _Wish) -> _Found:
    names = {key.id: key.name for key in house.keys().all()}
    ledger, since, until = house.ledger(), wish.since, wish.until
    entries = ledger.entries(last=wish.last, since=since, until=until)
    with ledger.snapshot() as books:
        exported = 0
        if wish.file is not None:
            every = books.entries(since=since, until=until)
            exported = exports.write_csv(wish.file, every, names)
        sums = books.sums(wish.by, since=since, until=until)
        paid = books.sums(("deployment",), since=since, until=until)
        owned = hours.owned(house, books.hours(since=since, until=until), paid)
    return _Found(names, entries, sums, owned, exported)


def _told(found: _Found, by: Sequence[str]) -> dict[str, object]:
    return {
        "entries": [exports.told(entry, found.names) for entry in found.entries],
        "totals": [_total(one, by, found.names) for one in found.sums],
        "hardware": [hours.told(one) for one in found.owned],
    }


def _total(one: Sum, by: Sequence[str], names: Mapping[str, str]) -> dict[str, object]:
    return {
        **dict(zip(by, _group(one, by, names), strict=True)),
        "requests": one.requests,
        "input_tokens": one.usage.input,
        "input_tokens_from_cache": one.usage.input_cache_read,
        "output_tokens": one.usage.output,
        "held_seconds": one.held / 1e6,
        "cost": one.spent.decimal,
        "written_off": one.written_off.decimal,
        "shadow": exports.decimal(one.shadow),
        "currency": one.spent.currency,
    }


def _group(one: Sum, by: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """The words of a sum, with the names of keys in place of their ids."""
    words = zip(by, one.group, strict=True)
    return [names.get(word, word) if kind == "key" else word for kind, word in words]


def _print(found: _Found, by: Sequence[str]) -> None:
    if found.entries:
        show.table(
            ("when", "key", "model", "in", "out", "held", "ended", "cost"),
            [_row(entry, found.names) for entry in reversed(found.entries)],
            right=("in", "out", "held", "cost"),
        )
        show.OUT.print()
    _print_sums(found, by)


def _print_sums(found: _Found, by: Sequence[str]) -> None:
    """Each sum on a line; what is nowhere but nought has no column."""
    lost = any(one.written_off.micros for one in found.sums)
    beside = any(one.shadow for one in found.sums)
    asides = [*(["written off"] if lost else []), *(["shadow"] if beside else [])]
    columns = (*by, "requests", "in", "out", "held", "cost", *asides)
    show.table(
        columns,
        [
            (
                *_group(one, by, found.names),
                f"{one.requests:,}",
                f"{one.usage.input:,}",
                f"{one.usage.output:,}",
                show.seconds(one.held),
                str(one.spent),
                *([str(one.written_off) if one.written_off.micros else ""] if lost else []),
                *([str(one.shadow or "")] if beside else []),
            )
            for one in found.sums
        ],
        right=columns[len(by) :],
    )


def _row(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        show.moment(entry.began)[5:],
        names.get(entry.principal.key, entry.principal.key),
        entry.model,
        f"{entry.usage.input:,}",
        f"{entry.usage.output:,}",
        show.seconds(entry.held),
        entry.stop,
        str(entry.spent),
    )
