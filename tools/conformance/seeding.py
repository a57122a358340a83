"""A pytest plugin for the vendors' own suites: what their fixed ids name is there, for each test.

Loaded by `-p conformance.seeding` into a process of theirs. What a test deletes or ends is
there again for the next one, each time with a job of its own where one waits behind it.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest

from conformance.house import PROJECT
from seedbed.core.errors import ObjectUnknown
from seedbed.core.job import Draft
from seedbed.kit.clock import SystemClock
from seedbed.store.database import open_database
from seedbed.store.jobs import Jobs
from seedbed.store.objects import Objects

_OF_THE_ENDED = (
    *("delete", "results"),
    *("retrieve_overload_2", "retrieve_with_all_params_overload_2"),
)
"""In the names of tests: what is done with what has ended. The second form in which a response is
had is a stream of its events, which waits for its end.
"""


class Likeness(NamedTuple):
    """What a fixed id is to be like: an object of that kind, as a part of another one.

    `more` takes the place of what its body says.
    """

    id: str
    kind: str
    like: str
    parent: str | None = None
    more: Mapping[str, str] | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the house is at home, the key to it, and whose likeness each fixed id has."""
    for name in ("--house-home", "--house-key", "--house-likenesses"):
        parser.addoption(name, required=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give the suite's client its key, and seed."""
    suite = item.config.pluginmanager.get_plugin(str(Path.cwd() / "tests" / "conftest.py"))
    if suite is not None:
        suite.__dict__["api_key"] = item.config.getoption("--house-key")
    told: list[Any] = json.loads(str(item.config.getoption("--house-likenesses")))
    wanted = [Likeness(*each) for each in told]
    home = Path(str(item.config.getoption("--house-home")))
    anyio.run(_seed, home, wanted, any(word in item.name for word in _OF_THE_ENDED))


async def _seed(home: Path, wanted: Sequence[Likeness], is_ended: bool) -> None:
    with closing(open_database(home / "seedbed.db")) as database:
        objects, jobs = Objects(database, clock=SystemClock()), Jobs(database, currency="USD")
        for one in wanted:
            found = await objects.find(one.kind, one.like, PROJECT)
            body = {**found.body, **(one.more or {})}
            if "id" in body:
                body["id"] = one.id
            if "job" in body:
                body["job"] = await _job_like(str(body["job"]), jobs, is_ended=is_ended)
            with suppress(ObjectUnknown):
                await objects.remove(one.kind, one.id, PROJECT)
            parent = one.parent or found.parent
            await objects.put(replace(found, id=one.id, body=body, parent=parent))


async def _job_like(like: str, jobs: Jobs, *, is_ended: bool) -> str:
    """The id of a new job like one that waits, to wait or cancelled; one that is done stays."""
    now = round(SystemClock().wall() * 1e6)
    job = await jobs.find(like)
    if job.state.is_end:
        return like
    new = await jobs.submit(Draft(job.kind, job.input, job.owner, expires=job.expires), now=now)
    if is_ended:
        await jobs.cancel(new.id, now=now)
    return new.id
