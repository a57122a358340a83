"""openvino-genai's continuous batching, in a process of its own, started with `python -m`.

Floor 3. The library holds the interpreter's lock while it steps, ends the process over a damaged
file, and leaves its pipeline unusable after some faults: all of that stays in here.

Listens on a free port of the loopback and greets with it. A caller opens a connection for each
ask, sends one line of JSON (`Job`), and reads lines of JSON (`Line`) until `stop` or `fault`;
closing the connection cancels. The process ends when its standard input closes.
"""

import argparse
import asyncio
import os
import sys
import threading
from collections.abc import Sequence

import msgspec

from seedbed.engines.openvino import How, Job, Line
from seedbed.kit.stops import Stops

# The library would count its users: forbidden this module, it does without. Python's own way.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as importlib documents it

import openvino_genai as genai  # noqa: E402 - only now
from openvino_genai.py_openvino_genai import GenerationHandle  # noqa: E402 - only now

_BLOCK = 32
"""Tokens in a block of the library's cache, on a CPU."""
_BATCHED = 256
"""Tokens of a prompt that are read in one step, which is all that other answers wait for."""
_LOST = "\N{REPLACEMENT CHARACTER}"


class _Answer:
    """One answer under way."""

    def __init__(self, number: int, job: Job, writer: asyncio.StreamWriter) -> None:
        self.number, self.job, self.writer = number, job, writer
        self.handle: GenerationHandle | None = None
        self.ids: list[int] = []
        self.decoded, self.sent = 0, 0
        self.stops = Stops(job.stop)

    def tell(self, line: Line) -> None:
        """Send one line."""
        if not self.writer.is_closing():
            self.writer.write(msgspec.json.encode(line) + b"\n")


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
        self._window, self._key = window, key
        self._answers: dict[int, _Answer] = {}
        self._numbers = 0
        self._work = asyncio.Event()

    async def serve(self) -> None:
        """Greet, and answer until the process ends."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 26)
        host, port = server.sockets[0].getsockname()
        print(msgspec.json.encode({"host": host, "port": str(port)}).decode(), flush=True)  # noqa: T201 - the greeting
        async with server:
            await self._step_for_ever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one ask, and cancel it when its caller leaves."""
        answer = None
        try:
            job = msgspec.json.decode(await reader.readline(), type=Job)
            if job.key == self._key:
                self._numbers += 1  # never used twice: a live number given again ruins the pipeline
                answer = _Answer(self._numbers, job, writer)
                self._begin(answer)
                await reader.read()
        except (ConnectionError, ValueError, msgspec.MsgspecError):
            pass  # whoever speaks so is not our engine, or has gone
        finally:
            if answer is not None and self._answers.pop(answer.number, None) and answer.handle:
                answer.handle.cancel()
                self._work.set()
            writer.close()

    def _begin(self, answer: _Answer) -> None:
        """Check all that can be checked, and only then hand the ask to the pipeline."""
        history = [{"role": role, "content": text} for role, text in answer.job.messages]
        try:
            prompt = self._tokenizer.apply_chat_template(history, add_generation_prompt=True)
            most = max(len(prompt.encode()), 1)
            ids = self._tokenizer.encode(
                prompt, add_special_tokens=False, max_length=most
            ).input_ids
            tokens = ids.shape[1]
            if tokens >= self._window:
                answer.tell(Line(fault="too_long", prompt=tokens))
                return
            config = self._config(answer.job, room=self._window - tokens)
            config.validate()
            answer.handle = self._pipeline.add_request(answer.number, ids, config)
        except RuntimeError as error:
            answer.tell(Line(fault="refused", why=str(error).splitlines()[-1]))
            return
        answer.tell(Line(prompt=tokens))
        self._answers[answer.number] = answer
        self._work.set()

    def _config(self, job: Job, *, room: int) -> genai.GenerationConfig:
        config = genai.GenerationConfig()
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        config.max_new_tokens = min(job.output or room, room)
        config.do_sample = job.temperature > 0
        if config.do_sample:
            config.temperature, config.top_p, config.min_p = job.temperature, job.top_p, job.min_p
            config.rng_seed = job.seed % (1 << 63)
            if job.top_k:
                config.top_k = job.top_k
        config.frequency_penalty = job.frequency_penalty
        config.presence_penalty = job.presence_penalty
        return config

    async def _step_for_ever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._pipeline.has_non_finished_requests():
                try:
                    self._pipeline.step()
                except RuntimeError as error:
                    self._give_up(str(error).splitlines()[-1])
                for answer in list(self._answers.values()):
                    self._deliver(answer)
                await asyncio.sleep(0)  # now callers come, go and are written to

    def _deliver(self, answer: _Answer) -> None:
        """Send what the last step brought."""
        handle = answer.handle
        if handle is None:
            return
        reason = genai.GenerationFinishReason.NONE
        while handle.can_read():
            for output in handle.read().values():
                answer.ids += output.generated_ids
                reason = output.finish_reason
        status = handle.get_status()
        over = status != genai.GenerationStatus.RUNNING
        text = answer.stops.feed(self._words(answer, last=over))
        if answer.stops.met:
            handle.cancel()
            self._end(answer, text, stop="sequence")
        elif not over:
            self._say(answer, text)
        elif status == genai.GenerationStatus.FINISHED:
            length = reason == genai.GenerationFinishReason.LENGTH
            self._end(answer, text + answer.stops.rest(), stop="length" if length else "end")
        else:
            self._answers.pop(answer.number, None)
            answer.tell(Line(fault="failed", why=f"its cache is full ({status.name})"))

    def _words(self, answer: _Answer, *, last: bool) -> str:
        """The text of the newest tokens, as far as it is whole: a letter may take several."""
        before = self._tokenizer.decode(answer.ids[answer.decoded : answer.sent])
        now = self._tokenizer.decode(answer.ids[answer.decoded :])
        if len(now) <= len(before) or (now.endswith(_LOST) and not last):
            return ""
        answer.decoded, answer.sent = answer.sent, len(answer.ids)
        return now[len(before) :]

    def _say(self, answer: _Answer, text: str) -> None:
        if text:
            answer.tell(Line(text=text, output=len(answer.ids)))

    def _end(self, answer: _Answer, text: str, *, stop: How) -> None:
        self._say(answer, text)
        self._answers.pop(answer.number, None)
        answer.tell(Line(stop=stop, output=len(answer.ids)))

    def _give_up(self, why: str) -> None:
        """End the process: after a fault in a step the pipeline answers nobody any more."""
        print(f"the pipeline failed: {why}", file=sys.stderr, flush=True)  # noqa: T201 - the engine's log
        os._exit(1)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main(words: Sequence[str]) -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens an answer may hold")
    parser.add_argument("--places", type=int, required=True)
    options = parser.parse_args(words)
    key = os.environ["SEEDBED_ENGINE_KEY"]  # noqa: TID251 - its only way in
    worker = Worker(options.model, window=options.window, places=options.places, key=key)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(worker.serve())


if __name__ == "__main__":
    main(sys.argv[1:])
