"""A batch: a file of asks, each line answered once, and a file of answers in the same order.

Floor 4. Lines are as OpenAI's batches have them: `custom_id`, `method`, `url`, `body`. Each is a
step, so that a batch that was killed goes on with the line that it had come to. The answers are
written from the steps. A run holds in memory only what earlier runs had answered. Pictures are
answered by links, where a line does not say otherwise.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from seedbed.core.artifact import is_hash
from seedbed.core.errors import ArtifactUnknown, JobKeyless, RequestMalformed
from seedbed.core.job import Fault, Job, Progress
from seedbed.jobs.door import Door, Told
from seedbed.jobs.job import Kind, Unfinished
from seedbed.jobs.step import Steps
from seedbed.store.artifacts import Artifacts
from seedbed.store.jobs import Jobs
from seedbed.store.taking import Limits

PATHS = (
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/rerank",
    "/v1/responses",
    "/v1/messages",
    "/v1/moderations",
    "/v1/images/generations",
)
"""What a line may ask. Where the job's input names a `url`, all its lines ask that one."""
REFUSED: Mapping[str, str] = {
    "/v1/images/edits": "its pictures come in a form, and a line is JSON",
    "/v1/videos": "a film is a job of its own, which waits as a batch does",
}
"""What batches of the vendor's may ask, and none here."""
_USUAL: Mapping[str, Mapping[str, object]] = {
    "/v1/images/generations": {"response_format": "url"},
}
"""What stands in a line that does not say otherwise: a file of pictures would be too long."""
MOST_LINES = 50_000
LONGEST_FILE = 200 << 20
LINES = "application/jsonl"
_PARTS = 1_000
"""How often it is told at most how far a batch is: each time a row is written."""
_AT_ONCE = 8
"""Lines that are asked side by side: as many as keep an engine's places filled."""
_TRIES = 3
"""How often a line is asked that fails on our side."""
_SPENT = 402


@dataclass(frozen=True, slots=True)
class Line:
    """One ask of a batch."""

    custom_id: str
    url: str
    body: Mapping[str, object]


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    custom_id: str
    url: str
    body: dict[str, Any]
    method: str = "POST"


