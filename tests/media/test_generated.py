"""Films that a model made: judged and noted before they are handed out."""

from pathlib import Path
from typing import Any, cast

import pytest

from seedbed.core.errors import ConsentMissing, ContentRefused
from seedbed.core.finish import Finish
from seedbed.core.job import Job, State
from tests.jobs.houses import job_house, now
from tests.kit.film.made import HEIGHT, WIDTH
from tests.media.consented import GIVEN, recorded
from tests.media.finished import Counting, Finished

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
FACE = {"kind": "image", "source": "a" * 64, "role": "face", "consent": GIVEN.id}
AS_IT_CAME: dict[str, Any] = {"size": [WIDTH, HEIGHT], "fps": 8}


@pytest.fixture
def house(database: Any, home: Path) -> Finished:
    return Finished(job_house(database), home, Counting(), judged=True)


def judge(house: Finished, script: str) -> None:
    house.program.write_text(f"#!/bin/sh\n{script}\n")
    house.program.chmod(0o700)


def fault(job: Job) -> str:
    assert job.state is State.FAILED
    assert job.fault is not None
    return job.fault.code


async def test_a_film_is_judged_as_it_is_handed_out(house: Finished, tmp_path: Path) -> None:
    judge(house, f"cat > {tmp_path}/told; echo '{{\"allow\": true}}'")
    ended = await house.ended(Finish(fps=16), **AS_IT_CAME)
    assert ended.state is State.SUCCEEDED
    told = (tmp_path / "told").read_text()
    assert '"side": "output"' in told
    assert '"kind": "video"' in told
    assert not house.left()


async def test_a_film_that_is_refused_is_not_handed_out(house: Finished) -> None:
    judge(house, """echo '{"allow": false, "why": "it shows a brand"}'""")
    ended = await house.ended(**AS_IT_CAME)
    assert fault(ended) == ContentRefused.code
    assert ended.result is None
    assert not house.left()


async def test_a_film_is_noted_with_its_consent_and_stops_where_that_was_withdrawn(
    house: Finished,
) -> None:
    judge(house, """echo '{"allow": true}'""")
    await recorded(house.house.database, GIVEN)
    told = cast("Any", (await house.ended(refs=[FACE], **AS_IT_CAME)).result)
    (made,) = await house.consents.made(GIVEN.id)
    assert made.artifact == told["hash"]
    await house.consents.withdraw(GIVEN.id, now=now(), actor="ann")
    assert fault(await house.ended(refs=[FACE], **AS_IT_CAME)) == ConsentMissing.code
