"""Volcengine's, BytePlus's and OpenAI's own unmodified clients ask for responses at Ark's root."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import httpx
import openai
import pytest
from openai.types.responses import FunctionToolParam

from seedbed.core.access import Scope
from seedbed.core.ask import Ask, ReasoningPolicy
from seedbed.core.errors import CapacityExceeded, EngineFailed
from seedbed.core.event import Event, Started
from seedbed.core.message import Call, Reasoning, Result, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from tests.api.ark.vendor import BYTEPLUS, VOLCENGINE
from tests.api.ark.vendor import RAISED as raised  # noqa: N811 - a module
from tests.api.running import WINDOW, House, alive, build, make_key, served

pytestmark = pytest.mark.usefixtures("logged")

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object"},
    "strict": False,
}
CALL = Call("call_1", "weather", '{"city": "Paris"}')
BROKE = EngineFailed("late", why="its process ended")
ROOTS = ["/api/v3", "/api/coding/v3", "/api/plan/v3"]


def engine(**options: object) -> Scripted:
    return Scripted("m", window=WINDOW, **options)  # type: ignore[arg-type]  # as Scripted has them


class Endless(Scripted):
    """Its first answer has no end."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        if not self.asked:
            self.asked.append(ask)
            yield Started("m")
            await anyio.sleep_forever()
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event


@pytest.fixture
def engines() -> dict[str, Scripted]:
    return {
        "echo": engine(),
        "thinker": engine(script=[Reasoning("Let me see."), Text("Forty two.")]),
        "caller": engine(script=[CALL]),
        "full": engine(error=CapacityExceeded("full", places=4)),
        "late": engine(error=BROKE, fails_after=2, script=[Text("one two three")]),
        "endless": Endless("m", window=WINDOW),
    }


@pytest.fixture
def address(home: Path, engines: dict[str, Scripted]) -> Iterator[tuple[str, str]]:
    """The address of a server with those models, and a key to it."""
    with served(build(engines, home=home, clock=SystemClock())) as url:
        yield url, make_key(home, Scope.MODELS)


