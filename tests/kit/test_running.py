"""A program is run once, bounded, and nothing that it began is left."""

import os
from pathlib import Path

import anyio
import pytest

from seedbed.kit.processes import is_gone
from seedbed.kit.running import Ran, run

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ENVIRONMENT = {"PATH": os.defpath, "WHO": "test"}


def program(folder: Path, script: str) -> Path:
    written = folder / "program"
    written.write_text(f"#!/bin/sh\n{script}\n")
    written.chmod(0o700)
    (folder / "given").write_text("one\ntwo\n")
    return written


async def ran(folder: Path, script: str, *, seconds: float = 20.0) -> Ran:
    written = program(folder, script)
    return await run(
        written, folder / "given", folder=folder, environment=ENVIRONMENT, seconds=seconds
    )


async def child_of(folder: Path) -> int:
    """The child that a program notes in the file `child`, once it has."""
    noted = folder / "child"
    with anyio.fail_after(20):
        while not (noted.exists() and noted.read_text().endswith("\n")):
            await anyio.sleep(0.001)
    return int(noted.read_text())


async def gone(number: int) -> None:
    with anyio.fail_after(20):
        while not is_gone(f"{number}:"):
            await anyio.sleep(0.001)


async def test_its_status_and_the_first_line_of_its_errors_are_told(tmp_path: Path) -> None:
    assert await ran(tmp_path, "exit 0") == Ran(0, "")
    assert await ran(tmp_path, "echo no >&2; echo why >&2; exit 3") == Ran(3, "no")
    assert await ran(tmp_path, "kill -9 $$") == Ran(-9, "")


async def test_it_reads_the_file_and_knows_its_folder_and_nothing_else(tmp_path: Path) -> None:
    told = await ran(tmp_path, 'read -r a; read -r b; echo "$a $b $WHO $HOME $(pwd)" >&2')
    assert told == Ran(0, f"one two test  {tmp_path}")


async def test_its_answer_is_told_in_place_of_its_errors_where_that_is_asked_for(
    tmp_path: Path,
) -> None:
    written = program(tmp_path, "echo noise >&2; echo yes; echo no; exit 3")
    given = tmp_path / "given"
    told = await run(
        *(written, given), folder=tmp_path, environment=ENVIRONMENT, seconds=20.0, is_answer=True
    )
    assert told == Ran(3, "yes")


async def test_it_has_its_time_and_no_more_and_its_children_go_with_it(tmp_path: Path) -> None:
    script = "sleep 1000 & echo $! > child; echo waiting >&2; wait"
    assert await ran(tmp_path, script, seconds=0.5) == Ran(None, "waiting")
    await gone(await child_of(tmp_path))


async def test_children_that_it_leaves_behind_are_ended_and_not_waited_for(tmp_path: Path) -> None:
    assert await ran(tmp_path, "sleep 1000 & echo $! > child") == Ran(0, "")
    await gone(await child_of(tmp_path))


async def test_who_leaves_ends_it(tmp_path: Path) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ran, tmp_path, "sleep 1000 & echo $! > child; wait")
        await child_of(tmp_path)
        tasks.cancel_scope.cancel()
    await gone(await child_of(tmp_path))


async def test_who_says_without_end_waits_until_its_time_is_over(tmp_path: Path) -> None:
    told = await ran(tmp_path, "while :; do echo again >&2; done", seconds=0.5)
    assert told == Ran(None, "again")


async def test_a_child_that_got_away_is_not_waited_for(tmp_path: Path) -> None:
    script = "setsid sh -c 'echo $$ > child; exec sleep 1000' & while [ ! -s child ]; do :; done"
    assert await ran(tmp_path, script) == Ran(0, "")
    os.kill(child := await child_of(tmp_path), 9)
    await gone(child)


async def test_what_cannot_be_begun_is_an_error(tmp_path: Path) -> None:
    written = program(tmp_path, "exit 0")
    written.write_text("no program")
    with pytest.raises(OSError, match="format"):
        await run(written, tmp_path / "given", folder=tmp_path, environment={}, seconds=1)
    with pytest.raises(FileNotFoundError):
        await run(written, tmp_path / "nothing", folder=tmp_path, environment={}, seconds=1)
