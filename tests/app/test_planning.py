"""Who plans what is drawn: nobody but the rules, unless the operator says so."""

from pathlib import Path
from typing import Any, cast

import pytest

from seedbed.app.planning import foreseen, plan_for
from seedbed.app.rules import rules_of
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.media.foreseeing import Foreseeing
from seedbed.settings import Settings
from tests.jobs.houses import job_house
from tests.serving.houses import live

pytestmark = pytest.mark.anyio


async def test_without_a_model_the_rules_plan_a_job(database: Any) -> None:
    job = await job_house(database).submit(input={"ask": {"prompt": "a glorbix at sea"}})
    scene, notes = await plan_for(cast("Any", None), "", job, "token", "key")
    assert scene.is_film
    assert any("glorbix" in note for note in notes)


def test_a_road_is_left_as_it_is_where_no_model_plans(
    database: Any, clock: FakeClock, home: Path
) -> None:
    nothing, rules = cast("Any", object()), rules_of(Settings(home=home), database, clock)
    named = {"m": live(Scripted("m", window=64), clock)}
    assert foreseen(nothing, "", named, rules) is nothing
    ahead = cast("Any", foreseen(nothing, "m", named, rules))
    assert isinstance(ahead.__self__, Foreseeing)
