"""openvino-genai's continuous batching, in a process of its own, started with `python -m`.

Floor 3. The library holds the interpreter's lock while it steps, ends the process over a damaged
file, and leaves its pipeline unusable after some faults: all of that stays in here. What could
bring such a fault is checked before the pipeline sees it, and each form is tried elsewhere first
(`openvino_trial.py`).

Listens on a free port of the loopback and greets with it. A caller opens a connection for each
ask, sends one line of JSON (`Job`), and reads lines of JSON (`Line`) until `stop` or `fault`;
closing the connection cancels. The process ends when its standard input closes.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import uvloop

from seedbed.engines.formats.base import Form
from seedbed.engines.workers.openvino_wire import LONGEST_LINE, Count, Door, How, Job, Line
from seedbed.engines.workers.parent import end_with_parent, greet
from seedbed.kit.gguf import read_head

# The library would count its users: forbidden this module, it does without. Python's own way.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino_genai as genai  # noqa: E402 - only now

from seedbed.engines.workers.openvino_answer import Answer, Caller  # noqa: E402 - only now
from seedbed.engines.workers.openvino_counting import Counting  # noqa: E402 - only now
from seedbed.engines.workers.openvino_pictures import Looking, Shown  # noqa: E402 - only now
from seedbed.engines.workers.openvino_pipeline import Pipeline  # noqa: E402 - only now
from seedbed.engines.workers.openvino_prompt import prompt_of  # noqa: E402 - only now
from seedbed.engines.workers.openvino_schedule import Schedule  # noqa: E402 - only now
from seedbed.engines.workers.openvino_sight import Sight  # noqa: E402 - only now
from seedbed.engines.workers.openvino_tokens import CUT_OFF  # noqa: E402 - only now
from seedbed.engines.workers.openvino_trials import Trials  # noqa: E402 - only now

_WAITING = 16
"""Asks for each place that are taken; the others wait for their turn."""
_LARGEST_FORM = 1 << 17
"""Characters; the library takes a second for each 25,000, and nobody is answered meanwhile."""
_TURNS = 4
"""Turns of the loop from a caller's leaving to the cancelling of its answer, and one to spare."""
_AFTER_THOUGHT = "\n</think>\n\n"


class Refusal(Exception):
    """The job cannot be done; the sentence says why."""


