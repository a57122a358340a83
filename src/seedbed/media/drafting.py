"""Films drawn of a Scene, as the durable steps of a job.

Floor 5. The Scene is planned, where none came with the ask; its pieces are drawn, each by one call
of a model; they are put together with their sound, and what came of it is read back and checked. A
piece is known by all that it shows: one that was drawn before, for this film or for another of the
project, is not drawn again. So a film whose one shot was changed costs that shot.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias, cast

from seedbed.core.artifact import is_hash
from seedbed.core.consent import Use
from seedbed.core.finish import FIELD, Finish, read_finish
from seedbed.core.job import Job, Progress
from seedbed.core.scene.form import parse_scene, read_scene, write_scene
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import pieces, seconds
from seedbed.engines.drafting.planning.titles import labelled
from seedbed.jobs.film import Calls
from seedbed.jobs.step import Steps
from seedbed.kit.media.sniffing import media_type_of
from seedbed.media.asked import references
from seedbed.media.assembling import actions_of, tracks_of, words_of
from seedbed.media.consenting import referred
from seedbed.media.drawing import Drawing
from seedbed.media.finishing import Finishing
from seedbed.media.given import Given
from seedbed.media.rules import Rules
from seedbed.media.safety import Judged
from seedbed.media.shelf import Shelf, once, read_file
from seedbed.media.studio.orders import Assemble, Check, Told
from seedbed.media.studio.studio import Studio
from seedbed.media.work import Came

MEDIA = "application/vnd.seedbed.scene+json"
Planned: TypeAlias = tuple[Scene, tuple[str, ...]]
Plan: TypeAlias = Callable[[Job, str, str], Awaitable[Planned]]
"""Plans the Scene of a job, whose token and idempotency key these are; tells what was not
understood.
"""


class Drafting:
    """Makes such films."""

    def __init__(
        self,
        shelf: Shelf,
        calls: Calls,
        studio: Studio,
        *,
        plan: Plan,
        rules: Rules,
        given: Given,
    ) -> None:
        self._shelf, self._calls, self._studio = shelf, calls, studio
        self._drawing, self._finishing = Drawing(shelf, calls), Finishing(shelf, studio)
        self._plan, self._rules, self._given = plan, rules, given

    async def run(self, job: Job, steps: Steps) -> object:
        """Plan, draw, put together, check, finish."""
        planned = await steps.do("plan", lambda key: self._planned(job, steps.token, key))
        scene = parse_scene(await self._shelf.read(planned["scene"], job.owner.project))
        await self._rules.permit(scene, job.owner)
        drawn = await self._drawing.draw(job, steps, scene)
        parts = [drawn[piece.identity]["hash"] for piece in pieces(scene)]
        film = await steps.do("film", lambda _: self._assembled(job, steps, scene, parts))
        report = await steps.do("check", lambda _: self._checked(job, scene, film))
        facts = {name: fact for name, fact in film.items() if name != "actions"}
        words = tuple(words_of(scene, _finish(job)))
        came = Came(facts, scene.title, tuple(film["actions"]), words)
        finished = await self._finishing.finish(job, steps, came)
        await self._rules.note(scene, str(finished["hash"]), job.id)
        again = sum(one["again"] for one in drawn.values())
        return {
            **finished,
            "scene": planned["scene"],
            "notes": planned["notes"],
            "pieces": {"drawn": len(drawn) - again, "again": again},
            "report": report,
            "usage": _summed([one["usage"] for one in drawn.values()]),
        }

    async def _planned(self, job: Job, token: str, key: str) -> object:
        ask = cast("Mapping[str, Any]", job.input["ask"])
        if "scene" in ask:
            scene, notes = sized(read_scene(ask["scene"]), ask), ()
            await self._rules.consenting.permit(scene, job.owner)
            await self._given.check(scene.references, job.owner.project)
        else:
            await self._rules.safety.before(Judged(ask["prompt"], kind="video"))
            scene, notes = await self._plan(await self._at_hand(job, ask), token, key)
        told = write_scene(scene)
        await self._calls.look(job, told, model=ask["model"], token=token, key=key)
        data = json.dumps(told, ensure_ascii=False, indent=1).encode()
        return {"scene": await self._shelf.keep(job, once(data), MEDIA), "notes": list(notes)}

    async def _at_hand(self, job: Job, ask: Mapping[str, Any]) -> Job:
        """The job with what it goes by here: permitted, fetched and looked at before it is planned,
        which may cost something.

        Raises:
            ConsentMissing: a face or a voice may not be used.
            FieldUnserved, MediumRefused, ArtifactUnknown: something cannot be had, or drawn.
        """
        refs: Sequence[Mapping[str, str]] = ask.get("refs", ())
        await self._rules.consenting.permit_all(referred(refs), job.owner, Use.FILMS)
        references(ask)
        here = {**ask, "refs": [await self._here(job, ref) for ref in refs]}
        await self._given.check(references(here), job.owner.project)
        return replace(job, input={**job.input, "ask": here})

    async def _here(self, job: Job, ref: Mapping[str, str]) -> Mapping[str, str]:
        """What a film goes by as an artifact that is kept for it."""
        if is_hash(ref["source"]):
            return ref
        data = await self._given.fetch(ref)
        return {**ref, "source": await self._shelf.keep(job, once(data), media_type_of(data))}

    async def _assembled(
        self, job: Job, steps: Steps, scene: Scene, parts: Sequence[str]
    ) -> object:
        async def tell(share: float, what: str) -> None:
            await steps.tell(Progress(round(share * 100), 100, what))

        with self._shelf.folder(job) as folder:
            order = await self._order(job, scene, parts, folder)
            facts = await self._studio.do(order, tell)
            out = Path(order.out)
            await self._rules.release(scene, job.owner, out)
            hash_ = await self._shelf.keep(job, read_file(out), "video/mp4")
        actions = order.told.actions if order.told else []
        return {"hash": hash_, "media": "video/mp4", "actions": actions, **facts}

    async def _order(self, job: Job, scene: Scene, parts: Sequence[str], folder: Path) -> Assemble:
        project = job.owner.project
        files = {one: folder / f"{place:05}.mp4" for place, one in enumerate(parts)}
        for one, file in files.items():
            await self._shelf.lay(one, file, project)
        tracks = await tracks_of(scene, folder, self._given, project)
        finish = _finish(job)
        words = [] if finish.burnt else words_of(scene, finish)
        return Assemble(
            pieces=[str(files[one]) for one in parts],
            out=str(folder / "film.mp4"),
            seconds=seconds(scene),
            tracks=tracks,
            is_level="loudness" in finish.skip,
            captions=words,
            told=Told(
                title=scene.title,
                made_by=str(cast("Mapping[str, Any]", job.input["ask"])["model"]),
                actions=actions_of(
                    "" if "mark" in finish.skip else self._shelf.mark, tracks, words
                ),
                signer=str(self._shelf.signer),
            )
            if "sign" not in finish.skip
            else None,
        )

    async def _checked(self, job: Job, scene: Scene, film: Mapping[str, Any]) -> object:
        async def tell(_: float, __: str) -> None: ...

        with self._shelf.folder(job) as folder:
            file = await self._shelf.lay(film["hash"], folder / "film.mp4", job.owner.project)
            return await self._studio.do(Check(file=file, scene=write_scene(scene)), tell)


def sized(scene: Scene, ask: Mapping[str, Any]) -> Scene:
    """A Scene on the canvas that an ask wants, and with its label."""
    canvas = scene.canvas
    width, height = ask.get("size") or (canvas.width, canvas.height)
    fps = ask.get("fps") or canvas.fps or 24
    scene = replace(scene, canvas=replace(canvas, width=width, height=height, fps=fps))
    return labelled(scene) if ask.get("watermark") else scene


def _finish(job: Job) -> Finish:
    return read_finish(job.input.get(FIELD, {}))


def _summed(usages: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for usage in usages:
        for name, count in usage.items():
            total[name] = total.get(name, 0) + count
    return total
