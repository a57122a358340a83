"""Consents are recorded, withdrawn and never lost; what waits and names one ends with it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.consent import Consent, Kind, Made, Use
from seedbed.core.errors import ArtifactUnknown, ObjectUnknown
from seedbed.core.job import Draft, Job, Owner, State
from seedbed.kit.clock import FakeClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.audit import Audit
from seedbed.store.blobs import open_blobs
from seedbed.store.consents import Consents
from seedbed.store.database import Database
from seedbed.store.jobs import Jobs

pytestmark = pytest.mark.anyio

GIVEN = Consent("consent_1", "web", "Ada Größe", Kind.FACE, "a jubilee", (Use.FILMS,), "", at=7)


@pytest.fixture
def artifacts(database: Database, home: Path) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=FakeClock(0.0))


@pytest.fixture
def consents(database: Database) -> Consents:
    return Consents(database)


@pytest.fixture
async def given(artifacts: Artifacts) -> Consent:
    """A consent whose evidence is there, and is not recorded yet."""

    async def letter() -> AsyncGenerator[bytes]:
        yield b"I agree. Ada"

    put = artifacts.put
    kept = await put(letter(), "text/plain", holder="key_1", project="web", name="ada.txt")
    return replace(GIVEN, evidence=kept.hash, uses=(Use.FILMS, Use.PICTURES))


async def test_a_consent_is_found_as_it_was_recorded(consents: Consents, given: Consent) -> None:
    await consents.record(given, actor="eve")
    assert await consents.find("consent_1") == given
    assert await consents.find("consent_1", project="web") == given
    ids = ["consent_1", "consent_2", "a\0b"]
    assert await consents.known(ids, "web") == {"consent_1": given}


async def test_another_project_finds_it_nowhere(consents: Consents, given: Consent) -> None:
    await consents.record(given, actor="eve")
    for id_, project in (("consent_1", "theirs"), ("consent_2", "web"), ("a\0b", "web")):
        with pytest.raises(ObjectUnknown):
            await consents.find(id_, project=project)
        with pytest.raises(ObjectUnknown):
            await consents.withdraw(id_, actor="eve", now=9, project=project)
    assert await consents.known(["consent_1"], "theirs") == {}
    assert await consents.newest(project="theirs", last=9) == []


async def test_its_evidence_is_kept_when_nobody_else_holds_it(
    consents: Consents, given: Consent, artifacts: Artifacts
) -> None:
    await consents.record(given, actor="eve")
    await artifacts.release(given.evidence, "key_1")
    found = await artifacts.find(given.evidence, "web")
    assert (found.name, found.holds[0].holder, found.holds[0].until) == (
        *("ada.txt", "consent_1"),
        None,
    )


@pytest.mark.parametrize("spoilt", [{"evidence": "0" * 64}, {"project": "theirs"}])
async def test_without_evidence_of_its_project_there_is_no_consent(
    consents: Consents, given: Consent, spoilt: dict[str, str]
) -> None:
    with pytest.raises(ArtifactUnknown):
        await consents.record(replace(given, **spoilt), actor="eve")
    assert await consents.newest(last=9) == []


async def test_they_are_listed_the_newest_first_and_on_from_one(
    consents: Consents, given: Consent
) -> None:
    these = [replace(given, id=f"consent_{number}", at=number // 2) for number in range(4)]
    for one in these:
        await consents.record(one, actor="eve")
    assert await consents.newest(last=9) == these[::-1]
    assert await consents.newest(project="web", last=2, after="consent_3") == [these[2], these[1]]
    with pytest.raises(ObjectUnknown):
        await consents.newest(project="theirs", last=2, after="consent_3")


async def test_one_that_is_withdrawn_stays_and_what_waits_and_names_it_ends(
    consents: Consents, given: Consent, database: Database
) -> None:
    await consents.record(given, actor="eve")
    jobs = Jobs(database, currency="USD")

    async def submit(id_: str, project: str = "web") -> Job:
        draft = Draft("film", {"ask": {"consent": id_}}, Owner("ada", project, "key_1"))
        return await jobs.submit(draft, now=8)

    ours, other, theirs = (
        await submit("consent_1"),
        await submit("consent_2"),
        await submit("consent_1", "theirs"),
    )
    withdrawn, ended = await consents.withdraw("consent_1", actor="eve", now=9)
    assert (withdrawn, ended) == (replace(given, withdrawn=9), [ours.id])
    assert (await jobs.find(ours.id)).state is State.CANCELLED
    for job in (other, theirs):
        assert (await jobs.find(job.id)).state is State.QUEUED
    assert await consents.withdraw("consent_1", actor="eve", now=10) == (withdrawn, [])
    assert await consents.find("consent_1") == withdrawn


async def test_what_was_made_with_one_is_listed_once(consents: Consents, given: Consent) -> None:
    await consents.record(given, actor="eve")
    first, second = Made("consent_1", "a" * 64, "job_1", 8), Made("consent_1", "b" * 64, "", 9)
    await consents.note(first)
    await consents.note(second, replace(first, at=10))
    assert await consents.made("consent_1") == [first, second]
    assert await consents.made("consent_2") == []


async def test_each_change_is_in_the_audit(
    consents: Consents, given: Consent, database: Database
) -> None:
    await consents.record(given, actor="eve")
    await consents.withdraw("consent_1", actor="bob", now=9)
    acts = Audit(database).last(9)
    told = [(act.at, act.actor, act.action, act.subject) for act in acts]
    assert told == [
        (9, "bob", "consent.withdrawn", "consent consent_1"),
        (7, "eve", "consent.recorded", "consent consent_1"),
    ]
    assert acts[1].facts == {
        "project": "web",
        "who": "Ada Größe",
        "kind": "face",
        "uses": "films pictures",
    }
