"""Figures out of rounds and kills."""

from dataclasses import replace

from seedbed.bench.jobs.judging import Killing, Kills
from seedbed.bench.jobs.rows import Row
from seedbed.bench.jobs.run import QUICK, SQLITE, Measured
from seedbed.bench.jobs.telling import figures, losses, runs, table
from seedbed.bench.jobs.witness import Seen
from seedbed.core.money import Amount


def rows(started: float, cpu: float) -> list[Row]:
    return [Row(steps, 100, started, started + 1, cpu + steps / 10) for steps in (0, 1, 5, 25)]


KILLING = Killing(
    kills=Kills(workers=10, servers=2, given_up=1),
    jobs=20,
    steps=60,
    seen=Seen(again=9, after=3, killed=8, repeated=0),
    lost=0,
    repeated_cost=0,
    unpaid=0,
    unsettled=0,
    written_off=Amount(40_000, "USD"),
)
MEASURED = Measured(
    QUICK,
    {"ours": [rows(0.5, 0.4), rows(1.0, 0.2)], "dbos": [rows(2.0, 0.8)]},
    [1.0, 0.7, 4.0],
    10.5,
    {(SQLITE, 1): KILLING},
    "3.4.0",
)


def test_a_figure_is_that_of_the_best_round() -> None:
    assert figures(MEASURED) == {
        "jobs.starts_per_s": 200.0,
        "jobs.cpu_ms_per_job": 2.0,
        "jobs.step_overhead_ms": 1.0,
        "jobs.adoption_s": 1.0,
        "jobs.adoption_of_frozen_s": 10.5,
        "jobs.kills": 10,
        "jobs.lost": 0,
        "jobs.repeated_effects": 0,
        "jobs.repeated_cost": 0,
        "jobs.dbos_starts": 0.25,
        "jobs.dbos_cpu_of_5_steps": 1.86,
    }


def test_each_has_a_column() -> None:
    lines = {line[0]: line[1:] for line in table(MEASURED)}
    assert lines["jobs of 0 steps: begun a second"] == ("200", "50")
    assert lines["jobs of 1 step: processor, ms a job"] == ("3", "9")
    assert lines["processor, ms a step"] == ("1", "1")


def test_what_is_not_here_is_told_and_its_ratio_is_none() -> None:
    alone = replace(MEASURED, rows={"ours": MEASURED.rows["ours"]}, dbos=None)
    assert "There is no dbos here, so nothing is compared with it." in losses(alone)
    assert "No PostgreSQL server was named, so nobody was killed on one." in losses(alone)
    assert figures(alone)["jobs.dbos_starts"] is None
    assert runs(alone)["missing"] == ["dbos"]


def test_what_kills_did_is_told() -> None:
    *_, said = losses(MEASURED)
    assert said.startswith("SQLite, 1 worker: 10 killed, 8 of them within a step")
    assert "Of 20 jobs 0 were lost" in said
    (crowd,) = losses(replace(MEASURED, killings={("PostgreSQL", 3): KILLING}))
    assert crowd.startswith("PostgreSQL, 3 workers")
    assert runs(MEASURED)["killings"][0]["seen"]["again"] == 9  # type: ignore[index]  # written so


def test_each_job_that_was_lost_is_told() -> None:
    lost = replace(KILLING, lost=1, why=("job_1 failed: It broke.",))
    *_, said = losses(replace(MEASURED, killings={(SQLITE, 1): lost}))
    assert said == "job_1 failed: It broke."
