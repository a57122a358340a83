"""Films as the vendors' doors have them: a job that makes one, under an id that either finds.

Floor 6. How a film stands is told from its job. OpenAI writes `video_...`, Ark `cgt-...`: it is one
film, and either names it. Moments are in epoch microseconds.
"""

import re
from collections.abc import AsyncIterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from seedbed.api import handing_out
from seedbed.api.artifacts import Shelf
from seedbed.api.files.files import Files
from seedbed.api.films.call import FilmBody, ask_of, written
from seedbed.api.jobs import Desk
from seedbed.api.links import Link, Links
from seedbed.core import record
from seedbed.core.access import Principal
from seedbed.core.artifact import Artifact, Hold, is_hash, is_kept
from seedbed.core.errors import (
    FeatureUnserved,
    JobRefused,
    ModelUnknown,
    ObjectUnknown,
    RequestMalformed,
)
from seedbed.core.feature import Feature
from seedbed.core.film import VideoAsk, frame_size
from seedbed.core.finish import FIELD, Finish, read_finish
from seedbed.core.job import Callback, Draft, Job, Owner, State
from seedbed.core.object import Object
from seedbed.core.value import value
from seedbed.jobs.film import DRAWN, KIND
from seedbed.kit import ids
from seedbed.kit.media.data_uri import read_data_uri
from seedbed.kit.media.errors import MediumFault
from seedbed.media.asked import references
from seedbed.media.captions import check_finish
from seedbed.media.consenting import Consenting
from seedbed.serving.deployment import LiveDeployment
from seedbed.store.jobs import Filter
from seedbed.store.objects import MOST_LISTED, Wish

A_DAY = 86_400 * 10**6
KEPT = 7 * A_DAY
"""How long a film is kept, from when it was asked for."""
WITHIN = 2 * A_DAY
"""Within which a film is begun, or not at all, where nothing else is said."""
LINK_SECONDS = 24 * 3600
_LONGEST_ADDRESS = 8_192
_MOST_BYTES = 32 << 20
_ID = re.compile(r"(?:film_|video_|cgt-)([0-9a-f]{1,40})")


@value
class Wanted:
    """A film that is asked for: its id, what it is, within which time it must be begun, how urgent
    it is, what its door keeps of it, who is told of its end, and how it is finished.
    """

    id: str
    ask: VideoAsk
    within: int = WITHIN
    priority: int = 0
    more: Mapping[str, object] | None = None
    callback: Callback | None = None
    finish: Finish = Finish()


