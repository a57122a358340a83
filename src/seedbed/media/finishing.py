"""Films finished, as the durable steps of a job: looked at, refined span by span, put together.

Floor 5. Any engine's film is brought to the size and rate that were asked for, and is written in
the format that is wanted. Each span of frames is a step of its own, whose artifact is found again
after whatever happened. Frames come and go one by one, in the studio's process.
"""

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio

from seedbed.core.finish import FIELD, read_finish
from seedbed.core.job import Job, Progress
from seedbed.core.scene.timeline import PIECE_FRAMES
from seedbed.jobs.step import Steps
from seedbed.media.aim import Aim, aim, is_there
from seedbed.media.shelf import Shelf, read_file
from seedbed.media.studio.orders import Assemble, Convert, Refine
from seedbed.media.studio.studio import Studio, Tell
from seedbed.media.work import Came, Work

_MEDIA: Mapping[str, str] = {"mp4": "video/mp4", "webm": "video/webm", "gif": "image/gif"}


class Finishing:
    """Finishes films."""

    def __init__(self, shelf: Shelf, studio: Studio) -> None:
        self._shelf, self._studio = shelf, studio

    async def finish(self, job: Job, steps: Steps, came: Came) -> Mapping[str, Any]:
        """The facts of a film that came, once it is as it is wanted.

        Raises:
            RequestMalformed: it cannot be finished as it was wished for.
            StoreUnusable: the disk is full.
        """
        finish = read_finish(job.input.get(FIELD, {}))
        with self._shelf.folder(job) as folder:
            work = Work(job, came, finish, folder, self._shelf)
            if is_there(came.film, work.ask, finish, drawn=work.is_drawn):
                return came.film
            return await self._finished(work, steps)

    async def _finished(self, work: Work, steps: Steps) -> Mapping[str, Any]:
        survey = await steps.do("survey", lambda _: self._surveyed(work))
        goal = aim(survey, work.ask, work.finish, drawn=work.is_drawn)
        spans = await self._refined(work, steps, goal, survey["drifted"]) if goal.is_anew else []
        film: Mapping[str, Any] = work.came.film
        if spans or work.is_captioned_anew:
            film = await steps.do("assemble", lambda _: self._assembled(work, steps, goal, spans))
        if work.finish.format == "gif":
            whole = str(film["hash"])
            film = await steps.do("convert", lambda _: self._converted(work, steps, goal, whole))
        told = {"done": list(goal.deeds), "left": goal.left, "spans": len(spans)}
        return {**film, "finished": told}

    async def _surveyed(self, work: Work) -> object:
        async def tell(_: float, __: str) -> None: ...

        return await self._studio.do(await work.survey(), tell)

    async def _refined(self, work: Work, steps: Steps, goal: Aim, drifted: object) -> list[str]:
        """The hashes of all spans of frames, as they are to be."""
        firsts = range(0, goal.frames, PIECE_FRAMES)
        found = dict[int, str]()

        async def refine(place: int, _: str) -> object:
            first = firsts[place]
            count = min(PIECE_FRAMES, goal.frames - first)

            async def tell(share: float, what: str) -> None:
                await steps.tell(Progress(first + int(share * count), goal.frames, what))

            order = await work.span(goal, drifted, first, count)
            return await self._done(work, order, tell)

        names = [f"span {place + 1} of {len(firsts)}" for place in range(len(firsts))]
        async with aclosing(steps.each(names, refine, at_once=1)) as made:
            async for place, one in made:
                found[place] = one["hash"]
        return [found[place] for place in range(len(firsts))]

    async def _assembled(self, work: Work, steps: Steps, goal: Aim, spans: list[str]) -> object:
        return await self._done(work, await work.assemble(goal, spans), _telling(steps))

    async def _converted(self, work: Work, steps: Steps, goal: Aim, film: str) -> object:
        return await self._done(work, await work.convert(goal, film), _telling(steps))

    async def _done(self, work: Work, order: Assemble | Convert | Refine, tell: Tell) -> object:
        """The facts of what an order brought; its file is kept, and cleared away here."""
        facts, out = await self._studio.do(order, tell), Path(order.out)
        media = _MEDIA[out.suffix[1:]]
        hash_ = await self._shelf.keep(work.job, read_file(out), media)
        await anyio.Path(out).unlink()
        return {"hash": hash_, "media": media, **facts}


def _telling(steps: Steps) -> Tell:
    async def tell(share: float, what: str) -> None:
        await steps.tell(Progress(round(share * 100), 100, what))

    return tell
