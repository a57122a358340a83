"""A response that was asked for in the background: asked at our own door, and put where it waits.

Floor 4. The ask is one step, so that a server or a worker that is killed loses none of it, and it
is answered and paid once.
"""

from collections.abc import Mapping
from typing import cast

from seedbed.core.job import Job
from seedbed.core.object import Object
from seedbed.core.value import changed
from seedbed.jobs.door import Door, Told
from seedbed.jobs.job import Kind
from seedbed.jobs.step import Steps
from seedbed.store.objects import Objects
from seedbed.store.taking import Limits

KIND = "response"
"""The kind of the job, and of the object that it fills."""
_TRIES = 3
"""How often it is asked, where that fails on our side."""


class Response:
    """The kind of job that answers one."""

    def __init__(self, objects: Objects, door: Door) -> None:
        self._objects, self._door = objects, door

    @property
    def kind(self) -> Kind:
        """As the worker is given it."""
        return Kind(KIND, self.run, limits=Limits(at_once=8, of_one_key=4))

    async def run(self, job: Job, steps: Steps) -> object:
        """Ask, and keep what was answered; a refusal is an answer, too.

        Raises:
            ObjectUnknown: nobody waits for it any more.
        """
        id_, project = str(job.input["response"]), job.owner.project
        waiting = await self._objects.find(KIND, id_, project)

        async def ask(key: str) -> object:
            told = await self._ask(waiting, str(job.input["path"]), steps.token, key)
            return {"is_sound": told.is_sound, "body": told.body}

        told = await steps.do("ask", ask)
        said = cast(Mapping[str, object], told["body"])
        fill = _answered if told["is_sound"] else _refused
        await self._objects.change(KIND, id_, project, lambda one: fill(one, said))
        return {"response": id_}

    async def _ask(self, waiting: Object, path: str, token: str, key: str) -> Told:
        for _ in range(_TRIES - 1):
            told = await self._door.post(path, waiting.body["asked"], token=token, key=key)
            if told.status < 500:
                return told
        return await self._door.post(path, waiting.body["asked"], token=token, key=key)


def failure(error: Mapping[str, object]) -> Mapping[str, object]:
    """Why a response failed, by the error that it failed with: there are few words for it."""
    code = "server_error"
    if error["code"] == "rate_limit_exceeded":
        code = "rate_limit_exceeded"
    elif error["type"] == "invalid_request_error":
        code = "invalid_prompt"
    return {"code": code, "message": error["message"]}


def _answered(one: Object, said: Mapping[str, object]) -> Object:
    """With the answer: under the id by which it is waited for, as are its items."""
    known = cast(Mapping[str, object], one.body["response"])
    theirs, ours = _base(said["id"]), _base(one.id)
    output = [
        item | {"id": str(item["id"]).replace(theirs, ours)}
        for item in cast(list[dict[str, object]], said["output"])
    ]
    told = {name: known[name] for name in ("id", "created_at", "background", "store")}
    return _with(one, {**said, **told, "output": output})


def _refused(one: Object, said: Mapping[str, object]) -> Object:
    known = cast(Mapping[str, object], one.body["response"])
    error = failure(cast(Mapping[str, object], said["error"]))
    return _with(one, {**known, "status": "failed", "error": error})


def _base(id_: object) -> str:
    return str(id_).partition("_")[2]


def _with(one: Object, response: Mapping[str, object]) -> Object:
    kept = {name: one.body[name] for name in ("input", "job") if name in one.body}
    return changed(one, body={**kept, "response": response})
