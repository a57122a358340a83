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
import re
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

import numpy as np  # noqa: E402 - only now
import openvino_genai as genai  # noqa: E402 - only now

from seedbed.engines.workers.openvino_answer import Answer, Caller, Decoder  # noqa: E402 - only now
from seedbed.engines.workers.openvino_form import structured  # noqa: E402 - only now
from seedbed.engines.workers.openvino_prompt import prompt_of  # noqa: E402 - only now
from seedbed.engines.workers.openvino_trials import Trials  # noqa: E402 - only now

_BLOCK = 32
"""Tokens in a block of the library's cache, on a CPU."""
_BATCHED = 256
"""Tokens of a prompt that are read in one step, which is all that other answers wait for."""
_WAITING = 16
"""Asks for each place that are taken; the library runs what it can, and keeps the others."""
_LARGEST_FORM = 1 << 17
"""Characters; the library takes a second for each 25,000, and nobody is answered meanwhile."""
_TURNS = 4
"""Turns of the loop from a caller's leaving to the cancelling of its answer, and one to spare."""
_PIECES = re.compile(r"\s?.{1,2000}(?!\S)|.{1,2000}", re.DOTALL)
"""Pieces of a text, cut before blanks where there are some, as tokenizers cut it, too."""
_AFTER_THOUGHT = "\n</think>\n\n"
_ENDS = frozenset({"<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end_of_text|>", "<|endoftext|>"})


class Refusal(Exception):
    """The job cannot be done; the sentence says why."""


