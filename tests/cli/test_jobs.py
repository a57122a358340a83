"""`seedbed jobs`, without a server."""

import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from seedbed.cli import show, watching
from seedbed.core.job import Fault, State
from seedbed.core.money import Amount
from tests.cli.conftest import Said, Seedbed
from tests.cli.works import Works, now, works_of

NO_JOB = "job_" + "0" * 24
NO_WORKER = "No worker runs jobs. Start one with"


@pytest.fixture
def works(home: Path) -> Iterator[Works]:
    home.mkdir()
    with works_of(home) as works:
        yield works


def words(said: Said) -> str:
    return " ".join(said.out.split())


def test_without_jobs_the_list_says_so(seedbed: Seedbed) -> None:
    assert seedbed("jobs", "ls").out == "There is no job.\n"
    assert seedbed("jobs", "ls", "--state", "failed").out == "There is no such job.\n"
    assert seedbed("jobs", "ls", "--json").json == []


def test_jobs_are_listed_with_a_bar_newest_first(seedbed: Seedbed, works: Works) -> None:
    first, second = works.submit(), works.submit("other", begins=now() + 3_600_000_000)
    works.join()
    claim = works.take()
    works.step(claim, 0, of=4)
    said = seedbed("jobs", "ls")
    row = next(line for line in said.out.splitlines() if first.id in line)
    assert row.split()[:3] == [first.id, "work", "running"]
    assert "━━━━────────────  1 of 4  0.000000 USD  began 0 s ago" in row
    assert f"{second.id}  other  queued   ────────────────" in said.out
    assert "begins in 59 min" in said.out
    third = works.submit()
    assert f"{third.id}  work   queued" in seedbed("jobs", "ls").out
    assert "waits 0 s" in seedbed("jobs", "ls").out
    seedbed("jobs", "cancel", third.id)
    told = seedbed("jobs", "ls", "--json").json
    assert [job["id"] for job in told] == [third.id, second.id, first.id]
    assert told[2]["progress"] == {"done": 1, "total": 4, "note": "half way"}


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (120, "job kind state done spent when"),
        (100, "job kind state done spent"),
        (75, "job state done"),
        (40, "job state done"),
    ],
)
def test_a_narrow_terminal_has_fewer_columns(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch, width: int, columns: str
) -> None:
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr(show, "OUT", console)
    works.submit()
    works.join()
    works.step(works.take(), 0, of=5_000)
    seedbed("jobs", "ls")
    head = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()[0]
    assert head.split() == columns.split()


@pytest.mark.parametrize(
    ("flags", "number"),
    [
        (["--state", "queued"], 2),
        (["--kind", "other"], 1),
        (["--project", "web"], 2),
        (["--project", "shop"], 0),
        (["--last", "1"], 1),
    ],
)
def test_the_list_is_of_those_that_are_wanted(
    seedbed: Seedbed, works: Works, flags: list[str], number: int
) -> None:
    works.submit()
    works.submit("other")
    assert len(seedbed("jobs", "ls", "--json", *flags).json) == number


def test_a_job_that_waits_is_shown_with_what_is_known(seedbed: Seedbed, works: Works) -> None:
    first = works.submit()
    job = works.submit(
        input={"text": "word " * 100},
        priority=3,
        begins=now() + 7_300_000_000,
        expires=now() + 9_000_000_000,
        seconds=90.0,
        cap=Amount(250_000, "USD"),
        after=(first.id,),
    )
    said = words(seedbed("jobs", "show", job.id))
    for shown in (
        f"job {job.id}",
        "state queued, begins in 2 h",
        "spent 0.000000 USD, of 0.250000 USD at most",
        "of ada, project web",
        "may take 90 s",
        "priority 3",
        f"follows {first.id}",
        "word …",
    ):
        assert shown in said
    told = seedbed("jobs", "show", job.id, "--json").json
    assert (told["input"], told["steps"]) == ({"text": "word " * 100}, [])


def test_a_job_that_failed_is_shown_with_why_and_what_it_has_done(
    seedbed: Seedbed, works: Works
) -> None:
    job = works.submit()
    works.join()
    claim = works.take()
    for number in range(10):
        works.step(claim, number, of=20)
    works.end(claim, State.FAILED, {"half": 1}, Fault("c", "It broke.", "Mend it."))
    said = words(seedbed("jobs", "show", job.id))
    for shown in (
        "state failed, ended 0 s ago",
        "━━━━━━━━──────── 10 of 20",
        "told half way",
        "why It broke. Mend it.",
        'result {"half": 1}',
        "steps 2 earlier ones",
        "line 10",
    ):
        assert shown in said
    assert "line 2 " not in said
    assert "begun" not in said
    steps = seedbed("jobs", "show", job.id, "--json").json["steps"]
    assert [step["name"] for step in steps] == [f"line {number}" for number in range(1, 11)]


def test_few_steps_are_all_shown_and_how_often_it_was_begun(seedbed: Seedbed, works: Works) -> None:
    job = works.submit()
    works.join()
    works.end(works.take(), State.CANCELLED)
    seedbed("jobs", "resume", job.id)
    works.step(works.take(), 0, of=2)
    said = words(seedbed("jobs", "show", job.id))
    assert "begun 2 times" in said
    assert "steps 0 20" in said


@pytest.mark.parametrize("verb", ["show", "cancel", "resume", "retry", "watch"])
def test_a_job_that_there_is_not_is_told(seedbed: Seedbed, verb: str) -> None:
    said = seedbed("jobs", verb, NO_JOB)
    assert (said.status, said.out) == (1, "")
    assert f"There is no job '{NO_JOB}'." in said.err
    assert "`seedbed jobs ls` lists those that there are." in said.err


