"""Entries for other programs: as lines of CSV, and as JSON.

Floor 6. Money is decimal text with all six places, never a number that a reader could round. A
text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from seedbed.cli import show
from seedbed.core.errors import SettingRefused
from seedbed.core.money import Amount, Entry
from seedbed.kit import atomic

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    "request_id",
    "began",
    "key",
    "user",
    "project",
    "model",
    "deployment",
    "modality",
    "stop",
    "input_fresh",
    "input_cache_read",
    "input_cache_write",
    "output_visible",
    "output_reasoning",
    "images",
    "film_milliseconds",
    "sound_milliseconds",
    "held_microseconds",
    "took_microseconds",
    "first_microseconds",
    "reserved",
    "cost",
    "shadow",
    "currency",
)


def write_csv(target: str, entries: Iterable[Entry], names: Mapping[str, str]) -> int:
    """Write entries to a file, whole or not at all, or to standard output, which is `-`.

    `names` has the name of each key by its id. Returns how many entries there were.

    Raises:
        SettingRefused: the file cannot be written.
    """
    if target == "-":
        count = _write(sys.stdout, entries, names)
        sys.stdout.flush()
        return count
    path = Path(target).absolute()
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            count = _write(file, entries, names)
        atomic.move(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise SettingRefused(
            f"{target} cannot be written: {error.strerror}.",
            hint="Name a file in a folder that is there and that you may write to.",
        ) from error
    return count


def told(entry: Entry, names: Mapping[str, str]) -> dict[str, object]:
    """An entry as JSON has it."""
    return {
        "request_id": entry.request_id,
        "began": show.moment(entry.began),
        "key": names.get(entry.principal.key, entry.principal.key),
        "user": entry.principal.user,
        "project": entry.principal.project,
        "model": entry.model,
        "deployment": entry.deployment,
        "modality": entry.modality.value,
        "input_tokens": entry.usage.input,
        "input_tokens_from_cache": entry.usage.input_cache_read,
        "output_tokens": entry.usage.output,
        "held_seconds": entry.held / 1e6,
        "took_seconds": entry.took / 1e6,
        "first_seconds": None if entry.first is None else entry.first / 1e6,
        "reserved": entry.reserved.decimal,
        "cost": entry.spent.decimal,
        "shadow": decimal(entry.shadow),
        "currency": entry.spent.currency,
        "stop": entry.stop,
    }


def decimal(amount: Amount | None) -> str | None:
    """The number of an amount, where there is one."""
    return None if amount is None else amount.decimal


def _write(file: TextIO, entries: Iterable[Entry], names: Mapping[str, str]) -> int:
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(_COLUMNS)
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007 - it is the count of all in the end
        lines.writerow(_line(entry, names))
    return count


def _line(entry: Entry, names: Mapping[str, str]) -> Sequence[object]:
    principal = entry.principal
    texts = (
        entry.request_id,
        show.moment(entry.began),
        names.get(principal.key, principal.key),
        principal.user,
        principal.project,
        entry.model,
        entry.deployment,
        entry.modality.value,
        entry.stop,
    )
    return (
        *map(plain, texts),
        *entry.usage.counts(),
        entry.usage.images,
        entry.usage.film_milliseconds,
        entry.usage.sound_milliseconds,
        entry.held,
        entry.took,
        entry.first,
        entry.reserved.decimal,
        entry.spent.decimal,
        decimal(entry.shadow),
        entry.spent.currency,
    )


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> plain("=1+1"), plain("ann")
    ("'=1+1", 'ann')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
