"""The pieces of a film, each drawn by one call of a model.

Floor 5. A piece is known by all that it shows: one that was drawn before, for this film or for
another of the project, is not drawn again.
"""

import hashlib
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, TypeAlias, cast

from seedbed.core.finish import FIELD, read_finish
from seedbed.core.job import Job, Progress
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import Piece, pieces
from seedbed.jobs.film import Calls, Tell
from seedbed.jobs.step import Steps
from seedbed.media.shelf import PIECE, Shelf

AT_ONCE = 2
Made: TypeAlias = Mapping[str, Any]
"""What came of a piece: its `hash`, whether it was there `again`, and its `usage`."""


class Drawing:
    """Has pieces drawn, and keeps them."""

    def __init__(self, shelf: Shelf, calls: Calls) -> None:
        self._shelf, self._calls = shelf, calls

    async def draw(self, job: Job, steps: Steps, scene: Scene) -> Mapping[str, Made]:
        """The pieces by their identities; those that are the same are drawn once.

        Raises:
            Unfinished: one could not be drawn.
        """
        parts = list({piece.identity: piece for piece in pieces(scene)}.values())
        total, shares, hundredths = sum(piece.count for piece in parts), dict[int, float](), 0

        async def tell(place: int, share: float) -> None:
            nonlocal hundredths
            shares[place] = share * parts[place].count
            done = sum(shares.values())
            if int(100 * done / total) > hundredths:
                hundredths = int(100 * done / total)
                await steps.tell(Progress(int(done), total, "drawing"))

        async def draw(place: int, key: str) -> object:
            async def told(share: float, _: str) -> None:
                await tell(place, share)

            return await self._piece(job, parts[place], steps.token, key, told)

        names = [f"piece {place + 1} of {len(parts)}" for place in range(len(parts))]
        found: dict[str, Made] = {}
        async with aclosing(steps.each(names, draw, at_once=AT_ONCE)) as made:
            async for place, one in made:
                found[parts[place].identity] = one
                await tell(place, 1.0)
        return found

    async def _piece(self, job: Job, piece: Piece, token: str, key: str, tell: Tell) -> object:
        ask, project = cast("Mapping[str, Any]", job.input["ask"]), job.owner.project
        codec = ask.get("codec", "h264")
        mark = "" if "mark" in read_finish(job.input.get(FIELD, {})).skip else self._shelf.mark
        told = f"{project}|{ask['model']}|{codec}|{mark}|{piece.identity}"
        id_ = f"{PIECE}_{hashlib.sha256(told.encode()).hexdigest()[:40]}"
        if (known := await self._shelf.known(id_, job)) is not None:
            return {"hash": known, "again": True, "usage": {}}
        body = {
            "model": ask["model"],
            "prompt": "",
            "scene": write_scene(piece.scene),
            "span": [piece.first, piece.count],
            "size": [piece.scene.canvas.width, piece.scene.canvas.height],
            "fps": piece.scene.canvas.fps,
            "refs": [_ref(one.artifact) for one in piece.scene.references],
            "codec": codec,
            "mark": mark,
        }
        made = await self._calls.make(job, body, token=token, key=key, tell=tell)
        hash_ = str(made.film["hash"])
        await self._calls.keep(hash_, made.request, job)
        await self._shelf.remember(id_, hash_, job)
        return {"hash": hash_, "again": False, "usage": made.usage}


def _ref(hash_: str) -> dict[str, str]:
    return {"kind": "image", "source": hash_, "role": "reference_image"}
