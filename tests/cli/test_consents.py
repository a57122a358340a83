"""`seedbed consents`."""

from pathlib import Path

import anyio
import pytest

from seedbed.core.consent import Made
from seedbed.core.job import Draft, Owner
from seedbed.store.consents import Consents
from seedbed.store.database import open_database
from seedbed.store.jobs import Jobs
from tests.cli.conftest import Said, Seedbed

WORDS = ("--who", "Ada", "--kind", "face", "--purpose", "her jubilee", "--use", "films")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("I agree. Ada")
    return path


def words(said: Said) -> str:
    return " ".join(said.out.split())


def test_one_is_recorded_with_its_evidence_and_listed(seedbed: Seedbed, letter: Path) -> None:
    added = seedbed("consents", "add", *WORDS, "--evidence", str(letter), "--use", "pictures")
    assert added.status == 0
    id_ = added.out.strip()
    (one,) = seedbed("consents", "ls", "--json").json
    assert (one["id"], one["who"], one["uses"]) == (id_, "Ada", ["films", "pictures"])
    held = seedbed("artifacts", "ls", "--json").json
    assert [(kept["hash"], kept["holders"]) for kept in held] == [(one["evidence"], [id_])]
    assert f"{id_} Ada face films, pictures default" in words(seedbed("consents", "ls"))
    assert seedbed("consents", "ls", "--project", "web", "--json").json == []
    assert "consent.recorded consent " + id_ in words(seedbed("audit"))


def test_an_end_and_the_hash_of_an_artifact_are_taken(seedbed: Seedbed, letter: Path) -> None:
    hash_ = seedbed("artifacts", "put", str(letter)).out.strip()
    for until, holds in (("2999-01-01", "until"), ("2001-01-01", "ended")):
        added = seedbed(
            *("consents", "add", *WORDS, "--evidence", hash_, "--until", until, "--json")
        )
        assert added.json["until"] == f"{until} 00:00:00Z"
        shown = words(seedbed("consents", "show", added.json["id"]))
        assert f"holds {holds} {until} 00:00:00Z" in shown
        assert f"purpose her jubilee evidence {hash_}" in shown


@pytest.mark.parametrize(
    ("evidence", "status", "why"),
    [("nothing.txt", 2, "neither a file nor the hash"), ("0" * 64, 1, "There is no artifact")],
)
def test_without_evidence_nothing_is_recorded(
    seedbed: Seedbed, evidence: str, status: int, why: str
) -> None:
    said = seedbed("consents", "add", *WORDS, "--evidence", evidence)
    assert (said.status, why in said.err) == (status, True)
    assert seedbed("consents", "ls", "--json").json == []


def test_one_that_is_withdrawn_tells_what_was_made_with_it(
    seedbed: Seedbed, letter: Path, home: Path
) -> None:
    id_ = seedbed("consents", "add", *WORDS, "--evidence", str(letter)).out.strip()
    database = open_database(home / "seedbed.db")
    draft = Draft("film", {"ask": id_}, Owner("ada", "default", "key_1"))
    job = Jobs(database, currency="USD").submit_now(draft, now=1)
    anyio.run(Consents(database).note, Made(id_, "a" * 64, "job_1", 5_000_000))
    database.close()
    assert f"{'a' * 64} job_1 1970-01-01" in words(seedbed("consents", "show", id_))
    told = seedbed("consents", "withdraw", id_, "--json").json
    assert told["cancelled"] == [job.id]
    assert told["made"] == seedbed("consents", "show", id_, "--json").json["made"]
    again = words(seedbed("consents", "withdraw", id_))
    assert again.startswith("It holds no more. Jobs that were cancelled: 0; files")
    assert "withdrawn 20" in words(seedbed("consents", "show", id_))


def test_one_that_is_not_there_is_told(seedbed: Seedbed) -> None:
    for verb in ("show", "withdraw"):
        said = seedbed("consents", verb, "consent_1", "--json")
        assert (said.status, said.error["code"]) == (1, "object_unknown")