@pytest.fixture
def client(address: tuple[str, str]) -> Iterator[Any]:
    url, key = address
    with VOLCENGINE.Ark(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture
async def house(
    home: Path, clock: FakeClock, engines: dict[str, Scripted]
) -> AsyncGenerator[House]:
    app = build(engines, home=home, clock=clock)
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


def near(house: House, key: str = "", sdk: Any = VOLCENGINE) -> Any:
    """A client in this process."""
    return sdk.AsyncArk(
        base_url="http://house/api/v3",
        api_key=key or house.key,
        max_retries=0,
        http_client=httpx.AsyncClient(transport=httpx.ASGITransport(house.app)),
    )


def words(answer: Any) -> str:
    return answer.output[-1].content[0].text


@pytest.mark.parametrize("sdk", [VOLCENGINE, BYTEPLUS])
@pytest.mark.parametrize("root", ROOTS)
def test_a_response_is_told_kept_listed_and_deleted(
    address: tuple[str, str], sdk: Any, root: str
) -> None:
    url, key = address
    with sdk.Ark(base_url=url + root, api_key=key, max_retries=0) as client:
        answer = client.responses.create(model="echo", input="one two three")
        assert (words(answer), answer.status) == ("one two three", "completed")
        used = answer.usage
        assert (used.input_tokens, used.output_tokens, used.total_tokens) == (4, 3, 7)
        assert used.input_tokens_details.cached_tokens == 0
        assert answer.expire_at == answer.created_at + 3 * 86_400
        assert client.responses.retrieve(answer.id).id == answer.id
        (item,) = client.input_items.list(answer.id, order="asc", limit=1)
        assert (item.role, item.content[0].text) == ("user", "one two three")
        assert not client.input_items.list(answer.id, before=item.id).data
        assert client.responses.delete(answer.id) is None
        with pytest.raises(Exception, match="There is no response") as gone:
            client.responses.retrieve(answer.id)
    assert type(gone.value).__name__ == "ArkNotFoundError"


@pytest.mark.parametrize("sdk", [VOLCENGINE, BYTEPLUS])
def test_a_response_comes_as_it_is_made(address: tuple[str, str], sdk: Any) -> None:
    url, key = address
    with sdk.Ark(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        events = list(client.responses.create(model="thinker", input="a", stream=True))
    kinds = [event.type.removeprefix("response.") for event in events]
    assert kinds[:4] == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
    ]
    assert kinds[-1] == "completed"
    assert "reasoning_text.delta" not in kinds
    told = dict.fromkeys(kinds, "")
    for kind, event in zip(kinds, events, strict=True):
        told[kind] += getattr(event, "delta", "")
    assert told["reasoning_summary_text.delta"] == "Let me see."
    assert told["output_text.delta"] == "Forty two."
    thought, message = events[-1].response.output
    assert (thought.summary[0].text, message.content[0].text) == ("Let me see.", "Forty two.")


def test_whoever_leaves_a_stream_stops_the_work_and_leaves_nothing(client: Any) -> None:
    stream = client.responses.create(model="endless", input="a", stream=True)
    begun = next(iter(stream))
    assert begun.type == "response.created"
    stream.response.close()
    assert words(client.responses.create(model="endless", input="b")) == "b"
    with pytest.raises(raised.ArkNotFoundError):
        client.responses.retrieve(begun.response.id)


@pytest.mark.anyio
async def test_a_chain_goes_on_with_calls_and_what_they_brought(
    house: House, engines: dict[str, Scripted]
) -> None:
    async with near(house) as client:
        first = await client.responses.create(
            model="caller", input="Weather?", tools=[WEATHER], thinking={"type": "disabled"}
        )
        (call,) = first.output
        assert (call.type, call.call_id, call.name) == ("function_call", "call_1", "weather")
        brought = {"type": "function_call_output", "call_id": call.call_id, "output": "12 C"}
        second = await client.responses.create(
            model="echo",
            input=[brought, {"role": "user", "content": "So?"}],
            previous_response_id=first.id,
            tools=[WEATHER],
        )
    assert second.previous_response_id == first.id
    asked = engines["echo"].asked[-1].messages
    assert [part for message in asked for part in message.parts] == [
        Text("Weather?"),
        CALL,
        Result("call_1", (Text("12 C"),)),
        Text("So?"),
    ]
    assert engines["caller"].asked[-1].reasoning == ReasoningPolicy("off")


@pytest.mark.anyio
@pytest.mark.parametrize("role", ["system", "user"])
async def test_a_prefix_is_read_and_gone_on_from(
    house: House, engines: dict[str, Scripted], role: str
) -> None:
    async with near(house) as client:
        first = await client.responses.create(
            model="echo",
            input=[{"role": role, "content": "be brief"}],
            caching={"type": "enabled", "prefix": True},
        )
        assert (first.status, first.output, first.caching.prefix) == ("completed", [], True)
        assert engines["echo"].asked[-1].limits.output == 1
        assert engines["echo"].asked[-1].messages[-1].role.value == "user"
        second = await client.responses.create(
            model="echo", input="b", previous_response_id=first.id, caching={"type": "enabled"}
        )
    assert words(second) == "b"
    told = [message.text for message in engines["echo"].asked[-1].messages]
    assert told == ["be brief", "b"]


@pytest.mark.anyio
async def test_below_instructions_nothing_is_cached(house: House) -> None:
    async with near(house) as client:
        first = await client.responses.create(model="echo", input="a", instructions="Be brief.")
        ask: Any = {"model": "echo", "input": "b", "previous_response_id": first.id}
        with pytest.raises(raised.ArkBadRequestError) as refused:
            await client.responses.create(**ask, caching={"type": "enabled"})
        assert refused.value.code == "InvalidParameter.caching"
        assert words(await client.responses.create(**ask, caching={"type": "disabled"})) == "b"


@pytest.mark.anyio
async def test_a_response_is_there_until_it_is_over(house: House) -> None:
    assert isinstance(house.clock, FakeClock)
    async with near(house) as client:
        end = int(house.clock.wall()) + 60
        answer = await client.responses.create(model="echo", input="a", expire_at=end)
        assert answer.expire_at == end
        assert (await client.responses.retrieve(answer.id)).expire_at == end
        await house.clock.advance(61)
        with pytest.raises(raised.ArkNotFoundError):
            await client.responses.retrieve(answer.id)


@pytest.mark.anyio
async def test_what_is_not_there_or_not_theirs_cannot_be_gone_on_from(house: House) -> None:
    database = open_database(house.home / "seedbed.db")
    scopes = frozenset({Scope.MODELS})
    _, key = Keys(database).create("them", user="v", project="q", scopes=scopes, now=1)
    database.close()
    async with near(house) as client, near(house, key) as stranger:
        kept = await client.responses.create(model="echo", input="a")
        unkept = await client.responses.create(model="echo", input="a", store=False)
        for asker, id_ in ((client, "resp_0"), (client, unkept.id), (stranger, kept.id)):
            for stream in (False, True):
                with pytest.raises(raised.ArkBadRequestError) as refused:
                    await asker.responses.create(
                        model="echo", input="b", previous_response_id=id_, stream=stream
                    )
                assert refused.value.code == "InvalidParameter.PreviousResponseNotFound"
                assert refused.value.param == "previous_response_id"
        for wanted in (stranger.responses.retrieve, stranger.responses.delete):
            with pytest.raises(raised.ArkNotFoundError):
                await wanted(kept.id)
        with pytest.raises(raised.ArkNotFoundError):
            await stranger.input_items.list(kept.id)
        assert (await client.responses.retrieve(kept.id)).id == kept.id


@pytest.mark.anyio
async def test_errors_are_the_clients_own(house: House) -> None:
    async with near(house) as client:
        with pytest.raises(raised.ArkRateLimitError) as full:
            await client.responses.create(model="full", input="a")
        with pytest.raises(raised.ArkNotFoundError) as unknown:
            await client.responses.create(model="nope", input="a")
        with pytest.raises(raised.ArkBadRequestError) as refused:
            await client.responses.create(model="echo", input="a", tools=[{"type": "web_search"}])
    assert full.value.code == "ServerOverloaded"
    assert unknown.value.code == "InvalidEndpointOrModel.NotFound"
    assert refused.value.param == "tools[0].type"


@pytest.mark.anyio
async def test_a_failure_in_mid_stream_is_told_and_kept(house: House) -> None:
    async with near(house) as client:
        stream = await client.responses.create(model="late", input="a", stream=True)
        events = [event async for event in stream]
        assert [event.type for event in events[-2:]] == ["error", "response.failed"]
        assert events[-2].code == events[-1].response.error.code == "InternalServiceError"
        kept = await client.responses.retrieve(events[-1].response.id)
    assert (kept.status, kept.error.code) == ("failed", "InternalServiceError")


@pytest.mark.anyio
async def test_words_come_as_their_client_sends_them(house: House) -> None:
    """With `null` for what is left out, a header for what is new, a body in `DELETE`."""
    async with house.client(**{"ark-beta-mcp": "true"}) as client:
        sent = {"model": "echo", "input": "a", "stream": None, "tools": None, "caching": None}
        answer = await client.post("/api/v3/responses", json=sent)
        assert answer.status_code == 200
        path = f"/api/v3/responses/{answer.json()['id']}"
        gone = await client.request("DELETE", path, json={}, headers={"accept": "*/*"})
        assert (gone.status_code, gone.json()["deleted"]) == (200, True)
        headers = {"x-client-request-id": "20260101"}
        again = await client.request("DELETE", path, json={}, headers=headers)
    assert (again.status_code, again.json()["error"]["code"]) == (404, "NotFound.response")
    assert again.headers["x-client-request-id"] == "20260101"


@pytest.mark.anyio
async def test_openais_client_is_at_home_here(house: House, engines: dict[str, Scripted]) -> None:
    async with openai.AsyncOpenAI(
        base_url="http://house/api/v3",
        api_key=house.key,
        max_retries=0,
        http_client=house.client(),
    ) as client:
        answer = await client.responses.create(
            model="thinker", input="a", extra_body={"thinking": {"type": "enabled"}}
        )
        assert answer.output_text == "Forty two."
        assert engines["thinker"].asked[-1].reasoning == ReasoningPolicy("on")
        assert await client.responses.retrieve(answer.id) == answer
        async with client.responses.stream(
            model="echo", input="b", previous_response_id=answer.id
        ) as stream:
            async for _ in stream:
                pass
            final = await stream.get_final_response()
        assert final.output_text == "b"
        items = await client.responses.input_items.list(final.id)
        assert [item.type for item in items.data] == ["message"]
        with pytest.raises(openai.BadRequestError) as refused:
            await client.responses.create(model="echo", input="a", background=True)
        assert refused.value.param == "background"
