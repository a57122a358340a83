"""What does not pass a check that was asked for is not told to be whole."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from seedbed.core.ask import Ask, Format
from seedbed.core.check import Check, Program, Quote
from seedbed.core.errors import AnswerUnverified, CheckUnknown, EngineFailed, RequestMalformed
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.message import Message, Role, Text
from seedbed.core.usage import Usage
from seedbed.serving.checks import Checks

pytestmark = pytest.mark.anyio

USAGE = Usage(input_fresh=3, output_visible=2)
SOURCE = Message(Role.USER, (Text("The cat sat."),))
ASK = Ask("m", (SOURCE,), format=Format("schema", schema={"type": "string"}), metadata={"a": "b"})


@pytest.fixture
def checks(tmp_path: Path) -> Checks:
    (tmp_path / "checks").mkdir()
    return Checks(tmp_path / "checks", tmp_path / "run", seconds=20)


def program(home: Path, name: str, script: str) -> Program:
    written = home / "checks" / name
    written.write_text(f"#!/bin/sh\n{script}\n")
    written.chmod(0o700)
    return Program(name)


def answer(*pieces: str, stop: Stop = Stop.END) -> list[Event]:
    words = [TextDelta(piece) for piece in pieces]
    return [Started("m"), ReasoningDelta("hm"), *words, Finished(stop, USAGE)]


async def passed(checks: Checks, asked: Sequence[Check], *events: Event) -> list[Event]:
    closed: list[bool] = []

    async def stream() -> AsyncGenerator[Event]:
        try:
            for event in events:
                yield event
        finally:
            closed.append(True)

    async with aclosing(checks.verified(ASK, asked, stream())) as relayed:
        seen = [event async for event in relayed]
    assert closed
    return seen


async def why_not(checks: Checks, check: Check, *events: Event) -> str:
    *before, last = await passed(checks, [check], *events)
    assert before == [*events[:-1], UsageNow(USAGE)]
    assert isinstance(last, Failed)
    assert isinstance(last.error, AnswerUnverified)
    assert last.error.facts["check"] == check.words
    return last.error.what


async def test_quotes_that_were_sent_pass_and_others_do_not(checks: Checks) -> None:
    good, bad = answer('It says "The ', 'cat".'), answer('It says "The dog".')
    assert await passed(checks, [Quote()], *good) == good
    why = await why_not(checks, Quote(), *bad)
    assert "did not pass the check quote: 'The dog' does not occur in what was sent." in why


async def test_the_first_check_that_fails_is_told(checks: Checks) -> None:
    *_, last = await passed(checks, [Quote(), Quote(("/a",))], *answer('It says "The cat".'))
    assert isinstance(last, Failed)
    assert "it is no JSON" in last.error.what


async def test_without_checks_a_stream_is_given_back_as_it_is(checks: Checks) -> None:
    async def stream() -> AsyncGenerator[Event]:
        yield Started("m")

    events = stream()
    assert checks.verified(ASK, (), events) is events
    await events.aclose()


@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.FILTER, Stop.SEQUENCE])
async def test_what_was_cut_off_called_or_failed_is_passed_as_it_is(
    checks: Checks, stop: Stop
) -> None:
    called = [Started("m"), CallDelta(0, "{}", id="c", name="f"), Finished(Stop.END, USAGE)]
    failed = [Started("m"), Failed(EngineFailed("m", why="it broke"))]
    for events in (answer("words", stop=stop), called, failed):
        assert await passed(checks, [Quote()], *events) == events


async def test_checks_that_cannot_be_made_are_refused(checks: Checks, tmp_path: Path) -> None:
    known = program(tmp_path, "lint", "exit 0")
    (tmp_path / "checks" / "notes").write_text("not executable")
    (tmp_path / "checks" / "folder").mkdir()
    checks.refuse([known, Quote(("", "/a/*"))])
    for name in ("other", "notes", "folder", "../checks/lint", "", ".", "x" * 70):
        with pytest.raises(CheckUnknown, match=r"Programs here: lint\."):
            checks.refuse([Program(name)])
    for wrong in (
        [Quote(("a",))],
        [Quote(("/" * 201,))],
        [Quote(("/a",) * 17)],
        [Quote()] * 17,
    ):
        with pytest.raises(RequestMalformed) as caught:
            checks.refuse(wrong)
        assert caught.value.facts["field"] == "checks"


@pytest.mark.slow
async def test_a_program_passes_by_its_status_and_tells_why_not(
    checks: Checks, tmp_path: Path
) -> None:
    lint = program(tmp_path, "lint", 'read -r a; [ "$a" = fine ] || { echo "no: $a" >&2; exit 1; }')
    good = answer("fi", "ne")
    assert await passed(checks, [lint], *good) == good
    assert "the check program 'lint': no: bad." in await why_not(checks, lint, *answer("bad"))
    mute = program(tmp_path, "mute", "exit 7")
    assert "it ended with status 7." in await why_not(checks, mute, *answer("x"))
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.slow
async def test_a_program_is_told_what_was_asked_and_knows_nothing_else(
    checks: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDBED_SECRET", "s")
    seen = program(tmp_path, "seen", f"env > {tmp_path}/env; cat ask.json > {tmp_path}/asked")
    await passed(checks, [seen], *answer("x"))
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}
    assert json.loads((tmp_path / "asked").read_text()) == {
        "model": "m",
        "texts": ["The cat sat."],
        "schema": {"type": "string"},
        "metadata": {"a": "b"},
    }


@pytest.mark.slow
async def test_a_program_without_a_verdict_passes_nothing(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    hasty = Checks(tmp_path / "checks", tmp_path / "run", seconds=0.2)
    slow = program(tmp_path, "slow", "sleep 1000")
    assert "it had no verdict after 0.2 s." in await why_not(hasty, slow, *answer("x"))
    broken = program(tmp_path, "broken", "")
    (tmp_path / "checks" / "broken").write_text("no program")
    assert "it cannot be run (Exec format error)." in await why_not(hasty, broken, *answer("x"))
    assert "it cannot be run (No such file" in await why_not(hasty, Program("gone"), *answer("x"))


@pytest.mark.slow
async def test_who_leaves_ends_a_program_and_nothing_is_left(
    checks: Checks, tmp_path: Path
) -> None:
    slow = program(tmp_path, "slow", f"echo > {tmp_path}/began; sleep 1000")

    async def left() -> None:
        await passed(checks, [slow], *answer("x"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(left)
        with anyio.fail_after(20):
            while not (tmp_path / "began").exists():
                await anyio.sleep(0.001)
        tasks.cancel_scope.cancel()
    assert list((tmp_path / "run").iterdir()) == []