class Worker:
    """The pipeline, and the answers that it is making."""

    def __init__(self, model: str, *, window: int, places: int, key: str) -> None:
        scheduler = genai.SchedulerConfig()
        scheduler.num_kv_blocks = places * (window // _BLOCK + 1) + 1
        scheduler.max_num_batched_tokens = _BATCHED
        scheduler.max_num_seqs = places
        scheduler.enable_prefix_caching = True
        self._pipeline = genai.ContinuousBatchingPipeline(model, scheduler, "CPU")
        self._tokenizer = self._pipeline.get_tokenizer()
        self._decode = Decoder(lambda rows: self._tokenizer.decode(rows, False))
        self._tensor = type(self._encoded("a"))
        vocabulary = self._tokenizer.get_vocab()
        self._tokens = max(vocabulary.values()) + 1
        self._ends = {vocabulary[end.encode()] for end in _ENDS if end.encode() in vocabulary}
        self._ends = {end for end in self._ends if self._is_control(end)}
        self._ends.add(self._tokenizer.get_eos_token_id())
        self._shown: dict[int, str | None] = {}
        self._window, self._places, self._key = window, places, key
        self._answers: dict[Caller, Answer] = {}
        self._waiting = 0
        self._numbers, self._steps, self._made = 0, 0, 0
        self._trials = Trials()
        self._work = asyncio.Event()

    async def serve(self) -> None:
        """Greet, and answer until the process ends."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=LONGEST_LINE)
        host, port = server.sockets[0].getsockname()
        greet(host=host, port=str(port))
        async with server:
            await self._step_for_ever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one ask, and cancel it when its caller leaves."""
        caller = Caller(writer)
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
                else:
                    await self._take(line, caller)
                    await reader.read()
        except ConnectionError:
            pass  # gone
        finally:
            answer = self._answers.pop(caller, None)
            if answer is not None and answer.handle is not None:
                answer.handle.cancel()
                self._work.set()
            writer.close()

    def _count(self) -> Count:
        metrics = self._pipeline.get_metrics()
        held = metrics.requests if self._pipeline.has_non_finished_requests() else 0
        return Count(self._steps, self._made, len(self._answers), held, metrics.cache_usage)

    async def _take(self, line: bytes, caller: Caller) -> None:
        """Check all that can be checked, and only then hand the ask to the pipeline."""
        if len(self._answers) + self._waiting >= self._places * _WAITING:
            caller.tell(Line(fault="busy"))
            return
        self._waiting += 1
        try:
            job = msgspec.json.decode(line, type=Job)
            if job.form is not None:
                await self._try(job.form)
            self._begin(job, caller)
        except (Refusal, msgspec.MsgspecError) as error:
            caller.tell(Line(fault="refused", why=str(error)))
        except RuntimeError as error:
            caller.tell(Line(fault="refused", why=str(error).strip().splitlines()[-1]))
        finally:
            self._waiting -= 1

    async def _try(self, form: Form) -> None:
        """Have a form tried where it can do no harm."""
        if form.size > _LARGEST_FORM:
            raise Refusal(
                f"its grammar has {form.size:,} characters, and may have {_LARGEST_FORM:,}"
            )
        why = await self._trials.verdict(form)
        if why:
            raise Refusal(f"its grammar cannot be followed: {why}")

    def _begin(self, job: Job, caller: Caller) -> None:
        prompt, opened = prompt_of(job, self._tokenizer)
        ids = self._ids(prompt)
        if not ids:
            raise Refusal("its prompt has no token")
        if len(ids) >= self._window:
            caller.tell(Line(fault="too_long", prompt=max(len(ids), self._length(prompt))))
            return
        if max(ids) >= self._tokens or min(ids) < 0:
            raise Refusal("its prompt has tokens that the model does not know")
        room = self._window - len(ids)
        answer = Answer(
            job, ids, most=min(job.output or room, room), opened=opened, decode=self._decode
        )
        self._add(answer, ids, form=None if answer.is_thought_apart else job.form)
        caller.tell(Line(prompt=len(ids)))
        self._answers[caller] = answer

    def _add(self, answer: Answer, ids: Sequence[int], *, form: Form | None) -> None:
        """Hand an answer to the pipeline, from these ids on."""
        config = self._config(answer, form)
        config.validate()
        self._numbers += 1  # never used twice: a live number given again ruins the pipeline
        rows = self._tensor(np.array([ids], dtype=np.int64))
        answer.handle = self._pipeline.add_request(self._numbers, rows, config)
        self._work.set()

    def _config(self, answer: Answer, form: Form | None) -> genai.GenerationConfig:
        config, how = genai.GenerationConfig(), answer.job.sampled
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        config.stop_token_ids = self._ends
        config.max_new_tokens = answer.left
        config.do_sample = how.temperature > 0
        if config.do_sample:
            config.temperature, config.top_p, config.min_p = how.temperature, how.top_p, how.min_p
            config.rng_seed = answer.job.seed
            if how.top_k:
                config.top_k = how.top_k
        config.frequency_penalty = how.frequency_penalty
        config.presence_penalty = how.presence_penalty
        config.logprobs = int(answer.job.logprobs)
        if form is not None:
            config.structured_output_config = structured(form)
        return config

    async def _step_for_ever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._pipeline.has_non_finished_requests():
                try:
                    self._pipeline.step()
                except RuntimeError as error:
                    self._give_up(str(error).strip().splitlines()[-1])
                self._steps += 1
                self._deliver(list(self._answers.items()))
                for _ in range(_TURNS):
                    await asyncio.sleep(0)  # now callers come, go and are written to

    def _deliver(self, answers: Sequence[tuple[Caller, Answer]]) -> None:
        """Send what the last step brought."""
        reasons = [self._read(answer) for _, answer in answers]
        self._decode.prepare(row for _, answer in answers for row in answer.undecoded)
        for (caller, answer), reason in zip(answers, reasons, strict=True):
            self._tell(caller, answer, reason)

    def _read(self, answer: Answer) -> genai.GenerationFinishReason:
        """Take an answer's new tokens; returns why it ended, if it has."""
        handle, reason = answer.handle, genai.GenerationFinishReason.NONE
        assert handle is not None  # noqa: S101 - it was added before it was kept
        while handle.can_read():
            for output in handle.read().values():
                reason = output.finish_reason
                for token, likely in zip(
                    output.generated_ids, output.generated_log_probs, strict=True
                ):
                    answer.take(token, shown=self._is_shown(token, answer.job), likely=likely)
                    self._made += 1
        return reason

    def _tell(self, caller: Caller, answer: Answer, reason: genai.GenerationFinishReason) -> None:
        """Send an answer's new words, and end it or turn it where it is time."""
        handle = answer.handle
        assert handle is not None  # noqa: S101 - as above
        status = handle.get_status()
        over = status != genai.GenerationStatus.RUNNING
        line = answer.told(last=over)
        if line.text or line.thought:
            caller.tell(line)
        finished = status == genai.GenerationStatus.FINISHED
        if answer.met_stop:
            handle.cancel()
            self._end(caller, answer, "sequence")
        elif answer.is_spent or (answer.is_thought_apart and (finished or not answer.thinks)):
            self._turn(caller, answer)
        elif finished:
            length = reason == genai.GenerationFinishReason.LENGTH
            self._end(caller, answer, "length" if length else "end")
        elif over:
            del self._answers[caller]
            caller.tell(Line(fault="failed", why=f"its cache is full ({status.name})"))

    def _turn(self, caller: Caller, answer: Answer) -> None:
        """End the thought, and begin the answer behind it; what was read is in the cache."""
        assert answer.handle is not None  # noqa: S101 - as above
        answer.handle.cancel()
        made, forced = answer.ids, list[int]()
        if answer.thinks:
            made = [token for token in made if token not in self._ends]
            line = answer.end_thought()
            if line.thought:
                caller.tell(line)
            forced = self._ids(_AFTER_THOUGHT)
        answer.is_thought_apart = False
        ids = answer.prompt + made + forced
        answer.most = min(answer.most, self._window - len(answer.prompt) - len(forced))
        if answer.left <= 0:
            self._end(caller, answer, "length")
            return
        self._add(answer, ids, form=answer.job.form)

    def _end(self, caller: Caller, answer: Answer, how: How) -> None:
        del self._answers[caller]
        caller.tell(answer.ended(how))

    def _is_shown(self, token: int, job: Job) -> bool:
        """Whether a token is told: control tokens are not, unless the job names them."""
        if token not in self._shown:
            self._shown[token] = self._decode([token]) if self._is_control(token) else None
        control = self._shown[token]
        return control is None or control in job.markers

    def _is_control(self, token: int) -> bool:
        return bool(self._decode([token])) and not self._tokenizer.decode([token])

    def _ids(self, text: str) -> list[int]:
        return self._encoded(text).data.ravel().tolist()

    def _length(self, text: str) -> int:
        """About how many tokens a text has, of which the library gives a window's worth only."""
        return sum(len(self._ids(piece)) for piece in _PIECES.findall(text))

    def _encoded(self, text: str) -> "genai.Tensor":
        most = max(len(text.encode()), 1)
        return self._tokenizer.encode(text, add_special_tokens=False, max_length=most).input_ids

    def _give_up(self, why: str) -> None:
        """End the process: after a fault in a step the pipeline answers nobody any more."""
        for caller in self._answers:
            caller.tell(Line(fault="failed", why=f"its pipeline failed: {why}"))
        print(f"the pipeline failed: {why}", file=sys.stderr, flush=True)  # noqa: T201 - the engine's log
        os._exit(1)


def main(words: Sequence[str]) -> None:
    """Serve until standard input closes."""
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens an answer may hold")
    parser.add_argument("--places", type=int, required=True)
    options = parser.parse_args(words)
    key = os.environ["SEEDBED_ENGINE_KEY"]  # noqa: TID251 - its only way in
    if options.model.endswith(".gguf"):
        read_head(Path(options.model))  # of a damaged file the library dies without a word
    worker = Worker(options.model, window=options.window, places=options.places, key=key)
    uvloop.run(worker.serve())


if __name__ == "__main__":
    main(sys.argv[1:])
