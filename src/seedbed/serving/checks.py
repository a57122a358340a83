"""Checks that are asked for beside a form: an answer that does not pass ends in `AnswerUnverified`.

Floor 4. As with forms, the words have been passed on by then; what is held back is the word that
they are whole. A program of the operator's lies in the home's `checks` folder. It is run in a
folder of its own, with next to no environment: the answer is its standard input, what was asked is
in the file `ask.json` there. Status 0 passes; otherwise the first line of its standard error is
why not.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import anyio
import anyio.to_thread

from seedbed.core.ask import Ask
from seedbed.core.check import MOST_CHECKS, Check, Misquoted, Program, Quote, check_quotes
from seedbed.core.check import sources_of as texts_of
from seedbed.core.errors import AnswerUnverified, CheckUnknown, RequestMalformed
from seedbed.core.event import CallDelta, Event, Failed, Finished, Stop, TextDelta, UsageNow
from seedbed.kit.running import Ran, run

SECONDS = 10.0
"""How long a program may take."""
ASK, ANSWER = "ask.json", "answer"
"""Files in the folder that a program is run in."""
_AT_ONCE = 4
"""Programs that run at the same time."""
_LONGEST_PATH = 200
_LONGEST_REASON = 300
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}


class Checks:
    """Verifies answers. `programs` is where they lie, `work` where each run gets a folder."""

    def __init__(self, programs: Path, work: Path, *, seconds: float = SECONDS) -> None:
        self._programs, self._work, self._seconds = programs, work, seconds
        self._places = anyio.CapacityLimiter(_AT_ONCE)

    @property
    def known(self) -> tuple[str, ...]:
        """The names of all programs."""
        names = (entry.name for entry in self._programs.glob("*") if self._is_program(entry.name))
        return tuple(sorted(names))

    def refuse(self, checks: Sequence[Check]) -> None:
        """Refuse checks that cannot be made.

        Raises:
            CheckUnknown: no program of that name is here.
            RequestMalformed: there are too many, or a path is none.
        """
        if len(checks) > MOST_CHECKS:
            raise _malformed(f"There are {len(checks)} checks; {MOST_CHECKS} is the most.")
        for check in checks:
            match check:
                case Program(name=name):
                    if not self._is_program(name):
                        raise CheckUnknown(name, known=self.known)
                case Quote():  # pragma: no branch - the last of the kinds
                    _refuse_paths(check.paths)

    def verified(
        self, ask: Ask, checks: Sequence[Check], events: AsyncGenerator[Event]
    ) -> AsyncGenerator[Event]:
        """The same events, but for the end of an answer that does not pass.

        Verified is the text of what ended by itself and called nothing. Without checks it costs
        nothing: the stream is given back.
        """
        return self._verified(ask, checks, events) if checks else events

    async def _verified(
        self, ask: Ask, checks: Sequence[Check], events: AsyncGenerator[Event]
    ) -> AsyncGenerator[Event]:
        text: list[str] = []
        calls = False
        async with aclosing(events):
            async for event in events:
                match event:
                    case TextDelta():
                        text.append(event.text)
                    case CallDelta():
                        calls = True
                    case Finished(stop=Stop.END) if not calls:
                        fault = await self._fault(ask, checks, "".join(text))
                        if fault is not None:
                            yield UsageNow(event.usage)  # came with the end that is held back
                            yield Failed(fault)
                            return
                    case _:
                        pass
                yield event

    async def _fault(
        self, ask: Ask, checks: Sequence[Check], answer: str
    ) -> AnswerUnverified | None:
        for check in checks:
            match check:
                case Quote():
                    why = await anyio.to_thread.run_sync(_misquoted, check, answer, ask)
                case Program(name=name):  # pragma: no branch - the last of the kinds
                    async with self._places:
                        why = await self._refused(self._programs / name, ask, answer)
            if why is not None:
                return AnswerUnverified(ask.model, check=check.words, why=why)
        return None

    async def _refused(self, program: Path, ask: Ask, answer: str) -> str | None:
        """Why a program does not pass an answer; one that has no verdict does not pass it."""
        try:
            ran = await self._run(program, ask, answer)
        except OSError as error:
            return f"it cannot be run ({error.strerror or error})"
        if ran.status is None:
            return f"it had no verdict after {self._seconds:g} s"
        said = "".join(letter for letter in ran.said if letter.isprintable())[:_LONGEST_REASON]
        return None if ran.status == 0 else said or f"it ended with status {ran.status}"

    async def _run(self, program: Path, ask: Ask, answer: str) -> Ran:
        """Run a program in a folder that is gone afterwards.

        Raises:
            OSError: it cannot be begun, or the disk refuses.
        """
        self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=self._work, prefix="check-"))
        try:
            await anyio.to_thread.run_sync(_furnish, folder, ask, answer)
            given, seconds = folder / ANSWER, self._seconds
            return await run(
                program, given, folder=folder, environment=_ENVIRONMENT, seconds=seconds
            )
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_clear, folder)

    def _is_program(self, name: str) -> bool:
        there = self._programs / name
        is_named = _NAME.fullmatch(name) is not None
        return is_named and there.is_file() and os.access(there, os.X_OK)


def _refuse_paths(paths: Sequence[str]) -> None:
    if len(paths) > MOST_CHECKS:
        raise _malformed(f"A check has {len(paths)} paths; {MOST_CHECKS} is the most.")
    for path in paths:
        if (path and not path.startswith("/")) or len(path) > _LONGEST_PATH:
            raise _malformed(f"A check cannot have the path {path[:80]!r}.")


def _malformed(what: str) -> RequestMalformed:
    hint = "A path is a JSON pointer, as in /claims/*/quote, where * is each of what is there."
    return RequestMalformed(what, hint=hint, field="checks")


def _misquoted(quote: Quote, answer: str, ask: Ask) -> str | None:
    try:
        check_quotes(quote, answer, ask.messages)
    except Misquoted as error:
        return str(error)
    return None


def _furnish(folder: Path, ask: Ask, answer: str) -> None:
    (folder / ASK).write_text(_asked(ask))
    (folder / ANSWER).write_bytes(answer.encode(errors="replace"))


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _asked(ask: Ask) -> str:
    """What was asked, for a program: the model, all that it was given to read, and the schema."""
    told = {
        "model": ask.model,
        "texts": list(texts_of(ask.messages)),
        "schema": ask.format.schema if ask.format.kind == "schema" else None,
        "metadata": ask.metadata,
    }
    return json.dumps(told, default=dict)


NO_PROGRAMS = Checks(Path(os.devnull), Path(os.devnull))
"""Checks without any program."""
