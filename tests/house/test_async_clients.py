"""Each method that the vendors' clients have and this house serves, called by their asynchronous
clients; `test_conformance.py` has the others call it.
"""

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import byteplussdkarkruntime  # pyright: ignore[reportMissingTypeStubs]
import openai
import pytest
import volcenginesdkarkruntime  # pyright: ignore[reportMissingTypeStubs]

from conformance.calls import TABLES, helped
from conformance.clients import SERVED, clients, methods
from conformance.house import House, house

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of the vendors' own: what they took back
]
_MEASURED = Path(__file__).parents[2] / "benchmarks" / "conformance.json"
TOLD: dict[str, Any] = json.loads(_MEASURED.read_text())
MAKERS: dict[str, Callable[..., Any]] = {
    "openai": openai.AsyncOpenAI,
    "anthropic": anthropic.AsyncAnthropic,
    "volcenginesdkarkruntime": volcenginesdkarkruntime.AsyncArk,
    "byteplussdkarkruntime": byteplussdkarkruntime.AsyncArk,
}
BASES = {"openai": "/v1", "anthropic": ""}


@pytest.fixture(scope="module")
def at() -> Iterator[House]:
    with house() as opened:
        yield opened


async def exhaust(answer: Any) -> None:
    """Wait for an answer, and read a stream to its end."""
    if inspect.isawaitable(answer):
        answer = await answer
    if hasattr(answer, "__aenter__"):
        async with answer as opened:
            await _read(opened)
    else:
        await _read(answer)


async def _read(answer: Any) -> None:
    if hasattr(answer, "__anext__"):
        async for _ in answer:
            pass


def refusing(error: BaseException | None) -> int:
    """The status of the answer that an error is of, whatever it was wrapped in."""
    while error is not None and not hasattr(error, "status_code"):
        error = error.__cause__ or error.__context__
    return getattr(error, "status_code", 0)


def opened(at: House, sdk: str) -> Any:
    """The asynchronous client, as its programs make it but for the address and the key."""
    more = {"admin_api_key": at.key} if sdk == "openai" else {}
    base = at.url + BASES.get(sdk, "/api/v3")
    return MAKERS[sdk](base_url=base, api_key=at.key, max_retries=0, timeout=60, **more)


async def called(at: House, sdk: str, blocking: Any) -> dict[str, str]:
    """What came of each method that the table has; `blocking` makes what they name."""
    table, told = TABLES[sdk], dict[str, str]()
    async with opened(at, sdk) as client:
        found = methods(client)
        named = set(table) & set(methods(blocking))
        assert named <= set(found)
        for name in sorted(named):
            with helped(at, name):
                try:
                    await exhaust(found[name](**table[name](blocking)))
                    told[name] = SERVED
                except Exception as error:  # noqa: BLE001 - whatever it is, it is what came of it
                    refused = refusing(error) in {405, 501}
                    told[name] = "" if refused else f"{type(error).__name__}: {error}"
    return told


@pytest.mark.parametrize("sdk", MAKERS)
async def test_all_that_is_served_answers_the_asynchronous_clients(at: House, sdk: str) -> None:
    for name, blocking, _ in clients(at):
        if name == sdk:
            told = await called(at, sdk, blocking)
            assert {name: why for name, why in told.items() if why not in {SERVED, ""}} == {}
            counted = TOLD["methods"][sdk].values()
            assert list(told.values()).count(SERVED) == sum(one["served"] for one in counted)
