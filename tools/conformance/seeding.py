"""A pytest plugin for the vendors' own suites: what their fixed ids name is there, for each test.

Loaded by `-p conformance.seeding` into a process of theirs. What a test deletes or ends is
there again for the next one.
"""

import json
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from conformance.house import PROJECT
from seedbed.core.errors import ObjectUnknown
from seedbed.kit.clock import SystemClock
from seedbed.store.database import open_database
from seedbed.store.objects import Objects


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the house is at home, the key to it, and whose likeness each fixed id has."""
    for name in ("--house-home", "--house-key", "--house-likenesses"):
        parser.addoption(name, required=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give the suite's client its key, and seed."""
    suite = item.config.pluginmanager.get_plugin(str(Path.cwd() / "tests" / "conftest.py"))
    if suite is not None:
        suite.__dict__["api_key"] = item.config.getoption("--house-key")
    likenesses = json.loads(str(item.config.getoption("--house-likenesses")))
    anyio.run(_seed, Path(str(item.config.getoption("--house-home"))), likenesses)


async def _seed(home: Path, likenesses: Mapping[str, tuple[str, str]]) -> None:
    with closing(open_database(home / "seedbed.db")) as database:
        objects = Objects(database, clock=SystemClock())
        for id_, (kind, like) in likenesses.items():
            found = await objects.find(kind, like, PROJECT)
            with suppress(ObjectUnknown):
                await objects.remove(kind, id_, PROJECT)
            body = {name: id_ if name == "id" else told for name, told in found.body.items()}
            parent = "conv_123" if kind == "conversation_item" else found.parent
            await objects.put(replace(found, id=id_, body=body, parent=parent))
