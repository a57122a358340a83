"""A film that is made while nobody waits: asked for at our own door, and kept for who asked.

Floor 4. The ask is one step, so that it is made and paid once, whoever is killed meanwhile. How far
it is stands with the job, in hundredths. One that is drawn of a Scene is made in steps of its own.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from seedbed.core.errors import (
    AnswerMalformed,
    ArtifactUnknown,
    EngineFailed,
    JobKeyless,
    ServerStopping,
)
from seedbed.core.job import Fault, Job, Progress
from seedbed.jobs.door import Door, Told
from seedbed.jobs.job import Kind, Run, Unfinished
from seedbed.jobs.step import Steps
from seedbed.store.artifacts import Artifacts
from seedbed.store.taking import Limits

KIND = "film"
"""The kind of the job, and of the object that waits for it."""
PATH = "/seedbed/films"
LOOK = "/seedbed/scenes/check"
"""Where it is told whether a Scene can be drawn."""
CHAT = "/v1/chat/completions"
DRAWN = "drawn"
"""What is said in its input where it is drawn of a Scene."""
_TRIES = 3
"""How often it is asked for, where that fails on our side."""
_HUNDREDTHS = 100
Finish: TypeAlias = Callable[[Job, Steps, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Gives the facts of a film once it is as it was asked for, by more steps."""
Tell: TypeAlias = Callable[[float, str], Awaitable[None]]
"""Hears how much of a film is done, from 0 to 1, and what is done now."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one call: the facts of a film, what it used, and the request that it was."""

    film: Mapping[str, Any]
    usage: Mapping[str, int]
    request: str


class Calls:
    """Has films made by the models of the house, and keeps them."""

    def __init__(self, artifacts: Artifacts, door: Door) -> None:
        self._artifacts, self._door = artifacts, door

    async def make(
        self, job: Job, ask: Mapping[str, object], *, token: str, key: str, tell: Tell
    ) -> Made:
        """Ask for a film, on behalf of the job whose `token` and idempotency `key` these are.

        Raises:
            Unfinished: it could not be made.
            JobKeyless: the key of its owner is no more.
        """
        told = await self._asked(ask, token, key, tell)
        if told.status == 401:
            raise JobKeyless(job.id)
        if error := _error(told):
            raise Unfinished(None, Fault(str(error["code"]), str(error["message"]), ""))
        body = cast("Mapping[str, Any]", told.body)
        return Made(body["film"], body["usage"], told.request_id)

    async def look(
        self, job: Job, scene: Mapping[str, object], *, model: str, token: str, key: str
    ) -> None:
        """See that all of a Scene can be drawn, before any of it is paid.

        Raises:
            Unfinished: it cannot.
            JobKeyless: the key of its owner is no more.
        """
        body = {"model": model, "scene": scene}
        await self._sound(job, LOOK, body, token=token, key=f"{key}-look")

    async def write(self, job: Job, body: Mapping[str, object], *, token: str, key: str) -> str:
        """What a model writes to a body as OpenAI's clients send it; paid as a part of the job.

        Raises:
            AnswerMalformed: it has not the form that was asked for.
            Unfinished: it could not be asked.
            JobKeyless: the key of its owner is no more.
        """
        told = await self._sound(job, CHAT, body, token=token, key=key)
        return str(told["choices"][0]["message"]["content"] or "")

    async def _sound(
        self, job: Job, path: str, body: Mapping[str, object], *, token: str, key: str
    ) -> Mapping[str, Any]:
        """What a door of ours answers that was asked; what broke on our side is asked again."""
        told = await self._door.post(path, body, token=token, key=key)
        for _ in range(_TRIES - 1):
            if told.status < 500 or _error(told).get("code") == AnswerMalformed.code:
                break
            told = await self._door.post(path, body, token=token, key=key)
        if told.status == 401:
            raise JobKeyless(job.id)
        if error := _error(told):
            code, what = str(error["code"]), str(error["message"])
            if code == AnswerMalformed.code:
                raise AnswerMalformed(str(body["model"]), form="schema", why=what)
            raise Unfinished(None, Fault(code, what, ""))
        return cast("Mapping[str, Any]", told.body)

    async def keep(self, hash_: str, request: str, job: Job) -> None:
        """Keep what a call made for the film of a job, and no more for the call.

        Raises:
            ArtifactUnknown: it is gone before it was kept.
        """
        holder, until = str(job.input["film"]), cast(int, job.input["until"])
        await self._artifacts.hold(hash_, holder, project=job.owner.project, until=until)
        with suppress(ArtifactUnknown):  # answered before, in the name of another request
            await self._artifacts.release(hash_, request)

    async def _asked(self, ask: Mapping[str, object], token: str, key: str, tell: Tell) -> Told:
        """What came of it in the end; one that a server's end cut off is asked for again."""
        tries = 0
        while True:
            told = await self._followed(ask, token, key, tell)
            code = _error(told).get("code")
            if code == ServerStopping.code:
                continue
            tries += 1
            broke = told.status >= 500 or (told.is_sound and code == EngineFailed.code)
            if tries == _TRIES or not broke:
                return told

    async def _followed(self, ask: Mapping[str, object], token: str, key: str, tell: Tell) -> Told:
        """The last that is told of it; on the way, how far it is.

        Raises:
            EngineFailed: nothing was told.
        """
        last, body = None, {**ask, "stream": True}
        async with aclosing(self._door.follow(PATH, body, token=token, key=key)) as events:
            async for last in events:
                said = cast("Mapping[str, Any]", last.body)
                if "progress" in said:
                    await tell(said["progress"], said.get("what", ""))
        if last is None:
            raise EngineFailed(str(ask["model"]), why="nothing was told of the film")
        return last


class Film:
    """The kind of job that makes one.

    Its input is the `ask` as our door reads it, the id of the `film` in whose name it is kept, and
    `until` when, in epoch microseconds. Its result tells where it is, how it is, and its `usage`.
    Films that are `DRAWN` of a Scene are left to who can, and so is finishing the others.
    """

    def __init__(
        self, calls: Calls, draw: Run | None = None, *, finish: Finish | None = None
    ) -> None:
        self._calls, self._draw, self._finish = calls, draw, finish

    @property
    def kind(self) -> Kind:
        """As the worker is given it."""
        return Kind(KIND, self.run, limits=Limits(at_once=4, of_one_key=2))

    async def run(self, job: Job, steps: Steps) -> object:
        """Have it made, and keep it.

        Raises:
            Unfinished: it could not be made.
            JobKeyless: the key of its owner is no more.
            ArtifactUnknown: it is gone before it was kept.
        """
        if self._draw is not None and job.input.get(DRAWN):
            return await self._draw(job, steps)
        done = 0

        async def tell(share: float, what: str) -> None:
            nonlocal done
            if (hundredths := round(share * _HUNDREDTHS)) > done:
                done = hundredths
                await steps.tell(Progress(done, _HUNDREDTHS, what))

        async def ask(key: str) -> object:
            wanted = cast("Mapping[str, object]", job.input["ask"])
            made = await self._calls.make(job, wanted, token=steps.token, key=key, tell=tell)
            return {"request": made.request, "film": made.film, "usage": made.usage}

        made = await steps.do("film", ask)
        film: Mapping[str, Any] = made["film"]
        await self._calls.keep(str(film["hash"]), made["request"], job)
        if self._finish is not None:
            film = await self._finish(job, steps, film)
        return {**film, "usage": made["usage"]}


def _error(told: Told) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cast("Mapping[str, Any]", told.body).get("error") or {}
    return found