def test_a_job_is_cancelled_at_once_or_within_a_moment(seedbed: Seedbed, works: Works) -> None:
    waits, runs = works.submit(), works.submit(priority=1)
    works.join()
    works.take()
    assert seedbed("jobs", "cancel", waits.id).out == f"{waits.id} is cancelled.\n"
    assert seedbed("jobs", "cancel", runs.id).out == f"{runs.id} ends within a moment.\n"
    assert "cancelling" in seedbed("jobs", "ls").out
    refused = seedbed("jobs", "cancel", waits.id, "--json")
    assert (refused.status, refused.error["code"]) == (1, "job_refused")


def test_a_job_is_resumed_with_another_cap(seedbed: Seedbed, works: Works) -> None:
    job = works.submit(cap=Amount(1, "USD"))
    assert "cannot be resumed" in seedbed("jobs", "resume", job.id).err
    seedbed("jobs", "cancel", job.id)
    said = seedbed("jobs", "resume", job.id, "--cap", "0.50")
    assert said.out == f"{job.id} is queued, and goes on from its last step.\n"
    assert NO_WORKER in said.err
    assert works.find(job).cap == Amount(500_000, "USD")
    seedbed("jobs", "cancel", job.id)
    works.join()
    said = seedbed("jobs", "resume", job.id, "--json")
    assert (said.json["state"], said.json["cap"], said.err) == ("queued", "0.500000", "")
    assert "is no sum of money" in seedbed("jobs", "resume", job.id, "--cap", "much").err


def test_a_job_is_run_again_as_another(seedbed: Seedbed, works: Works) -> None:
    job = works.submit(input={"n": 1})
    seedbed("jobs", "cancel", job.id)
    again = seedbed("jobs", "retry", job.id, "--json").json
    assert (again["state"], again["id"] != job.id) == ("queued", True)
    assert f"is queued, and does what {job.id} did." in seedbed("jobs", "retry", job.id).out


def meanwhile(monkeypatch: pytest.MonkeyPatch, *deeds: Callable[[], Any]) -> None:
    """What happens between the looks of a command that watches, one after the other."""
    left = iter(deeds)

    def sleep(_: float) -> None:
        next(left)()

    monkeypatch.setattr(watching, "time", SimpleNamespace(sleep=sleep))


def test_jobs_are_watched_until_all_have_ended(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = works.submit(), works.submit()
    works.join()
    claim = works.take()
    meanwhile(
        monkeypatch,
        lambda: works.step(claim, 0, of=2),
        lambda: works.end(claim, State.SUCCEEDED),
        lambda: None,
        lambda: works.end(works.take(), State.SUCCEEDED),
    )
    said = seedbed("jobs", "watch", first.id, second.id, first.id)
    assert (said.status, said.err) == (0, "")
    _, *rows = [line.split() for line in said.out.splitlines()]
    assert [(row[0], row[2]) for row in rows] == [
        (first.id, "succeeded"),
        (second.id, "succeeded"),
    ]


def test_on_a_terminal_the_bars_grow_in_place(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = StringIO()
    monkeypatch.setattr(show, "OUT", Console(file=screen, force_terminal=True, width=120))
    works.submit()
    works.join()
    claim = works.take()
    meanwhile(
        monkeypatch,
        lambda: works.step(claim, 0, of=2),
        lambda: works.end(claim, State.SUCCEEDED),
    )
    assert seedbed("jobs", "watch").status == 0
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).splitlines()
    bars = [line.count("━") for line in lines if "━" in line or "─" in line]
    assert bars == sorted(bars)
    assert {8, 16} <= set(bars)


def test_each_change_is_a_line_for_a_program(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = works.submit()
    works.join()
    claims: list[Any] = []
    meanwhile(
        monkeypatch,
        lambda: claims.append(works.take()),
        lambda: None,
        lambda: works.end(claims[0], State.FAILED, fault=Fault("c", "It broke.", "Mend it.")),
    )
    said = seedbed("jobs", "watch", "--json")
    lines = [Said(0, line, "").json for line in said.out.splitlines()]
    assert [(line["seq"], line["state"]) for line in lines] == [
        (1, "queued"),
        (2, "running"),
        (3, "failed"),
    ]
    assert said.status == 1
    assert said.error["code"] == "job_unfinished"
    assert said.error["what"] == f"{job.id} has failed. It broke."


def test_what_has_ended_is_told_at_once_and_fails_if_it_did(seedbed: Seedbed, works: Works) -> None:
    job = works.submit()
    seedbed("jobs", "cancel", job.id)
    said = seedbed("jobs", "watch", job.id)
    assert (said.status, f"✗ {job.id} was cancelled." in said.err) == (1, True)
    assert NO_WORKER not in said.err


def test_where_nothing_runs_there_is_nothing_to_watch(seedbed: Seedbed, works: Works) -> None:
    said = seedbed("jobs", "watch")
    assert (said.status, said.out) == (0, "No job waits or runs.\n")
    assert seedbed("jobs", "watch", "--json").out == ""


def test_whoever_stops_watching_stops_no_job(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    job = works.submit()
    meanwhile(monkeypatch, interrupted)
    said = seedbed("jobs", "watch")
    assert (said.status, works.find(job).state) == (0, State.QUEUED)
    assert NO_WORKER in said.err
    assert "They go on without you." in said.err


def test_the_secret_of_callbacks_is_a_projects_own_and_stays(seedbed: Seedbed) -> None:
    first = seedbed("jobs", "secret").out.strip()
    assert re.fullmatch(r"whsec_[\w+/]{43}=", first)
    assert seedbed("jobs", "secret", "--json").json == {"project": "default", "secret": first}
    assert seedbed("jobs", "secret", "--project", "web").out.strip() != first
