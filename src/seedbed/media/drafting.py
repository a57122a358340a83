"""Films drawn of a Scene, as the durable steps of a job.

Floor 5. The Scene is planned, where none came with the ask; its pieces are drawn, each by one call
of a model; they are put together with their sound, and what came of it is read back and checked. A
piece is known by all that it shows: one that was drawn before, for this film or for another of the
project, is not drawn again. So a film whose one shot was changed costs that shot.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, cast

import anyio

from seedbed.core.errors import ArtifactUnknown, ObjectUnknown
from seedbed.core.job import Job, Progress
from seedbed.core.object import Object
from seedbed.core.scene.form import parse_scene, read_scene, write_scene
from seedbed.core.scene.scene import Scene, Track
from seedbed.core.scene.timeline import Piece, pieces, seconds
from seedbed.jobs.film import Calls, Tell
from seedbed.jobs.step import Steps
from seedbed.kit.clock import Clock
from seedbed.media.rules import Rules
from seedbed.media.studio.orders import Assemble, Check, Heard, Said
from seedbed.media.studio.studio import Studio
from seedbed.store.artifacts import Artifacts
from seedbed.store.objects import Objects

KIND = "piece"
"""The kind of the object by which a piece is found again."""
MEDIA = "application/vnd.seedbed.scene+json"
AT_ONCE = 2
Made: TypeAlias = Mapping[str, Any]
"""What came of a piece: its `hash`, whether it was there `again`, and its `usage`."""
Planned: TypeAlias = tuple[Scene, tuple[str, ...]]
Plan: TypeAlias = Callable[[Mapping[str, Any], str], Awaitable[Planned]]
"""Plans the Scene of an ask, on behalf of whoever has that token; tells what was not understood."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where what is made lies. `signer` is the folder of the certificate that it is signed with."""

    artifacts: Artifacts
    objects: Objects
    clock: Clock
    signer: Path
    mark: str