@value
class Film:
    """A film: what its door keeps of it, and its job as it stands."""

    kept: Object
    job: Job

    @property
    def ask(self) -> Mapping[str, Any]:
        """What was asked for, as our own door reads it."""
        return cast("Mapping[str, Any]", self.kept.body["ask"])

    @property
    def more(self) -> Mapping[str, Any]:
        """What its door keeps besides."""
        return cast("Mapping[str, Any]", self.kept.body["more"])

    @property
    def made(self) -> Mapping[str, Any] | None:
        """What came of it, once it is there."""
        is_there = self.job.state is State.SUCCEEDED
        return cast("Mapping[str, Any]", self.job.result) if is_there else None

    @property
    def asked(self) -> VideoAsk:
        """The same as an ask."""
        return ask_of(msgspec.convert(self.ask, FilmBody))

    @property
    def finish(self) -> Finish:
        """How it is finished."""
        return read_finish(self.job.input.get(FIELD, {}))

    @property
    def name(self) -> str:
        """What its file is called, once it is there."""
        media = str((self.made or {}).get("media", "video/mp4"))
        return f"{self.kept.id}.{media.partition('/')[2]}"

    @property
    def error(self) -> Mapping[str, object] | None:
        """Why it will not come about, in our own code and words."""
        if self.job.state is State.EXPIRED:
            return {"code": "expired", "message": "Nobody began it in time."}
        if (fault := self.job.fault) is None:
            return None
        return {"code": fault.code, "message": f"{fault.what} {fault.hint}".strip()}

    @property
    def number(self) -> str:
        """Its id without the word before it."""
        return self.kept.id.partition("_")[2]

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of its frames, as far as they are known."""
        if (made := self.made) is not None:
            return made["width"], made["height"]
        ask = self.ask
        if "size" in ask:
            return ask["size"][0], ask["size"][1]
        known = "tier" in ask and ask.get("ratio", "adaptive") != "adaptive"
        return frame_size(ask["tier"], ask["ratio"]) if known else None


@dataclass(frozen=True, slots=True)
class Films:
    """What the doors of films work with; `named` are the models of the house, and so many films of
    one key may wait as is `most_waiting`.
    """

    files: Files
    desk: Desk
    shelf: Shelf
    named: Mapping[str, LiveDeployment]
    consenting: Consenting
    most_waiting: int

    async def admit(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`; or a job.
        """
        return await self.desk.admit(request)

    def model(self, asked: str) -> str:
        """The model of that name, which films.

        Raises:
            ModelUnknown: there is none of that name.
            FeatureUnserved: it makes no films.
        """
        if (live := self.named.get(asked)) is None:
            raise ModelUnknown(asked, known=tuple(self.named))
        if Feature.VIDEOS not in live.engine.features:
            raise FeatureUnserved(asked, Feature.VIDEOS.value)
        return asked

    async def keep(self, id_: str, data: bytes, media: str, project: str) -> str:
        """The hash of what a film of that id goes by; it is kept as long as the film."""
        until = self.files.soon
        put = self.files.artifacts.put
        return (await put(_once(data), media, holder=id_, project=project, until=until)).hash

    async def hold(self, id_: str, hash_: str, project: str) -> str:
        """The same of what the project has here already.

        Raises:
            ArtifactUnknown: it has none of that hash.
        """
        until = self.files.soon
        await self.files.artifacts.hold(hash_, id_, project=project, until=until)
        return hash_

    async def source(self, id_: str, said: str, field: str, project: str) -> str:
        """What a film goes by, as its job may be told: an address as it is, and in the place of a
        data URI, or of a file's id, the hash of its bytes.

        Raises:
            RequestMalformed: it is none of these.
            ArtifactUnknown, ObjectUnknown: it is not the project's.
        """
        if said.lower().startswith(("http://", "https://")) and len(said) <= _LONGEST_ADDRESS:
            return said
        if is_kept(said):
            hash_ = said if is_hash(said) else await self.files.hash_of(said, project)
            return await self.hold(id_, hash_, project)
        try:
            media, data = read_data_uri(said, most=_MOST_BYTES)
        except MediumFault as fault:
            raise RequestMalformed(
                f"Field {field!r} cannot be read: {fault}.",
                hint="Send an address, a data URI with base64, or the id of a file.",
                field=field,
            ) from fault
        return await self.keep(id_, data, media, project)

    async def begin(self, principal: Principal, wanted: Wanted) -> Film:
        """Have a film made.

        Raises:
            RequestMalformed: it cannot be submitted, or not be finished as it is wished for.
            FieldUnserved: nothing could be drawn of what it goes by.
            ConsentMissing: a face or a voice that it goes by may not be used.
            QueueFull, BudgetSpent: too many wait, or it cannot be paid.
        """
        id_, now, body = wanted.id, self.files.now, written(wanted.ask)
        drawn = self._draws(wanted.ask.model)
        check_finish(wanted.finish, drawn=drawn)
        owner = Owner(principal.user, principal.project, principal.key)
        if drawn:
            references(body)
        await self.consenting.permit_ask(wanted.ask, owner)
        draft = _draft(wanted, body, owner, drawn=drawn, now=now)
        try:
            job = await self.desk.jobs.submit_within(draft, now=now, most=self.most_waiting)
        except JobRefused as error:
            raise RequestMalformed(error.what, hint=error.hint) from error
        told = {"job": job.id, "ask": body, "more": dict(wanted.more or {})}
        kept = Object(id_, KIND, principal.project, now, told, until=now + KEPT)
        await self.files.objects.put(kept)
        return Film(kept, job)

    async def begin_alone(self, principal: Principal, ask: VideoAsk) -> tuple[str, Job]:
        """Have a film made that goes by nothing but words; gives its id and its job.

        Raises:
            ModelUnknown, FeatureUnserved: no such model films.
        """
        self.model(ask.model)
        film = await self.begin(principal, Wanted(ids.fresh(KIND), ask))
        return film.kept.id, film.job

    def _draws(self, model: str) -> bool:
        """Whether a film of that model is drawn of a Scene."""
        return Feature.SCENES in self.named[model].engine.features

    async def find(self, id_: str, project: str) -> Film:
        """A film, by either vendor's form of its id.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        return await self._film(await self.files.objects.find(KIND, own(id_), project))

    async def named_by(self, request: Request) -> Film:
        """The film of a request's path, for whoever has a key whose project has it.

        Raises:
            AccessDenied: the caller has no such key.
            ObjectUnknown: it is not the caller's.
        """
        principal = await self.admit(request)
        return await self.find(request.path_params["id"], principal.project)

    async def page(self, project: str, wish: Wish) -> tuple[list[Film], bool]:
        """A part of the films, and whether there are more behind it.

        Raises:
            ObjectUnknown: the part begins at no film of the project.
        """
        edge = replace(wish, after=wish.after and own(wish.after))
        page = await self.files.objects.page(KIND, project, edge)
        return [await self._film(one) for one in page.objects], page.has_more

    async def newest(self, project: str) -> list[Film]:
        """The newest thousand films of a project."""
        page = await self.files.objects.page(KIND, project, Wish(MOST_LISTED))
        wanted = Filter(project, kind=KIND)
        jobs = {one.id: one for one in await self.desk.jobs.newest(wanted, last=MOST_LISTED)}
        return [
            Film(one, job) if (job := jobs.get(str(one.body["job"]))) else await self._film(one)
            for one in page.objects
        ]

    async def cancel(self, film: Film) -> None:
        """Have nobody work on it any more.

        Raises:
            JobRefused: it has ended.
        """
        one = film.kept
        await self.desk.jobs.cancel(film.job.id, now=self.files.now, project=one.project)

    async def remove(self, film: Film) -> None:
        """Delete it; its job ends, and stays in the list of jobs.

        Raises:
            ObjectUnknown: somebody else just did.
        """
        one = film.kept
        await self.files.objects.remove(KIND, one.id, one.project)
        with suppress(JobRefused):  # it has ended
            await self.cancel(film)

    async def shown(self, film: Film) -> Artifact:
        """Its bytes.

        Raises:
            RequestMalformed: they are not there.
        """
        one, made = film.kept, film.made
        if made is None:
            raise RequestMalformed(
                f"The film is {film.job.state.value}, and there is nothing to see of it.",
                hint="Ask for it once it has succeeded.",
            )
        found = await self.files.artifacts.find(made["hash"], one.project)
        return replace(found, holds=(Hold(one.id, one.project, made["media"], film.name),))

    async def content(self, request: Request, film: Film) -> Response:
        """Its bytes, or those of them that are asked for.

        Raises:
            RequestMalformed: they are not there.
            ArtifactDamaged, RangeOutside: as of any artifact.
        """
        return await handing_out.answer(self.files.artifacts, request, await self.shown(film))

    async def link(self, film: Film, base: str) -> str:
        """A link to its bytes that opens without a key, for a day."""
        return await link_of(self.shelf.links, film, base=base, now=self.files.now)

    async def _film(self, one: Object) -> Film:
        return Film(one, await self.desk.jobs.find(str(one.body["job"]), project=one.project))


def _draft(
    wanted: Wanted, ask: Mapping[str, object], owner: Owner, *, drawn: bool, now: int
) -> Draft:
    """The job that makes a film."""
    return Draft(
        KIND,
        {
            "film": wanted.id,
            "until": now + KEPT,
            "ask": ask,
            FIELD: record.write(wanted.finish),
            DRAWN: drawn,
        },
        owner,
        priority=wanted.priority,
        expires=now + wanted.within,
        callback=wanted.callback,
    )


async def link_of(links: Links, film: Film, *, base: str, now: int) -> str:
    """A link, below `base`, to the bytes of a film that is made, good for a day from `now` on."""
    made = film.made or {}
    until = now // 10**6 + LINK_SECONDS
    return base + await links.write(Link(made["hash"], until, made["media"], film.name))


def own(id_: str) -> str:
    """The id of a film as it is kept.

    >>> own("video_ab"), own("cgt-ab")
    ('film_ab', 'film_ab')

    Raises:
        ObjectUnknown: it is none, so that there is no such film.
    """
    found = _ID.fullmatch(id_)
    if found is None:
        raise ObjectUnknown(KIND, id_[:80])
    return f"{KIND}_{found[1]}"


async def _once(data: bytes) -> AsyncIterable[bytes]:
    yield data
