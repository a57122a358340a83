"""`seedbed jobs schedules` and `schedule`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Seedbed
from tests.cli.works import Works, works_of

DAILY = ["--cron", "0 6 * * *", "--kind", "work"]


@pytest.fixture
def works(home: Path) -> Iterator[Works]:
    home.mkdir()
    with works_of(home) as works:
        yield works


def test_a_schedule_is_set_listed_replaced_and_taken_away(
    seedbed: Seedbed, works: Works, tmp_path: Path
) -> None:
    assert seedbed("jobs", "schedules").out == "Nothing is scheduled.\n"
    file = tmp_path / "input.json"
    file.write_text('{"n": 1}')
    works.join()
    said = seedbed("jobs", "schedule", "daily", *DAILY, "--input", str(file), "--json")
    (one,) = said.json
    assert one | {"due": ""} == {
        "name": "daily",
        "cron": "0 6 * * *",
        "kind": "work",
        "input": {"n": 1},
        "user": "ada",
        "project": "web",
        "due": "",
    }
    assert one["due"].endswith("T06:00:00.000Z")
    assert said.err == ""
    table = seedbed("jobs", "schedule", "daily", *DAILY[2:], "--cron", "0 7 * * *").out
    assert "daily  0 7 * * *  work" in table
    assert "ada, project web" in table
    assert seedbed("jobs", "schedules", "--json").json[0]["input"] == {}
    assert seedbed("jobs", "schedule", "daily", "--remove").out == "Nothing is scheduled.\n"
    assert "There is no schedule 'daily'." in seedbed("jobs", "schedule", "daily", "--remove").err


def test_what_is_due_is_told_so(seedbed: Seedbed, works: Works) -> None:
    seedbed("jobs", "schedule", "daily", *DAILY)
    works.database.write_now(lambda c: c.exec_driver_sql("UPDATE schedules SET due = 1"))
    assert "1970-01-01 00:00:00Z  now" in seedbed("jobs", "schedules").out


def test_a_kind_that_no_worker_runs_is_told(seedbed: Seedbed, works: Works) -> None:
    said = seedbed("jobs", "schedule", "daily", *DAILY)
    assert "No worker runs jobs. Start one with" in said.err
    works.join(kinds=("batch", "other"))
    said = seedbed("jobs", "schedule", "daily", *DAILY)
    assert "No worker that lives runs jobs of the kind 'work'; theirs are batch, other." in said.err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "Say when with --cron, and what with --kind"),
        (["--cron", "0 6 * * *"], 2, "Say when with --cron"),
        (["--remove", "--kind", "work"], 2, "--remove goes alone"),
        (["--kind", "work", "--cron", "at six"], 1, "'at six' is no cron line"),
        (["--kind", "work", "--cron", "0 0 30 2 *"], 1, "is no cron line"),
        (["--kind", "w" * 41, "--cron", "0 6 * * *"], 1, "1 to 40 that can be printed"),
        ([*DAILY, "--input", "-"], 1, "The input in <stdin> is no JSON object"),
    ],
)
@pytest.mark.usefixtures("works")
def test_what_cannot_be_a_schedule_is_refused(
    seedbed: Seedbed, words: list[str], status: int, said: str
) -> None:
    answer = seedbed("jobs", "schedule", "daily", *words, typed="[1]")
    assert (answer.status, said in " ".join(answer.err.split())) == (status, True)
    assert seedbed("jobs", "schedules", "--json").json == []


@pytest.mark.usefixtures("works")
def test_an_input_that_is_too_long_is_refused(seedbed: Seedbed) -> None:
    said = seedbed("jobs", "schedule", "daily", *DAILY, "--input", "-", typed="x" * (1 << 21))
    assert "at most 1,048,576 characters" in said.err


def test_without_a_key_that_works_nothing_is_scheduled(seedbed: Seedbed, home: Path) -> None:
    said = seedbed("jobs", "schedule", "daily", *DAILY, "--json")
    assert said.error["code"] == "key_missing"
    said = seedbed("jobs", "schedule", "daily", *DAILY, "--json", SEEDBED_KEY="sb-of-nobody")
    assert said.error["code"] == "key_unknown"
