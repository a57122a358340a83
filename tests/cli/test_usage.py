"""`seedbed usage`."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cli.exports import plain
from seedbed.core.access import Principal
from seedbed.core.money import Amount, Entry, Hours, Modality
from seedbed.core.usage import Usage
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from tests.cli.conftest import Seedbed
from tests.store.books import buried, handed_in, opened

BEGAN = 1_800_000_000_000_000
DAY = 86_400_000_000


def entry(at: int, principal: Principal, *, spent: int, model: str = "m") -> Entry:
    return Entry(
        request_id=f"req_{at}",
        principal=principal,
        model=model,
        deployment=f"{model}@here",
        usage=Usage(1000, 200, 34, 50, 6),
        reserved=Amount(5000, "USD"),
        spent=Amount(spent, "USD"),
        held=1_250_000,
        began=BEGAN + at * 1_000_000,
        took=1_300_000,
        stop="end",
        shadow=Amount(44, "USD") if model == "m" else None,
        first=250_000,
    )


def write(home: Path, entries: Sequence[Entry], hours: Sequence[Hours] = ()) -> None:
    async def work() -> None:
        ledger = Ledger(open_database(home / "seedbed.db"))
        lease = await opened(ledger, 2_000_000, now=BEGAN)
        await handed_in(ledger, lease, entries, now=BEGAN)
        await ledger.add_hours(hours)

    anyio.run(work)


@pytest.fixture
def used(home: Path) -> None:
    """Three entries: two of a key that is known, one of a key that is gone."""
    key, _ = Keys(open_database(home / "seedbed.db")).create(
        "ann", user="ann", project="p", scopes=frozenset(), now=1
    )
    gone = Principal("bob", "q", "key_gone", frozenset())
    entries = [
        entry(0, key.principal, spent=17),
        entry(1, gone, spent=1_000_000, model="dear"),
        entry(2, key.principal, spent=3),
    ]
    write(home, entries)


def test_before_anything_was_used_it_says_so_and_what_to_do(seedbed: Seedbed) -> None:
    assert seedbed("usage").out == "Nothing has been used yet. Try `seedbed chat`.\n"
    assert seedbed("usage", "--json").json == {
        "entries": [],
        "totals": [],
        "hardware": [],
    }


@pytest.mark.usefixtures("used")
def test_entries_and_totals_are_told_in_full_to_programs(seedbed: Seedbed) -> None:
    told = seedbed("usage", "--json").json
    assert told["entries"][0] == {
        "request_id": "req_2",
        "began": "2027-01-15 08:00:02Z",
        "key": "ann",
        "user": "ann",
        "project": "p",
        "model": "m",
        "deployment": "m@here",
        "modality": "text",
        "input_tokens": 1234,
        "input_tokens_from_cache": 200,
        "output_tokens": 56,
        "held_seconds": 1.25,
        "took_seconds": 1.3,
        "first_seconds": 0.25,
        "reserved": "0.005000",
        "cost": "0.000003",
        "shadow": "0.000044",
        "currency": "USD",
        "stop": "end",
    }
    assert [e["request_id"] for e in told["entries"]] == ["req_2", "req_1", "req_0"]
    assert told["entries"][1]["key"] == "key_gone"
    assert told["totals"] == [
        {
            "model": "dear",
            "requests": 1,
            "input_tokens": 1234,
            "input_tokens_from_cache": 200,
            "output_tokens": 56,
            "held_seconds": 1.25,
            "cost": "1.000000",
            "written_off": "0.000000",
            "shadow": None,
            "currency": "USD",
        },
        {
            "model": "m",
            "requests": 2,
            "input_tokens": 2468,
            "input_tokens_from_cache": 400,
            "output_tokens": 112,
            "held_seconds": 2.5,
            "cost": "0.000020",
            "written_off": "0.000000",
            "shadow": "0.000088",
            "currency": "USD",
        },
    ]


@pytest.mark.usefixtures("used")
def test_people_read_the_newest_entry_last_and_then_the_totals(seedbed: Seedbed) -> None:
    lines = [line.split() for line in seedbed("usage").out.splitlines()]
    head = "when key model in out held ended cost".split()  # noqa: SIM905 - as it stands there
    assert lines[0] == head
    assert [line[1:] for line in lines[1:4]] == [
        ["08:00:00Z", "ann", "m", "1,234", "56", "1.25", "s", "end", "0.000017", "USD"],
        ["08:00:01Z", "key_gone", "dear", "1,234", "56", "1.25", "s", "end", "1.000000", "USD"],
        ["08:00:02Z", "ann", "m", "1,234", "56", "1.25", "s", "end", "0.000003", "USD"],
    ]
    assert lines[4] == []
    assert lines[5] == ["model", "requests", "in", "out", "held", "cost", "shadow"]
    assert lines[6] == ["dear", "1", "1,234", "56", "1.25", "s", "1.000000", "USD"]
    assert lines[7] == [
        "m",
        "2",
        "2,468",
        "112",
        "2.50",
        "s",
        "0.000020",
        "USD",
        *("0.000088", "USD"),
    ]


@pytest.mark.usefixtures("used")
def test_only_so_many_entries_are_listed_and_all_are_in_the_totals(seedbed: Seedbed) -> None:
    told = seedbed("usage", "--last", "1", "--json").json
    assert [e["request_id"] for e in told["entries"]] == ["req_2"]
    assert sum(total["requests"] for total in told["totals"]) == 3
    assert seedbed("usage", "--last", "0", "--json").json["entries"] == []
    assert seedbed("usage", "--last", "-1").status == 2


def test_books_that_cannot_be_read_are_an_error_that_names_them(
    seedbed: Seedbed, home: Path
) -> None:
    home.mkdir()
    (home / "seedbed.db").write_bytes(b"no database at all" * 100)
    said = seedbed("usage", "--json")
    assert (said.status, said.error["code"]) == (1, "store_unusable")
    assert str(home / "seedbed.db") in said.error["what"]


@pytest.mark.usefixtures("used")
def test_uses_are_summed_by_what_was_asked_for(seedbed: Seedbed) -> None:
    def costs(*by: str) -> list[list[str]]:
        words = [word for one in by for word in ("--by", one)]
        totals = seedbed("usage", "--json", *words).json["totals"]
        return [[*(total[one] for one in by), total["cost"]] for total in totals]

    assert costs("key") == [["key_gone", "1.000000"], ["ann", "0.000020"]]
    assert costs("user", "project") == [["bob", "q", "1.000000"], ["ann", "p", "0.000020"]]
    assert costs("day", "modality") == [["2027-01-15", "text", "1.000020"]]
    assert costs("model", "model") == [["dear"] * 2 + ["1.000000"], ["m"] * 2 + ["0.000020"]]
    table = seedbed("usage", "--last", "0", "--by", "project").out.splitlines()
    assert [line.split()[0] for line in table] == ["project", "q", "p"]
    assert seedbed("usage", "--by", "colour").status == 2


def test_days_are_told_from_the_first_to_the_end_of_the_last(seedbed: Seedbed, home: Path) -> None:
    ann = Principal("ann", "p", "key_1", frozenset())
    midnight = BEGAN // DAY * DAY
    entries = [
        replace(entry(at, ann, spent=1), began=began)
        for at, began in enumerate((midnight - 1, midnight, midnight + DAY - 1, midnight + DAY))
    ]
    write(home, entries)
    for words, told in (
        (["--since", "2027-01-15", "--until", "2027-01-15"], ["req_2", "req_1"]),
        (["--since", "2027-01-16"], ["req_3"]),
        (["--until", "2027-01-14"], ["req_0"]),
    ):
        found = seedbed("usage", "--json", *words).json
        assert [one["request_id"] for one in found["entries"]] == told
        assert sum(total["requests"] for total in found["totals"]) == len(told)
    said = seedbed("usage", "--since", "2030-01-01")
    assert said.out == "Nothing has been used in those days. Try `seedbed chat`.\n"


def test_days_in_the_wrong_order_or_no_days_are_refused(seedbed: Seedbed) -> None:
    said = seedbed("usage", "--since", "2027-01-02", "--until", "2027-01-01", "--json")
    assert said.error["what"] == "--until 2027-01-01 lies before --since 2027-01-02."
    said = seedbed("usage", "--since", "31.12.2026")
    assert (said.status, "is no day; write one as in 2026-11-30." in said.err) == (2, True)


@pytest.mark.usefixtures("used")
def test_lines_of_csv_add_up_to_the_sums_that_are_told_with_them(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    target = tmp_path / "uses.csv"
    told = seedbed("usage", "--csv", str(target), "--json", "--last", "1").json
    lines = list(csv.DictReader(io.StringIO(target.read_text(), newline="")))
    assert [line["request_id"] for line in lines] == ["req_0", "req_1", "req_2"]
    for column in ("cost", "shadow"):
        of_lines = sum(Decimal(line[column] or "0") for line in lines)
        assert of_lines == sum(Decimal(total[column] or "0") for total in told["totals"])
    tokens = sum(int(line["input_cache_read"]) for line in lines)
    assert tokens == sum(total["input_tokens_from_cache"] for total in told["totals"])
    assert lines[1] | {"shadow": ""} == lines[1]
    assert lines[0]["key"] == "ann"
    assert lines[0]["began"] == "2027-01-15 08:00:00Z"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["uses.csv"]


@pytest.mark.usefixtures("used")
def test_csv_may_be_printed_alone_or_beside_what_people_read(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    printed = seedbed("usage", "--csv", "-")
    assert len(list(csv.reader(io.StringIO(printed.out)))) == 4
    target = tmp_path / "uses.csv"
    said = seedbed("usage", "--csv", str(target))
    assert said.err == f"3 entries are in {target}.\n"
    assert target.read_text() == printed.out
    assert seedbed("usage", "--csv", "-", "--json").status == 2


def test_csv_that_cannot_be_written_is_refused_and_leaves_nothing(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    said = seedbed("usage", "--csv", str(tmp_path / "nowhere" / "uses.csv"), "--json")
    assert "nowhere/uses.csv cannot be written: No such file or directory." in said.error["what"]


def test_no_name_becomes_a_formula_in_a_spreadsheet(seedbed: Seedbed, home: Path) -> None:
    evil = Principal("=1+1", "@sum(a1)", "-key", frozenset())
    write(home, [replace(entry(0, evil, spent=1), model='+cmd"|,\n')])
    (line,) = csv.DictReader(io.StringIO(seedbed("usage", "--csv", "-").out, newline=""))
    assert (line["user"], line["project"], line["key"]) == ("'=1+1", "'@sum(a1)", "'-key")
    assert line["model"] == "'+cmd\"|,\n"
    assert line["cost"] == "0.000001"


@given(st.text())
def test_a_text_is_only_ever_changed_by_an_apostrophe_in_front(text: str) -> None:
    assert plain(text) in {text, f"'{text}"}
    assert not plain(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.fixture
def killed(home: Path) -> None:
    """A request, and the rest of the lease of a process that was killed."""
    ann = Principal("ann", "p", "key_1", frozenset())

    async def work() -> None:
        ledger = Ledger(open_database(home / "seedbed.db"))
        lease = await opened(ledger, 1_000, now=BEGAN)
        await handed_in(ledger, lease, [entry(0, ann, spent=17)], now=BEGAN)
        await buried(ledger, silent_since=BEGAN + 9, now=BEGAN)

    anyio.run(work)


@pytest.mark.usefixtures("killed")
def test_a_write_off_is_money_and_no_request(seedbed: Seedbed, tmp_path: Path) -> None:
    target = tmp_path / "uses.csv"
    told = seedbed("usage", "--by", "day", "--csv", str(target), "--json").json
    (total,) = told["totals"]
    assert (total["requests"], total["cost"]) == (1, "0.001000")
    assert total["written_off"] == "0.000983"
    lines = list(csv.DictReader(io.StringIO(target.read_text(), newline="")))
    costs = {line["stop"]: line["cost"] for line in lines}
    assert costs == {"end": "0.000017", "unreconciled": total["written_off"]}


@pytest.mark.usefixtures("killed")
def test_what_was_written_off_has_a_line_and_a_column_of_its_own(seedbed: Seedbed) -> None:
    head, lost, asked = seedbed("usage", "--last", "0").out.splitlines()
    assert head.split() == "model requests in out held cost written off shadow".split()  # noqa: SIM905
    assert lost.split()[:2] + lost.split()[6:] == [
        *("unreconciled", "0"),
        *("0.000983", "USD", "0.000983", "USD"),
    ]
    assert asked.split()[:2] == ["m", "1"]
    assert seedbed("usage", "--last", "0").out.count("0.000983") == 2


def test_own_hardware_is_told_by_what_it_did_and_what_that_cost(
    seedbed: Seedbed, home: Path
) -> None:
    (home / "catalogue").mkdir(parents=True)
    (home / "catalogue" / "m.toml").write_text(
        """
        title = "M"
        engines = ["scripted"]
        window = 64
        parameters = 1
        licence = "MIT"
        [shadow]
        provider = "Example"
        model = "big"
        currency = "USD"
        since = 2026-01-01
        source = "their page"
        per_million = { input_fresh = "1" }
        """
    )
    hour = 3_600_000_000
    ann = Principal("ann", "p", "key_1", frozenset())
    hours = Hours("m@here", BEGAN // DAY * DAY, loaded=10 * hour, busy=2 * hour, loading=hour // 2)
    write(home, [entry(0, ann, spent=17)], [hours])
    machine: dict[str, Any] = {
        "SEEDBED_HARDWARE_PER_HOUR": "1",
        "SEEDBED_HARDWARE_WATTS": "1000",
        "SEEDBED_HARDWARE_IDLE_WATTS": "100",
        "SEEDBED_ENERGY_PER_KWH": "0.5",
    }
    assert seedbed("usage", "--json", **machine).json["hardware"] == [
        {
            "deployment": "m@here",
            "busy_seconds": 7200.0,
            "idle_seconds": 28_800.0,
            "loading_seconds": 1800.0,
            "busy_cost": "3.000000",
            "idle_cost": "8.400000",
            "loading_cost": "0.750000",
            "cost": "12.150000",
            "charged": "0.000017",
            "shadow": "0.000044",
            "shadow_provider": "Example (big)",
            "currency": "USD",
        }
    ]
    lines = [" ".join(line.split()) for line in seedbed("usage", **machine).out.splitlines()]
    assert lines[-7:] == [
        "m@here",
        "answering 2.000 3.000000 USD",
        "idle, ready to answer 8.000 8.400000 USD",
        "loading 0.500 0.750000 USD",
        "in all 10.500 12.150000 USD",
        "charged to those who asked 0.000017 USD",
        "Example (big) would have taken 0.000044 USD",
    ]
    before = seedbed("usage", "--until", "2027-01-14", "--json").json
    assert before["hardware"] == []


def test_hours_are_told_also_where_nobody_asked(seedbed: Seedbed, home: Path) -> None:
    write(home, [], [Hours("m@here", BEGAN // DAY * DAY, loaded=1)])
    said = seedbed("usage").out
    assert "Nothing has been used yet." in said
    assert "charged to those who asked         0.000000 USD" in said


def test_the_kind_of_work_is_told(seedbed: Seedbed, home: Path) -> None:
    ann = Principal("ann", "p", "key_1", frozenset())
    write(home, [replace(entry(0, ann, spent=1), modality=Modality.EMBEDDING, first=None)])
    told = seedbed("usage", "--json").json["entries"][0]
    assert (told["modality"], told["first_seconds"]) == ("embedding", None)
