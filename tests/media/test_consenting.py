"""A face or a voice is used with a consent that holds, and what was made with it is known."""

from dataclasses import replace

import pytest

from seedbed.core.consent import Consent, Kind, Made, Use
from seedbed.core.errors import ConsentMissing
from seedbed.core.job import Owner
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.kit.clock import FakeClock
from seedbed.media.consenting import Consenting, check
from seedbed.store.consents import Consents
from seedbed.store.database import Database
from tests.media.consented import GIVEN, recorded

OWNER = Owner("eve", "web", "key_1")
FACE = Reference("ada", "face", "a" * 64, "image/png", consent=GIVEN.id)
FILM = Scene(Canvas(64, 64, fps=24), (Shot("one", 1.0),), references=(FACE,))


def refused(reference: Reference, use: Use = Use.FILMS, *known: Consent) -> str:
    with pytest.raises(ConsentMissing) as caught:
        check([reference], {one.id: one for one in known}, use, 10)
    return caught.value.what


def test_a_face_and_a_voice_need_a_consent_and_a_picture_does_not() -> None:
    check([replace(FACE, role="picture", consent="")], {}, Use.FILMS, 10)
    for role in ("face", "voice"):
        what = refused(replace(FACE, role=role, consent=""))
        assert what == f"The {role} 'ada' cannot be used: it names no consent."


def test_a_consent_of_another_project_is_none() -> None:
    assert refused(FACE).endswith(f"there is no consent '{GIVEN.id}'.")


def test_a_consent_that_is_named_must_hold_for_the_use_whatever_the_role() -> None:
    check([FACE, replace(FACE, role="subject")], {GIVEN.id: GIVEN}, Use.FILMS, 10)
    for role in ("face", "subject"):
        assert "not for pictures" in refused(replace(FACE, role=role), Use.PICTURES, GIVEN)


@pytest.mark.anyio
async def test_a_scene_is_permitted_until_the_consent_is_withdrawn(database: Database) -> None:
    consents = Consents(database)
    consenting = Consenting(consents, FakeClock(1.0))
    with pytest.raises(ConsentMissing):
        await consenting.permit(FILM, OWNER)
    await recorded(database, GIVEN)
    await consenting.permit(FILM, OWNER)
    with pytest.raises(ConsentMissing, match="not for pictures"):
        await consenting.permit(replace(FILM, canvas=Canvas(64, 64)), OWNER)
    with pytest.raises(ConsentMissing, match="there is no consent"):
        await consenting.permit(FILM, replace(OWNER, project="theirs"))
    await consents.withdraw(GIVEN.id, actor="eve", now=2)
    with pytest.raises(ConsentMissing, match="was withdrawn"):
        await consenting.permit(FILM, OWNER)


@pytest.mark.anyio
async def test_what_was_made_is_noted_with_each_consent_once(database: Database) -> None:
    await recorded(database, GIVEN, replace(GIVEN, id="consent_2", kind=Kind.VOICE))
    voice = replace(FACE, id="her", role="voice", consent="consent_2")
    scene = replace(FILM, references=(FACE, replace(FACE, id="again"), voice))
    await Consenting(Consents(database), FakeClock(1.0)).note(scene, "b" * 64, job="job_1")
    for id_ in (GIVEN.id, "consent_2"):
        made = await Consents(database).made(id_)
        assert made == [Made(id_, "b" * 64, "job_1", 1_000_000)]
