"""Whether somebody's face or voice may be used: each such reference names a consent that holds.

Floor 5. Asked when a picture or a film is submitted and again before it is planned, drawn and
handed out, since a consent may be withdrawn meanwhile. What was made with one is noted with it.
"""

from collections.abc import Iterable, Mapping, Sequence

from seedbed.core.ask import ImageAsk, SceneAsk
from seedbed.core.consent import Consent, Made, Use
from seedbed.core.errors import ConsentMissing
from seedbed.core.film import VideoAsk
from seedbed.core.job import Owner
from seedbed.core.scene.form import read_scene
from seedbed.core.scene.scene import Reference, Role, Scene
from seedbed.kit.clock import Clock
from seedbed.store.consents import Consents

_NEEDED = frozenset({"face", "voice"})
"""Roles of references that need a consent; one that is named with another role must hold, too."""
_ROLES: Mapping[str, Role] = {"face": "face", "voice": "voice"}
"""Of what an ask goes by, what is somebody's."""


class Consenting:
    """Asks the consents of a house."""

    def __init__(self, consents: Consents, clock: Clock) -> None:
        self._consents, self._clock = consents, clock

    async def permit_ask(self, ask: ImageAsk | VideoAsk | SceneAsk, owner: Owner) -> None:
        """See that what an ask goes by may be used, and what the Scene in it goes by.

        Raises:
            ConsentMissing: a consent is missing, or does not hold.
            SceneMalformed: the Scene is none.
        """
        scene = None if ask.scene is None else read_scene(ask.scene)
        is_film = isinstance(ask, VideoAsk) or (scene is not None and scene.is_film)
        refs = () if isinstance(ask, SceneAsk) else ask.refs
        named = [*referred([one.options for one in refs]), *(scene.references if scene else ())]
        await self.permit_all(named, owner, Use.FILMS if is_film else Use.PICTURES)

    async def permit(self, scene: Scene, owner: Owner) -> None:
        """See that a Scene may be made on behalf of its owner.

        Raises:
            ConsentMissing: a consent is missing, or does not hold.
        """
        use = Use.FILMS if scene.is_film else Use.PICTURES
        await self.permit_all(scene.references, owner, use)

    async def permit_all(self, references: Sequence[Reference], owner: Owner, use: Use) -> None:
        """See that references may be used so, on behalf of their owner.

        Raises:
            ConsentMissing: a consent is missing, or does not hold.
        """
        known = await self._consents.known(_named(references), owner.project)
        check(references, known, use, round(self._clock.wall() * 1e6))

    async def note(self, scene: Scene, artifact: str, *, job: str) -> None:
        """Note what was made of a Scene with each consent that it names; `artifact` is its hash,
        and `job` what made it: a job, or the request that was answered at once.
        """
        await self.note_all(scene.references, artifact, job=job)

    async def note_all(self, references: Sequence[Reference], artifact: str, *, job: str) -> None:
        """Note the same with each consent that references name."""
        now = round(self._clock.wall() * 1e6)
        made = [Made(one, artifact, job, now) for one in _named(references)]
        await self._consents.note(*made)


def referred(told: Iterable[Mapping[str, object]]) -> list[Reference]:
    """What an ask goes by that is somebody's, or names a consent, of what is told of each."""
    found = list[Reference]()
    for place, one in enumerate(told):
        role, consent = str(one.get("role", "")), str(one.get("consent", ""))
        if role in _ROLES or consent:
            found.append(Reference(f"refs[{place}]", _ROLES.get(role, "picture"), "", "", consent))
    return found


def named_in(scene: Scene) -> list[str]:
    """The ids of the consents that a Scene names, each once."""
    return _named(scene.references)


def _named(references: Sequence[Reference]) -> list[str]:
    return list(dict.fromkeys(one.consent for one in references if one.consent))


def check(
    references: Sequence[Reference], consents: Mapping[str, Consent], use: Use, now: int
) -> None:
    """See that each reference may be used so at a moment; `consents` are its project's, by id.

    Raises:
        ConsentMissing: one may not.
    """
    for one in references:
        why = _why_not(one, consents, use, now)
        if why is not None:
            raise ConsentMissing(one.id, role=one.role, why=why)


def _why_not(one: Reference, consents: Mapping[str, Consent], use: Use, now: int) -> str | None:
    if not one.consent:
        return "it names no consent" if one.role in _NEEDED else None
    if (consent := consents.get(one.consent)) is None:
        return f"there is no consent {one.consent!r}"
    return consent.why_not(use, one.role, now)
