"""`seedbed worker`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.cli.house import House
from seedbed.kit import processes
from tests.cli.conftest import Seedbed
from tests.cli.works import Works, works_of


@pytest.fixture
def works(home: Path) -> Iterator[Works]:
    home.mkdir()
    with works_of(home) as works:
        yield works


@pytest.mark.parametrize(("flags", "asked"), [([], False), (["--json"], True)])
def test_a_worker_runs_here_as_it_is_asked(seedbed: Seedbed, flags: list[str], asked: bool) -> None:
    ran: list[bool] = []
    said = seedbed("worker", *flags, change=lambda house: replace(house, work=ran.append))
    assert (said.status, ran) == (0, [asked])


def test_a_worker_that_is_interrupted_ends_without_a_word(seedbed: Seedbed) -> None:
    def work(json_lines: bool) -> None:
        raise KeyboardInterrupt

    def interrupted(house: House) -> House:
        return replace(house, work=work)

    said = seedbed("worker", change=interrupted)
    assert (said.status, said.out, said.err) == (0, "", "")


def test_the_workers_that_live_are_listed_with_what_they_run(
    seedbed: Seedbed, works: Works
) -> None:
    elsewhere = works.join("far/boot/pid", kinds=("batch", "work"))
    job = works.submit()
    here = works.join()
    works.take()
    told = seedbed("worker", "ls", "--json").json
    assert [(one["id"], one["here"], one["jobs"]) for one in told] == [
        (elsewhere, False, []),
        (here, True, [job.id]),
    ]
    assert told[0]["kinds"] == ["batch", "work"]
    table = seedbed("worker", "ls").out
    name = processes.this_host().partition("/")[0]
    assert f"{name} (here)" in table
    assert job.id in table
    far = next(line for line in table.splitlines() if line.startswith("far "))
    assert far.split()[-1] == "nothing"


def test_a_worker_that_was_killed_is_not_alive_though_nobody_has_fenced_it_yet(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_gone(process: str) -> bool:
        return process == processes.this_process()

    works.join()
    elsewhere = works.join("far/boot/pid")
    monkeypatch.setattr(processes, "is_gone", is_gone)
    assert [one["id"] for one in seedbed("worker", "ls", "--json").json] == [elsewhere]


def test_where_no_worker_lives_it_is_told_how_to_start_one(seedbed: Seedbed) -> None:
    said = seedbed("worker", "ls")
    assert (said.out, said.err.startswith("No worker runs jobs. Start one with")) == ("", True)
    assert seedbed("worker", "ls", "--json").json == []