class Batch:
    """The kind of job that answers a file of asks."""

    def __init__(self, artifacts: Artifacts, jobs: Jobs, door: Door) -> None:
        self._artifacts, self._jobs, self._door = artifacts, jobs, door

    @property
    def kind(self) -> Kind:
        """As the worker is given it."""
        return Kind("batch", self.run, limits=Limits(at_once=8, of_one_key=4))

    async def run(self, job: Job, steps: Steps) -> object:
        """Answer every line; the result names the file of answers.

        Raises:
            RequestMalformed: the file cannot be read as one of asks.
            Unfinished: its budget is spent; what was answered is in the file.
        """
        lines = await self._lines(job)
        answered, part = 0, -(-len(lines) // _PARTS)

        async def ask(place: int, key: str) -> object:
            return await self._ask(job, lines[place], steps.token, key)

        try:
            names = [f"line {number}" for number in range(1, len(lines) + 1)]
            async with aclosing(steps.each(names, ask, at_once=_AT_ONCE)) as ended:
                async for _ in ended:
                    answered += 1
                    if answered % part == 0 or answered == len(lines):
                        await steps.tell(Progress(answered, len(lines), ""))
        except _Spent as spent:
            raise Unfinished(await self._result(job, len(lines)), spent.fault) from spent
        return await self._result(job, len(lines))

    async def _lines(self, job: Job) -> list[Line]:
        file = str(job.input.get("file", ""))
        if not is_hash(file):
            raise ArtifactUnknown(file)
        artifact = await self._artifacts.find(file, job.owner.project)
        if artifact.size > LONGEST_FILE:
            raise _malformed(f"the file has {artifact.size:,} bytes, more than {LONGEST_FILE:,}")
        async with aclosing(self._artifacts.open(artifact)) as pieces:
            said = b"".join([piece async for piece in pieces])
        return read_lines(said, str(job.input.get("url", "")))

    async def _ask(self, job: Job, line: Line, token: str, key: str) -> object:
        told = await self._door.post(line.url, line.body, token=token, key=key)
        for _ in range(_TRIES - 1):
            if told.status >= 500:
                told = await self._door.post(line.url, line.body, token=token, key=key)
        if told.status == _SPENT:
            raise _Spent(_fault(told))
        if told.status == 401:
            raise JobKeyless(job.id)
        return {
            "id": key,
            "custom_id": line.custom_id,
            "response": {
                "status_code": told.status,
                "request_id": told.request_id,
                "body": told.body,
            },
            "error": None,
        }

    async def _result(self, job: Job, lines: int) -> Mapping[str, object]:
        """Write the answers in the order of the lines; those that are missing are left out."""
        counts = {True: 0, False: 0}
        kept = await self._artifacts.put(
            self._written(job, counts),
            LINES,
            holder=job.id,
            project=job.owner.project,
            name=f"{job.id}.jsonl",
        )
        told = {"answered": counts[True], "refused": counts[False]}
        return {"file": kept.hash, "lines": lines} | told

    async def _written(self, job: Job, counts: dict[bool, int]) -> AsyncGenerator[bytes]:
        """The answers as lines; how many are sound, and are not, is counted on the way."""
        async with aclosing(self._jobs.each_step(job.id)) as steps:
            async for step in steps:
                counts[_status(step.result) == 200] += 1
                yield json.dumps(step.result, ensure_ascii=False).encode() + b"\n"


class _Spent(Exception):
    """The job's budget, or its owner's, has too little left for another line."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def read_lines(said: bytes, url: str = "") -> list[Line]:
    """The asks of a file, all of that url where one is named.

    Raises:
        RequestMalformed: a line is none, names another door, or an id comes twice.
    """
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, text in enumerate(said.splitlines(), 1):
        if not text.strip():
            continue
        line = _line(text, number)
        if url and line.url != url:
            raise _malformed(f"line {number} asks {line.url!r}, and the batch is one of {url!r}")
        if (before := seen.setdefault(line.custom_id, number)) != number:
            raise _malformed(f"lines {before} and {number} have the custom_id {line.custom_id!r}")
        lines.append(line)
    if not 0 < len(lines) <= MOST_LINES:
        raise _malformed(f"a batch has 1 to {MOST_LINES:,} lines, and this has {len(lines):,}")
    return lines


def _line(text: bytes, number: int) -> Line:
    try:
        line = msgspec.json.decode(text, type=_Written)
    except msgspec.MsgspecError as error:
        raise _malformed(f"line {number} cannot be read: {error}") from error
    if line.method != "POST" or line.url not in PATHS:
        because = REFUSED.get(line.url, "no batch does")
        raise _malformed(f"line {number} asks {line.method} {line.url!r}: {because}")
    if line.body.get("stream"):
        raise _malformed(f"line {number} asks for a stream, which a file cannot be")
    return Line(line.custom_id, line.url, {**_USUAL.get(line.url, {}), **line.body})


def _status(answer: object) -> object:
    return cast(Mapping[str, Mapping[str, object]], answer)["response"]["status_code"]


def _fault(told: Told) -> Fault:
    body = cast(Mapping[str, Any], told.body)
    error = body.get("error", {})
    return Fault(str(error.get("code", "budget_spent")), str(error.get("message", "")), _RESUME)


_RESUME = "`seedbed jobs resume JOB --cap SUM` goes on from the line that it has come to."


def _malformed(why: str) -> RequestMalformed:
    return RequestMalformed(
        f"This is no batch: {why}.",
        hint='A line is {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", '
        '"body": {...}}; the urls are ' + ", ".join(PATHS) + ".",
    )
