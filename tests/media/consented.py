"""Consents for tests, with evidence that nobody reads."""

from seedbed.core.artifact import Artifact, Hold
from seedbed.core.consent import Consent, Kind, Use
from seedbed.store import artifact_rows
from seedbed.store.consents import Consents
from seedbed.store.database import Database

EVIDENCE = "e" * 64
GIVEN = Consent("consent_1", "web", "Ada", Kind.FACE, "a film", (Use.FILMS,), EVIDENCE, at=1)


async def recorded(database: Database, *these: Consent) -> None:
    held = (Hold("key_1", "web", "text/plain"),)
    await database.write(lambda c: artifact_rows.add(c, Artifact(EVIDENCE, 1, 0, held)))
    for one in these:
        await Consents(database).record(one, actor="eve")
