"""A sentence encoder in a process of its own, started with `python -m`.

Floor 3. Listens on a free port of the loopback and greets with it. A caller opens a connection for
each ask, sends one line of JSON (`Job`), and reads lines of JSON (`Line`); closing the connection
ends its work after the batch under way. The process ends when its standard input closes, and at
once where the files are damaged, with a last word on standard error.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from seedbed.engines.sentence_encoder import (
    Broken,
    Cut,
    Done,
    Empty,
    Job,
    Line,
    Read,
    TooLong,
    Vector,
)
from seedbed.engines.workers import bert_folder, e5_file
from seedbed.engines.workers.bert import BadWeights, Bert, Tokenizer
from seedbed.engines.workers.bert_graph import Encoder
from seedbed.engines.workers.fair import Fair, Item
from seedbed.engines.workers.parent import end_with_parent, greet

_BATCH_TOKENS = 1024
"""All that a new text waits for; more at once are no faster on a few cores."""
_LONGEST_JOB = 1 << 28


class Caller:
    """One ask under way: its vectors leave in order, whatever order they are made in."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._ready: dict[int, Vector] = {}
        self._next = 0

    def tell(self, line: Line) -> None:
        """Send one line."""
        if not self._writer.is_closing():
            self._writer.write(msgspec.json.encode(line) + b"\n")

    def deliver(self, vector: Vector, *, last: int) -> None:
        """Send the vectors that are next, and after the last one that there are no more."""
        self._ready[vector.ordinal] = vector
        while self._next in self._ready:
            self.tell(self._ready.pop(self._next))
            self._next += 1
        if self._next > last:
            self.tell(Done())


class Worker:
    """The model, and the texts that wait for it."""

    def __init__(self, encoder: Encoder, tokenizer: Tokenizer, *, window: int, key: str) -> None:
        self._encoder, self._tokenizer = encoder, tokenizer
        self._window, self._key = window, key
        self._fair = Fair[Caller](tokens=_BATCH_TOKENS)
        self._lasts: dict[Caller, int] = {}
        self._work = asyncio.Event()
        self._batches = 0
        # A thread each, so that reading texts takes no time from the model, and each is in turn.
        self._reading, self._embedding = ThreadPoolExecutor(1), ThreadPoolExecutor(1)

    async def serve(self, *, dimensions: int) -> None:
        """Greet, and answer until the process ends."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=_LONGEST_JOB)
        host, port = server.sockets[0].getsockname()
        greet(host=host, port=str(port), dimensions=str(dimensions))
        async with server:
            while True:
                await self._work.wait()
                self._work.clear()
                while self._fair:
                    await self._run(self._fair.take())
                    await asyncio.sleep(0)  # now who has left is forgotten

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one ask, and forget it when its caller leaves."""
        caller = Caller(writer)
        try:
            job = msgspec.json.decode(await reader.readline(), type=Job)
            if job.key == self._key:
                await (self._cut if job.cut else self._begin)(caller, job, reader)
                await reader.read()
        except (ConnectionError, ValueError, msgspec.MsgspecError):
            pass  # whoever speaks so is not our engine, or has gone
        finally:
            self._fair.drop(caller)
            self._lasts.pop(caller, None)
            writer.close()

    async def _begin(self, caller: Caller, job: Job, reader: asyncio.StreamReader) -> None:
        """Read all texts before any is worked on, since one may have to be refused."""
        loop = asyncio.get_running_loop()
        texts: list[list[int]] = []
        for ordinal, text in enumerate(job.texts):
            ids = await loop.run_in_executor(self._reading, self._encode, text, job.question)
            if reader.at_eof():
                return
            if not ids:
                caller.tell(Empty(ordinal))
                return
            if len(ids) > self._window:
                caller.tell(TooLong(ordinal, len(ids)))
                return
            texts.append(ids)
        caller.tell(Read(sum(map(len, texts))))
        if texts:
            self._lasts[caller] = len(texts) - 1
            self._fair.add(caller, texts)
            self._work.set()
        else:
            caller.tell(Done())

    async def _cut(self, caller: Caller, job: Job, reader: asyncio.StreamReader) -> None:
        """Tell the tokens of each text, in the thread in which texts are read."""
        loop = asyncio.get_running_loop()
        for ordinal, text in enumerate(job.texts):
            ids = await loop.run_in_executor(self._reading, self._tokenizer.tokens, text)
            if reader.at_eof():
                return
            caller.tell(Cut(ordinal, tuple(ids)))
        caller.tell(Done())

    def _encode(self, text: str, question: bool) -> list[int]:
        return self._tokenizer.encode(text, question=question)

    async def _run(self, batch: Sequence[Item[Caller]]) -> None:
        """One batch, while callers come and go."""
        loop = asyncio.get_running_loop()
        ids = [item.ids for item in batch]
        self._batches += 1
        try:
            vectors = await loop.run_in_executor(self._embedding, self._encoder.embed, ids)
        except RuntimeError as error:
            for item in batch:
                self._fair.drop(item.caller)
                item.caller.tell(Broken(str(error).splitlines()[-1]))
            return
        for item, floats in zip(batch, vectors, strict=True):
            last = self._lasts.get(item.caller)
            if last is not None:
                vector = Vector(item.ordinal, floats, self._batches)
                item.caller.deliver(vector, last=last)


def _load(path: Path, *, window: int) -> tuple[Bert, Tokenizer]:
    """The model of either kind.

    Raises:
        BadWeights: the files are damaged, or the window is longer than the model can read.
    """
    with path.open("rb") as file:
        packed = file.read(len(e5_file.MAGIC)) == e5_file.MAGIC
    bert, tokenizer = e5_file.read(path) if packed else bert_folder.read(path)
    if window > len(bert.places):
        raise BadWeights(f"it reads {len(bert.places)} tokens, and its card says {window}")
    return bert, tokenizer


def main(words: Sequence[str]) -> None:
    """Serve until standard input closes."""
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens a text may hold")
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args(words)
    key = os.environ["SEEDBED_ENGINE_KEY"]  # noqa: TID251 - its only way in
    try:
        bert, tokenizer = _load(options.model, window=options.window)
        encoder = Encoder(bert, threads=options.threads)
    except (BadWeights, OSError, RuntimeError) as error:
        sys.exit(f"the model cannot be loaded: {error}")
    worker = Worker(encoder, tokenizer, window=options.window, key=key)
    asyncio.run(worker.serve(dimensions=bert.width))


if __name__ == "__main__":
    main(sys.argv[1:])
