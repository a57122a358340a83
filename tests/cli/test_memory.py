"""What `doctor` and `up` say of memory that is too small, before anybody's ask is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from seedbed.cli.house import House
from seedbed.kit.machine import Machine
from seedbed.serving.resident import GRAPHICS, MAIN
from tests.cli.conftest import Seedbed
from tests.kit.nvidia import Nvidia

Change = Callable[[House], House]


def knowing(memory: dict[str, dict[str, tuple[int, bool]]], may: int = 100) -> Change:
    """A house whose server says what each deployment needs, in megabytes, and what all may hold."""
    data = [
        {
            "name": name,
            "memory": {
                kind: {"needs": needs * 10**6, "is_measured": known, "may": may * 10**6}
                for kind, (needs, known) in kinds.items()
            },
        }
        for name, kinds in memory.items()
    ]
    return answering(json.dumps({"data": data}).encode())


def answering(content: bytes) -> Change:
    def change(house: House) -> House:
        real = house.neighbour

        def answer(request: httpx2.Request) -> httpx2.Response:
            if request.url.path == "/seedbed/deployments":
                return httpx2.Response(200, content=content)
            return real.send(
                real.build_request(request.method, request.url, headers=request.headers)
            )

        return replace(house, neighbour=httpx2.Client(transport=httpx2.MockTransport(answer)))

    return change


def findings(seedbed: Seedbed, change: Change) -> list[tuple[str, str, str, str]]:
    told = seedbed("doctor", "--json", change=change).json
    rows = [tuple(one[key] for key in ("part", "state", "found", "mend")) for one in told]
    return [row for row in rows if row[0] in {MAIN, GRAPHICS}]


@pytest.mark.usefixtures("server")
def test_a_model_that_can_never_be_loaded_is_told_with_what_mends_it(seedbed: Seedbed) -> None:
    small, large = {MAIN: (40, True)}, {MAIN: (300, False), GRAPHICS: (101, True)}
    assert findings(seedbed, knowing({"small@here": small, "large@here": large})) == [
        (
            MAIN,
            "lacks",
            "large@here needs at least 300 MB, and all together may hold 100 MB: it is never "
            "loaded",
            "set SEEDBED_MEMORY_MEGABYTES to 300 or more, or take the model out of SEEDBED_MODELS",
        ),
        (MAIN, "has", "40 MB of 100 MB are needed", ""),
        (
            GRAPHICS,
            "lacks",
            "large@here needs 101 MB, and all together may hold 100 MB: it is never loaded",
            "give it fewer `layers` or places, or set SEEDBED_GRAPHICS_MEGABYTES to 101, or take "
            "the model out of SEEDBED_MODELS",
        ),
    ]


@pytest.mark.usefixtures("server")
def test_models_that_take_turns_are_told_and_nothing_is_lacking(seedbed: Seedbed) -> None:
    both = {"a@here": {MAIN: (60, True)}, "b@here": {MAIN: (60, True)}}
    assert findings(seedbed, knowing(both)) == [
        (MAIN, "has", "those served need 120 MB and may hold 100 MB: they take turns", "")
    ]


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("content", [b"{}", b"<html>", b'{"data": []}'])
def test_a_server_that_tells_nothing_of_memory_is_no_fault(
    seedbed: Seedbed, content: bytes
) -> None:
    assert findings(seedbed, answering(content)) == []


@pytest.mark.usefixtures("server")
def test_up_says_which_models_can_never_be_loaded_and_no_more(seedbed: Seedbed) -> None:
    memory = {"small@here": {MAIN: (40, True)}, "large@here": {MAIN: (300, False)}}
    said = seedbed("up", change=knowing(memory))
    assert said.status == 0
    assert "Of memory large@here needs at least 300 MB" in said.err
    assert "small@here" not in said.err


def test_more_than_the_machine_has_is_told(
    seedbed: Seedbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia = Nvidia(tmp_path / "nvidia")
    nvidia.says(used=3, total=8000)
    monkeypatch.setenv("PATH", str(nvidia.folder), prepend=":")

    def small(house: House) -> House:
        return replace(house, machine=Machine("linux", "x86_64", frozenset(), 1, memory=10**9))

    wanted = {"SEEDBED_MEMORY_MEGABYTES": "1001", "SEEDBED_GRAPHICS_MEGABYTES": "9000"}
    told = {one["part"]: one for one in seedbed("doctor", "--json", change=small, **wanted).json}
    assert told[MAIN]["found"] == "engines may hold 1,001 MB, and there are 1,000 MB"
    assert told[MAIN]["mend"] == "set SEEDBED_MEMORY_MEGABYTES to less"
    assert told[GRAPHICS]["found"] == "engines may hold 9,000 MB, and there are 8,389 MB"
    assert told[GRAPHICS]["mend"] == "set SEEDBED_GRAPHICS_MEGABYTES to less"
    assert told["graphics"]["found"].endswith("8 GiB of memory")
