"""What came of a batch: its answers as a file, and the sums as a table or for a program.

Floor 6.
"""

from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path

import anyio
import msgspec

from seedbed.cli import show
from seedbed.cli.house import House
from seedbed.core.job import Job
from seedbed.kit import atomic


class _Result(msgspec.Struct):
    """What a batch gives: its file of answers, and how many there are."""

    file: str
    lines: int
    answered: int
    refused: int


class _Error(msgspec.Struct):
    message: str = ""


class _Body(msgspec.Struct):
    error: _Error | None = None


class _Response(msgspec.Struct):
    status_code: int
    body: _Body


class _Answer(msgspec.Struct):
    """As much of a line of answers as tells why it was refused."""

    custom_id: str
    response: _Response


def tell(house: House, job: Job, target: Path, *, as_json: bool) -> None:
    """Write the answers to `target`, if there are any yet, and say how many they are.

    Why a job failed is not told here.
    """
    result = None if job.result is None else msgspec.convert(job.result, _Result)
    refusal = "" if result is None else _write(house, job, result, target)
    if as_json:
        _tell_program(job, result, target)
    elif result is not None:
        _tell_person(job, result, target, refusal)
    elif not job.state.is_end:
        watch = f"`{show.program()} jobs watch {job.id}` shows it"
        show.say(f"{job.id} is {job.state}; {watch}.", on=show.OUT)


def _write(house: House, job: Job, result: _Result, target: Path) -> str:
    """Write what was answered, in the order of the lines; why the first was refused, if any was."""

    async def read() -> bytes:
        shelf = house.artifacts()
        artifact = await shelf.find(result.file, job.owner.project)
        async with aclosing(shelf.open(artifact)) as pieces:
            return b"".join([piece async for piece in pieces])

    said = anyio.run(read)
    atomic.write(target, said)
    return _first_refusal(said) if result.refused else ""


def _first_refusal(said: bytes) -> str:
    for line in said.splitlines():
        answer = msgspec.json.decode(line, type=_Answer)
        error = answer.response.body.error
        if answer.response.status_code != HTTPStatus.OK and error:
            return f"{answer.custom_id}: {error.message}"
    return ""


def _tell_program(job: Job, result: _Result | None, target: Path) -> None:
    facts = {} if result is None else {"answers": str(target)} | msgspec.structs.asdict(result)
    spent = {"spent": job.spent.decimal, "currency": job.spent.currency}
    show.as_json({"job": job.id, "state": job.state.value} | facts | spent)


def _tell_person(job: Job, result: _Result, target: Path, refusal: str) -> None:
    rows = [
        ("answers", str(target)),
        ("answered", f"{result.answered:,} of {result.lines:,}"),
        ("refused", f"{result.refused:,}"),
        ("the first", refusal),
        ("spent", str(job.spent)),
        ("job", job.id),
    ]
    show.table(("", ""), [row for row in rows if row[1]])