class Worker:
    """Takes asks, lets their answers have their turns, and tells what the pipeline makes."""

    def __init__(self, pipeline: Pipeline, *, window: int, places: int, key: str) -> None:
        self._pipeline, self._tokens = pipeline, pipeline.tokens
        self._counting = Counting(pipeline.tokens, window=window)
        self._looking = Looking()
        self._sight = Sight(self._length, self._measured, whole=CUT_OFF)
        self._window, self._places, self._key = window, places, key
        self._schedule = Schedule[Answer](
            places=places, start=self._start, stop=self._pipeline.stop
        )
        self._answers: dict[Answer, Caller] = {}
        self._waiting = 0
        self._steps, self._made = 0, 0
        self._trials = Trials()
        self._work = asyncio.Event()

    async def serve(self) -> None:
        """Greet, and answer until the process ends."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=LONGEST_LINE)
        host, port = server.sockets[0].getsockname()
        greet(host=host, port=str(port))
        async with server, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._trials.start())
            await self._step_for_ever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one ask, and cancel it when its caller leaves."""
        caller, answer = Caller(writer), None
        try:
            line = await reader.readline()
            door = msgspec.json.decode(line, type=Door)
        except (ConnectionError, ValueError):  # whoever speaks so is not our engine, or has gone
            writer.close()
            return
        try:
            if door.key == self._key:
                if door.count:
                    caller.tell(self._count())
                elif door.texts is not None:
                    await self._cut(door.texts, caller)
                elif door.counted:
                    caller.tell(await self._counted(line))
                else:
                    answer = await self._take(line, caller)
                    await reader.read()
        except ConnectionError:
            pass  # gone
        finally:
            if answer in self._answers:
                self._drop(answer)
                self._work.set()
            writer.close()

    async def _cut(self, texts: Sequence[str], caller: Caller) -> None:
        """Tell the tokens of each text, up to one that has too many."""
        for ordinal, text in enumerate(texts):
            line = await self._counting.cut(ordinal, text)
            caller.tell(line)
            if line.fault:
                return
        caller.tell(Line(stop="end"))

    async def _counted(self, line: bytes) -> Line:
        """How many tokens a job's prompt has, whatever else is under way."""
        try:
            job = msgspec.json.decode(line, type=Job)
            prompt, _ = prompt_of(job, self._tokens)
            seen = await self._shown(prompt, job)
            if seen and seen.pictures:
                return Line(prompt=len(self._ids(prompt, seen)))
        except msgspec.MsgspecError as error:
            return Line(fault="refused", why=str(error))
        except RuntimeError as error:
            return Line(fault="refused", why=_sentence(error))
        return Line(prompt=await self._counting.count(prompt))

    def _count(self) -> Count:
        metrics = self._pipeline.metrics
        held = metrics.requests if self._pipeline.is_busy else 0
        return Count(
            steps=self._steps,
            tokens=self._made,
            answers=len(self._answers),
            held=held,
            cache=metrics.cache_usage,
            parks=self._schedule.parks,
        )

    async def _take(self, line: bytes, caller: Caller) -> Answer | None:
        """Check all that can be checked, and only then let the ask wait for its turn."""
        if len(self._answers) + self._waiting >= self._places * _WAITING:
            caller.tell(Line(fault="busy"))
            return None
        self._waiting += 1
        try:
            job = msgspec.json.decode(line, type=Job)
            if job.form is not None:
                await self._try(job.form)
            return await self._begin(job, caller)
        except (Refusal, msgspec.MsgspecError) as error:
            caller.tell(Line(fault="refused", why=str(error)))
        except RuntimeError as error:
            caller.tell(Line(fault="refused", why=_sentence(error)))
        finally:
            self._waiting -= 1
        return None

    async def _try(self, form: Form) -> None:
        """Have a form tried where it can do no harm."""
        if form.size > _LARGEST_FORM:
            raise Refusal(
                f"its grammar has {form.size:,} characters, and may have {_LARGEST_FORM:,}"
            )
        why = await self._trials.verdict(form)
        if why:
            raise Refusal(f"its grammar cannot be followed: {why}")

    async def _begin(self, job: Job, caller: Caller) -> Answer | None:
        prompt, opened = prompt_of(job, self._tokens)
        seen = await self._shown(prompt, job)
        ids = self._ids(prompt, seen)
        if not ids:
            raise Refusal("its prompt has no token")
        if len(ids) >= self._window:
            longest = max(len(ids), self._tokens.length(seen.words if seen else prompt))
            caller.tell(Line(fault="too_long", prompt=longest))
            return None
        if not self._tokens.are_known(ids):
            raise Refusal("its prompt has tokens that the model does not know")
        room = self._window - len(ids)
        most = min(job.output or room, room)
        answer = Answer(job, ids, most=most, opened=opened, decode=self._tokens.decode)
        answer.shown = seen
        self._pipeline.config(answer, job.form)
        caller.tell(Line(prompt=len(ids)))
        self._answers[answer] = caller
        self._schedule.add(answer)
        self._work.set()
        return answer

    async def _shown(self, prompt: str, job: Job) -> Shown | None:
        return await self._looking.at(prompt, job.pictures) if self._pipeline.sees else None

    def _ids(self, prompt: str, seen: Shown | None) -> list[int]:
        """The tokens of a prompt; of one with pictures only their number."""
        if seen is None:
            return self._tokens.ids(prompt)
        return [0] * self._sight.count(seen, window=self._window)

    def _length(self, text: str) -> int:
        return len(self._tokens.ids(text))

    def _measured(self, seen: Shown) -> int:
        handle = self._pipeline.measured(seen)
        self._step()
        return handle.get_perf_metrics().get_num_input_tokens()

    def _start(self, answer: Answer, piece: bool) -> None:
        """Hand an answer to the pipeline."""
        try:
            self._pipeline.start(answer, piece=piece)
        except RuntimeError as error:
            self._fail(answer, Line(fault="refused", why=_sentence(error)))

    async def _step_for_ever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            self._schedule.turn()
            while self._pipeline.is_busy:
                self._step()
                for _ in range(_TURNS):
                    await asyncio.sleep(0)  # now callers come, go and are written to
                self._schedule.turn()

    def _step(self) -> None:
        """Make one, and send what it brought."""
        try:
            self._pipeline.step()
        except RuntimeError as error:
            self._give_up(_sentence(error))
        self._steps += 1
        self._deliver([answer for answer in self._answers if answer.handle is not None])

    def _deliver(self, answers: Sequence[Answer]) -> None:
        """Send what the last step brought."""
        for answer in [answer for answer in answers if answer.is_piece]:
            self._read_on(answer)
        answers = [answer for answer in answers if not answer.is_piece]
        reasons = [self._read(answer) for answer in answers]
        self._tokens.decode.prepare(row for answer in answers for row in answer.undecoded)
        for answer, reason in zip(answers, reasons, strict=True):
            self._tell(answer, reason)

    def _read_on(self, answer: Answer) -> None:
        """Let a piece of a prompt that was read be followed by the next."""
        assert answer.handle is not None  # noqa: S101 - it runs
        status = answer.handle.get_status()
        if status == genai.GenerationStatus.FINISHED:
            answer.handle = None
            self._schedule.again(answer)
        elif status != genai.GenerationStatus.RUNNING:
            self._fail(answer, Line(fault="failed", why=f"its cache is full ({status.name})"))

    def _read(self, answer: Answer) -> genai.GenerationFinishReason:
        """Take an answer's new tokens; returns why it ended, if it has."""
        handle, reason = answer.handle, genai.GenerationFinishReason.NONE
        assert handle is not None  # noqa: S101 - it runs
        markers, made = answer.job.markers, len(answer.ids)
        while handle.can_read():
            for output in handle.read().values():
                reason = output.finish_reason
                for token, likely in zip(
                    output.generated_ids, output.generated_log_probs, strict=True
                ):
                    shown = self._tokens.is_shown(token, markers)
                    answer.take(token, shown=shown, likely=likely)
                    self._made += 1
        if not made:
            self._pipeline.note(answer)
        answer.is_stale = self._pipeline.changes(answer, len(answer.ids) - made)
        return reason

    def _tell(self, answer: Answer, reason: genai.GenerationFinishReason) -> None:
        """Send an answer's new words, and end it or turn it where it is time."""
        assert answer.handle is not None  # noqa: S101 - as above
        status = answer.handle.get_status()
        over = status != genai.GenerationStatus.RUNNING
        line = answer.told(last=over)
        if line.text or line.thought:
            self._answers[answer].tell(line)
        finished = status == genai.GenerationStatus.FINISHED
        if answer.met_stop:
            self._end(answer, "sequence")
        elif answer.is_spent or (answer.is_thought_apart and (finished or not answer.thinks)):
            self._turn(answer)
        elif finished:
            length = reason == genai.GenerationFinishReason.LENGTH
            self._end(answer, "length" if length else "end")
        elif over:
            self._fail(answer, Line(fault="failed", why=f"its cache is full ({status.name})"))
        elif answer.is_stale:
            self._schedule.again(answer)

    def _turn(self, answer: Answer) -> None:
        """End the thought, and begin the answer behind it; what was read is in the cache."""
        made, forced = answer.ids, list[int]()
        if answer.thinks:
            made = [token for token in made if token not in self._tokens.ends]
            line = answer.end_thought()
            if line.thought:
                self._answers[answer].tell(line)
            forced = self._tokens.ids(_AFTER_THOUGHT)
        answer.turn(made, forced, window=self._window)
        if answer.left <= 0:
            self._end(answer, "length")
            return
        self._schedule.again(answer)

    def _end(self, answer: Answer, how: How) -> None:
        self._drop(answer).tell(answer.ended(how))

    def _fail(self, answer: Answer, line: Line) -> None:
        self._drop(answer).tell(line)

    def _drop(self, answer: Answer) -> Caller:
        """Have nothing more made of an answer; returns who waited for it."""
        self._schedule.drop(answer)
        self._pipeline.stop(answer)
        return self._answers.pop(answer)

    def _give_up(self, why: str) -> None:
        """End the process: after a fault in a step the pipeline answers nobody any more."""
        for caller in self._answers.values():
            caller.tell(Line(fault="failed", why=f"its pipeline failed: {why}"))
        print(f"the pipeline failed: {why}", file=sys.stderr, flush=True)  # noqa: T201 - the engine's log
        os._exit(1)


def _sentence(error: RuntimeError) -> str:
    """The library's own, without the place in its source."""
    return str(error).strip().splitlines()[-1].rstrip(".")


def main(words: Sequence[str]) -> None:
    """Serve until standard input closes."""
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens an answer may hold")
    parser.add_argument("--places", type=int, required=True)
    parser.add_argument("--lookup", type=int, default=0, help="1: guess from prompts")
    options = parser.parse_args(words)
    key = os.environ["SEEDBED_ENGINE_KEY"]  # noqa: TID251 - its only way in
    if options.model.endswith(".gguf"):
        read_head(Path(options.model))  # of a damaged file the library dies without a word
    window, places = options.window, options.places
    pipeline = Pipeline(options.model, window=window, places=places, lookup=bool(options.lookup))
    worker = Worker(pipeline, window=window, places=places, key=key)
    uvloop.run(worker.serve())


if __name__ == "__main__":
    main(sys.argv[1:])
