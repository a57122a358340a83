"""Telling of a job's end: its callback is asked, signed, again and again for a day.

Floor 4. The job of this kind is written with the end of the other (`seedbed.store.ending`), so that
whoever is killed, none is lost; whoever is killed after the other side has answered asks it twice,
under the same id. While nobody answers, the job waits in the queue and takes no worker's place.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

from seedbed.core.errors import CallbackUndelivered
from seedbed.core.job import Job
from seedbed.jobs.job import Kind, Later
from seedbed.jobs.step import Steps
from seedbed.jobs.telling import moment, told
from seedbed.kit import webhook
from seedbed.kit.clock import Clock
from seedbed.kit.media.errors import Inward, MediumFault
from seedbed.store.ending import CALLBACK
from seedbed.store.jobs import Jobs
from seedbed.store.taking import Limits

SECONDS = 15.0
"""How long the other side may take to answer."""
LONGEST_RESULT = 256 << 10
"""Bytes of a result that is told; what is longer is left to be asked for."""
_A_DAY = 86_400
_FIRST, _TIMES, _LONGEST = 5, 3, 21_600
"""Seconds of the first pause between two tries, by what each grows, and of the longest."""
_GONE = 410
_MEDIA = ("content-type", "application/json")
Send: TypeAlias = Callable[[str, bytes, Sequence[tuple[str, str]]], Awaitable[int]]
"""Posts bytes to an address with these headers, and gives the status of the answer."""
Words: TypeAlias = Callable[[Job], Awaitable[object]]
"""Makes what is told of a job, in the words of a door."""


class Callbacks:
    """The kind of job that tells of another's end. Its input is the id of that `job`.

    `secret` gives the secret of the house, of which each project's own is made; `words` are those
    of doors, by the names that callbacks have for them.
    """

    def __init__(
        self,
        jobs: Jobs,
        send: Send,
        secret: Callable[[], Awaitable[bytes]],
        *,
        clock: Clock,
        words: Mapping[str, Words],
    ) -> None:
        self._jobs, self._send, self._secret = jobs, send, secret
        self._clock, self._words = clock, {"": ours, **words}

    @property
    def kind(self) -> Kind:
        """As the worker is given it."""
        return Kind(CALLBACK, self.run, limits=Limits(at_once=8, of_one_key=4))

    async def run(self, job: Job, steps: Steps) -> object:
        """Tell of it.

        Raises:
            Later: nobody took it, and it will be told again.
            CallbackUndelivered: nobody takes it.
        """
        return await steps.do("tell", lambda _: self._tell(job))

    async def _tell(self, job: Job) -> object:
        about = await self._jobs.find(str(job.input["job"]))
        callback = about.callback
        if callback is None:  # pragma: no cover - what has none is not told of
            raise CallbackUndelivered(about.id, why="it names no address")
        said = await self._words[callback.words](about)
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        key = key_of(await self._secret(), about.owner.project)
        headers = (_MEDIA, *webhook.signed(key, job.id, int(self._clock.wall()), body))
        try:
            status = await self._send(callback.url, body, headers)
        except Inward as fault:
            raise CallbackUndelivered(about.id, why=str(fault)) from fault
        except MediumFault as fault:
            raise self._again(job, about, str(fault)) from fault
        if 200 <= status < 300:
            return {"status": status}
        if status == _GONE:
            raise CallbackUndelivered(about.id, why="its server says that it is gone")
        raise self._again(job, about, f"its server answered {status}")

    def _again(self, job: Job, about: Job, why: str) -> Later | CallbackUndelivered:
        """When it is told again, unless a day is over by then."""
        seconds = pause(job.run)
        if self._clock.wall() + seconds < job.created / 1e6 + _A_DAY:
            return Later(seconds, why)
        return CallbackUndelivered(about.id, why=f"for a day, and at last {why}")


async def ours(job: Job) -> object:
    """What is told of a job in our own words."""
    data = told(job)
    if len(json.dumps(data["result"]).encode()) > LONGEST_RESULT:
        data |= {"result": None}
    return {"type": f"job.{job.state.value}", "timestamp": moment(job.ended), "data": data}


def key_of(secret: bytes, project: str) -> bytes:
    """What a project's callbacks are signed with, so that no other project can write them."""
    return hmac.digest(secret, f"callbacks of {project}".encode(), sha256)


def pause(run: int) -> int:
    """How many seconds pass after the run of that number, from 1 on, before the next.

    >>> [pause(run) for run in (1, 2, 3, 8, 9, 100)]
    [5, 15, 45, 10935, 21600, 21600]
    """
    return min(_LONGEST, _FIRST * _TIMES ** min(run - 1, 10))
