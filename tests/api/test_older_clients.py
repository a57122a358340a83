"""The generation of the vendors' SDKs before this one, unmodified, against a real server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seedbed.core.access import Scope
from seedbed.core.message import Call
from seedbed.engines.scripted import DIMENSIONS, Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import WINDOW, build, make_key, served

pytestmark = pytest.mark.slow

OLDER = Path(sys.prefix) / "older"
"""The folder of those SDKs, which `make test` fills."""
PROGRAM = Path(__file__).parent / "older_clients.py"
SAID = "one two three"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a house whose models are `echo` and `caller`, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    engines = {
        "echo": Scripted("echo", window=WINDOW),
        "caller": Scripted(
            "caller", window=WINDOW, script=[Call("call_1", "weather", '{"city": "Paris"}')]
        ),
    }
    with served(build(engines, home=home, clock=SystemClock())) as url:
        yield url, make_key(home, Scope.MODELS)


def told(sdk: str, house: tuple[str, str]) -> dict[str, Any]:
    """What a program with the older SDK was told."""
    assert OLDER.is_dir(), "make .venv/older"
    ran = subprocess.run(
        [sys.executable, "-P", str(PROGRAM), sdk, *house],  # beside it lie folders of their names
        env={"PYTHONPATH": str(OLDER), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not ran.returncode, ran.stderr
    return json.loads(ran.stdout)


def test_openais_second_generation_is_told_what_the_third_is(house: tuple[str, str]) -> None:
    answers = told("openai", house)
    assert answers.pop("version").startswith("2.")
    assert answers == {
        "chat": SAID,
        "stream": [SAID, 3],
        "tools": ["tool_calls", "weather", '{"city": "Paris"}', "And?"],
        "responses": SAID,
        "embeddings": DIMENSIONS,
        "unknown model": ["NotFoundError", 404, "model_not_found"],
        "no messages": ["BadRequestError", 400, "request_malformed"],
        "wrong key": ["AuthenticationError", 401, "invalid_api_key"],
        "files": ["a.txt", 7, "one two", True, True],
        "async": SAID,
    }


def test_anthropics_generation_before_bearer_keys_is_told_what_the_next_is(
    house: tuple[str, str],
) -> None:
    answers = told("anthropic", house)
    assert answers.pop("version").startswith("0.")
    assert answers == {
        "key": SAID,
        "token": SAID,
        "beta": SAID,
        "stream": [SAID, "end_turn", 3],
        "tools": ["tool_use", "weather", {"city": "Paris"}],
        "count": 4,  # of words, and one for the message
        "unknown model": ["NotFoundError", 404],
        "wrong key": ["AuthenticationError", 401],
        "async": SAID,
    }
