"""One film that is being finished, and what the studio is told to do with it.

Floor 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec

from seedbed.core.finish import Finish
from seedbed.core.job import Job
from seedbed.jobs.film import DRAWN
from seedbed.media.aim import Aim
from seedbed.media.shelf import Shelf
from seedbed.media.studio.orders import (
    Assemble,
    Convert,
    Drifted,
    Heard,
    Refine,
    Said,
    Survey,
    Told,
)


@dataclass(frozen=True, slots=True)
class Came:
    """A film that was made: its facts and its title, what was done, and what is said in it."""

    film: Mapping[str, Any]
    title: str
    actions: tuple[str, ...]
    captions: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """A film of a job, what is wished of it, and the folder that its files lie in."""

    job: Job
    came: Came
    finish: Finish
    folder: Path
    shelf: Shelf

    @property
    def ask(self) -> Mapping[str, Any]:
        """What was asked for, as our own door reads it."""
        return cast("Mapping[str, Any]", self.job.input["ask"])

    @property
    def is_drawn(self) -> bool:
        """Whether it is of a Scene."""
        return bool(self.job.input.get(DRAWN))

    @property
    def is_captioned_anew(self) -> bool:
        """Whether captions are to be put beside it that are not there."""
        return bool(self.came.captions) and not self.finish.burnt and not self.is_drawn

    async def lay(self, hash_: str, name: str) -> str:
        """An artifact as a file, laid once in a run."""
        path = self.folder / name
        is_there = path.exists()
        return str(path) if is_there else await self.shelf.lay(hash_, path, self._project)

    async def source(self) -> str:
        """The film as it came, as a file."""
        return await self.lay(str(self.came.film["hash"]), "came.mp4")

    async def survey(self) -> Survey:
        """It is to be looked at."""
        with_colours = not self.is_drawn and "colours" not in self.finish.skip
        return Survey(film=await self.source(), with_colours=with_colours)

    async def span(self, goal: Aim, drifted: object, first: int, count: int) -> Refine:
        """Some frames are to be as they are wanted."""
        is_coloured, marks = "coloured" in goal.deeds, self._marks
        return Refine(
            film=await self.source(),
            out=str(self.folder / f"span-{first}.{goal.container}"),
            first=first,
            count=count,
            width=goal.size[0],
            height=goal.size[1],
            fps=str(goal.rate),
            codec=goal.codec,
            container=goal.container,
            depth=goal.depth,
            drifted=msgspec.convert(drifted, list[Drifted]) if is_coloured else [],
            captions=list(self.came.captions) if self.finish.burnt else [],
            fonts=[str(self.shelf.fonts)],
            mark=self.shelf.mark if marks else "",
        )

    async def assemble(self, goal: Aim, spans: Sequence[str]) -> Assemble:
        """Those spans are to be a film, with the sound that it came with."""
        pieces = [
            await self.lay(one, f"laid-{place}.{goal.container}") for place, one in enumerate(spans)
        ]
        film, is_last = await self.source(), self.finish.format != "gif"
        is_heard = is_last and bool(self.came.film.get("sound"))
        is_signed = is_last and goal.container == "mp4"
        return Assemble(
            pieces=pieces or [film],
            out=str(self.folder / f"film.{goal.container}"),
            seconds=float(goal.frames / goal.rate),
            tracks=[Heard(file=film)] if is_heard else [],
            is_level=self.is_drawn or "loudness" in self.finish.skip,
            captions=list(self.came.captions) if is_last and not self.finish.burnt else [],
            told=self._told(goal) if is_signed else None,
        )

    async def convert(self, goal: Aim, film: str) -> Convert:
        """A film is to be a GIF."""
        return Convert(
            film=await self.lay(film, "whole.mp4"),
            out=str(self.folder / "film.gif"),
            codec="gif",
            container="gif",
            told=self._told(goal),
        )

    @property
    def _project(self) -> str:
        return self.job.owner.project

    @property
    def _marks(self) -> bool:
        """Whether frames that are written anew are marked; what is drawn has its mark."""
        return bool(self.shelf.mark) and not self.is_drawn and "mark" not in self.finish.skip

    def _told(self, goal: Aim) -> Told | None:
        """What is signed into the film."""
        if "sign" in self.finish.skip:
            return None
        deeds: Mapping[str, object] = {
            **dict.fromkeys(goal.deeds, True),
            "marked": goal.is_anew and self._marks,
            "captioned": self.finish.burnt or self.is_captioned_anew,
            "converted": goal.is_anew or self.finish.format == "gif",
        }
        return Told(
            title=self.came.title,
            made_by=str(self.ask["model"]),
            actions=[*self.came.actions, *(deed for deed, is_done in deeds.items() if is_done)],
            signer=str(self.shelf.signer),
        )
