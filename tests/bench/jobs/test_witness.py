"""What the witness's lines tell: which steps were cut off, and what would be wrong."""

from dataclasses import replace
from pathlib import Path

from seedbed.bench.jobs.witness import BEGAN, DID, Line, Notes, Witness, seen
from seedbed.core.job import Job, Owner, State
from seedbed.core.money import Amount
from seedbed.jobs.scripted import Doing

OWNER = Owner("ada", "web", "key_1")
JOB = Job("job_1", "scripted", {}, OWNER, State.RUNNING, 1, 0, 0, Amount(0, "USD"), run=2)
BEGUN = Line(BEGAN, "job_1", "step 0", "job_1.0", 1, 7)
DONE = replace(BEGUN, word=DID)
STEP = [BEGUN, DONE]
LATER = [replace(line, run=2, process=8) for line in STEP]


def test_lines_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "witness"
    notes = Notes(path)
    notes.look()
    witness = Witness(path)
    for word in (BEGAN, DID):
        witness.note(word, Doing(JOB, "step 0", "job_1.0", "sbj-1"))
        notes.look()
    assert [(line.word, line.key, line.run) for line in notes.lines] == [
        (BEGAN, "job_1.0", 2),
        (DID, "job_1.0", 2),
    ]
    process = notes.lines[0].process
    assert (notes.of[process, BEGAN], notes.of[process, DID]) == (1, 1)


def test_a_line_that_is_not_whole_is_waited_for_and_one_that_was_cut_off_is_none(
    tmp_path: Path,
) -> None:
    path, line = tmp_path / "witness", "did\tjob_1\tstep 0\tjob_1.0\t1\t7\t."
    notes = Notes(path)
    for said, lines in ((f"\n{line}", 0), ("\n\ndid\tjob_1\tstep 1\tjob", 1), (f"\n{line}\n", 2)):
        with path.open("a") as file:
            file.write(said)
        notes.look()
        assert notes.lines == [DONE] * lines


def test_a_step_that_was_done_once_is_no_news() -> None:
    assert seen(STEP, {"job_1.0": 1}) == seen([], {})


def test_a_step_whose_worker_was_killed_is_begun_again_and_that_is_no_repetition() -> None:
    for first, after in (([BEGUN], 0), (STEP, 1)):
        told = seen([*first, *LATER], {"job_1.0": 2})
        assert (told.again, told.after, told.killed, told.repeated) == (1, after, 1, 0)


def test_a_step_that_is_done_again_although_it_is_recorded_is_a_repetition() -> None:
    assert seen([*STEP, *LATER], {"job_1.0": 1}).repeated == 1


def test_an_effect_under_another_key_is_a_repetition() -> None:
    other = [replace(line, key="job_1.x") for line in STEP]
    assert seen([*STEP, *other], {"job_1.0": 1}).repeated == 1


def test_a_run_that_does_a_step_twice_repeats_it() -> None:
    assert seen([*STEP, *STEP], {"job_1.0": 1}).repeated == 1


def test_a_record_without_an_effect_is_told() -> None:
    assert seen([BEGUN], {"job_1.0": 1}).repeated == 1