class Drafting:
    """Makes such films."""

    def __init__(
        self, shelf: Shelf, calls: Calls, studio: Studio, *, plan: Plan, rules: Rules
    ) -> None:
        self._shelf, self._calls, self._studio = shelf, calls, studio
        self._plan, self._rules = plan, rules

    async def run(self, job: Job, steps: Steps) -> object:
        """Plan, draw, put together, check."""
        planned = await steps.do("plan", lambda _: self._planned(job, steps.token))
        scene = parse_scene(await self._bytes(planned["scene"], job.owner.project))
        await self._rules.permit(scene, job.owner)
        drawn = await self._drawn(job, steps, scene)
        parts = [drawn[piece.identity]["hash"] for piece in pieces(scene)]
        film = await steps.do("film", lambda _: self._assembled(job, steps, scene, parts))
        await self._rules.note(scene, film["hash"], job.id)
        report = await steps.do("check", lambda _: self._checked(job, scene, film))
        again = sum(one["again"] for one in drawn.values())
        return {
            **film,
            "scene": planned["scene"],
            "notes": planned["notes"],
            "pieces": {"drawn": len(drawn) - again, "again": again},
            "report": report,
            "usage": _summed([one["usage"] for one in drawn.values()]),
        }

    async def _planned(self, job: Job, token: str) -> object:
        ask = cast("Mapping[str, Any]", job.input["ask"])
        if "scene" in ask:
            scene, notes = sized(read_scene(ask["scene"]), ask), ()
        else:
            scene, notes = await self._plan(ask, token)
        data = json.dumps(write_scene(scene), ensure_ascii=False, indent=1).encode()
        return {"scene": await self._kept(job, _once(data), MEDIA), "notes": list(notes)}

    async def _drawn(self, job: Job, steps: Steps, scene: Scene) -> Mapping[str, Made]:
        """The pieces by their identities; those that are the same are drawn once."""
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
        told = f"{project}|{ask['model']}|{codec}|{self._shelf.mark}|{piece.identity}"
        id_ = f"{KIND}_{hashlib.sha256(told.encode()).hexdigest()[:40]}"
        if (known := await self._known(id_, job)) is not None:
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
            "mark": self._shelf.mark,
        }
        made = await self._calls.make(job, body, token=token, key=key, tell=tell)
        hash_ = str(made.film["hash"])
        await self._calls.keep(hash_, made.request, job)
        await self._remember(id_, hash_, job)
        return {"hash": hash_, "again": False, "usage": made.usage}

    async def _known(self, id_: str, job: Job) -> str | None:
        """The hash of a piece that was drawn before; it is kept for this film, too."""
        shelf, project = self._shelf, job.owner.project
        try:
            found = await shelf.objects.find(KIND, id_, project)
            hash_ = str(found.body["hash"])
            until = cast("int", job.input["until"])
            await shelf.artifacts.hold(hash_, str(job.input["film"]), project=project, until=until)
        except (ObjectUnknown, ArtifactUnknown):
            return None
        return hash_

    async def _remember(self, id_: str, hash_: str, job: Job) -> None:
        shelf, project = self._shelf, job.owner.project
        until, now = cast("int", job.input["until"]), round(shelf.clock.wall() * 1e6)
        await shelf.artifacts.hold(hash_, id_, project=project, until=until)
        await shelf.objects.keep(Object(id_, KIND, project, now, {"hash": hash_}, until=until))

    async def _assembled(
        self, job: Job, steps: Steps, scene: Scene, parts: Sequence[str]
    ) -> object:
        async def tell(share: float, what: str) -> None:
            await steps.tell(Progress(round(share * 100), 100, what))

        with TemporaryDirectory(prefix="seedbed-film-") as folder:
            order = await self._order(job, scene, parts, Path(folder))
            facts = await self._studio.do(order, tell)
            out = Path(order.out)
            await self._rules.release(scene, job.owner, out)
            hash_ = await self._kept(job, _read(out), "video/mp4")
        return {"hash": hash_, "media": "video/mp4", **facts}

    async def _order(self, job: Job, scene: Scene, parts: Sequence[str], folder: Path) -> Assemble:
        project = job.owner.project
        files = {one: folder / f"{place:05}.mp4" for place, one in enumerate(parts)}
        for one, file in files.items():
            await self._laid(one, file, project)
        tracks: list[Heard] = []
        for track in scene.tracks:
            reference = scene.reference(track.reference or "")
            file = folder / f"sound-{track.id}"
            laid = await self._laid(reference.artifact, file, project) if reference else ""
            if laid or track.use != "speech":
                tracks.append(_heard(track, laid, scene.seed))
        return Assemble(
            pieces=[str(files[one]) for one in parts],
            out=str(folder / "film.mp4"),
            seconds=seconds(scene),
            tracks=tracks,
            captions=[
                _said(one, seconds(scene))
                for one in scene.tracks
                if one.use == "speech" and one.text
            ],
            title=scene.title,
            made_by=str(cast("Mapping[str, Any]", job.input["ask"])["model"]),
            actions=[
                "drawn",
                "joined",
                *(["marked"] if self._shelf.mark else []),
                *(["sounded"] if tracks else []),
            ],
            signer=str(self._shelf.signer),
        )

    async def _checked(self, job: Job, scene: Scene, film: Mapping[str, Any]) -> object:
        async def tell(_: float, __: str) -> None: ...

        with TemporaryDirectory(prefix="seedbed-check-") as folder:
            file = await self._laid(film["hash"], Path(folder) / "film.mp4", job.owner.project)
            return await self._studio.do(Check(file=file, scene=write_scene(scene)), tell)

    async def _kept(self, job: Job, stream: AsyncIterable[bytes], media: str) -> str:
        put = self._shelf.artifacts.put
        until, film = cast("int", job.input["until"]), str(job.input["film"])
        kept = await put(stream, media, holder=film, project=job.owner.project, until=until)
        return kept.hash

    async def _bytes(self, hash_: str, project: str) -> bytes:
        found = await self._shelf.artifacts.find(hash_, project)
        async with aclosing(self._shelf.artifacts.open(found)) as stream:
            return b"".join([part async for part in stream])

    async def _laid(self, hash_: str, path: Path, project: str) -> str:
        """An artifact as a file."""
        found = await self._shelf.artifacts.find(hash_, project)
        reading = self._shelf.artifacts.open(found)
        async with await anyio.open_file(path, "wb") as file, aclosing(reading) as stream:
            async for part in stream:
                await file.write(part)
        return str(path)


def sized(scene: Scene, ask: Mapping[str, Any]) -> Scene:
    """A Scene on the canvas that an ask wants."""
    canvas = scene.canvas
    width, height = ask.get("size") or (canvas.width, canvas.height)
    fps = ask.get("fps") or canvas.fps or 24
    return replace(scene, canvas=replace(canvas, width=width, height=height, fps=fps))


def _heard(track: Track, file: str, seed: int) -> Heard:
    is_made = not file
    return Heard(
        file=file,
        mood=track.mood if is_made and track.use == "music" else "",
        effect=track.text if is_made and track.use == "effect" else "",
        begin=track.starts,
        seconds=track.seconds,
        gain=track.gain,
        fade_in=track.fade_in,
        fade_out=track.fade_out,
        is_speech=track.use == "speech",
        seed=seed,
    )


def _said(track: Track, whole: float) -> Said:
    end = min(whole, track.starts + (track.seconds or whole))
    return Said(track.starts, end, track.text)


def _ref(hash_: str) -> dict[str, str]:
    return {"kind": "image", "source": hash_, "role": "reference_image"}


def _summed(usages: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for usage in usages:
        for name, count in usage.items():
            total[name] = total.get(name, 0) + count
    return total


async def _once(data: bytes) -> AsyncIterable[bytes]:
    yield data


async def _read(path: Path) -> AsyncGenerator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(1 << 20):
            yield piece
