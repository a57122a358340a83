"""Files searched for a response, asked for by OpenAI's own client: filled stores, a real index."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import Response

from seedbed.api.openai.responses.searching import RESULTS, cited
from seedbed.core.access import Scope
from seedbed.core.errors import EngineFailed, FieldUnserved, RequestMalformed
from seedbed.core.event import Found
from seedbed.core.message import Call, Result, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.database import Database
from tests.api.openai.asking import past_of, read
from tests.api.openai.vector_stores.reading import FIGS, HONEY, TEXTS, filled, filled_each, house_of
from tests.api.running import House, alive, build, make_key, served
from tests.api.turns import Turns, use

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]


@asynccontextmanager
async def asking(home: Path, clock: FakeClock, engine: Scripted) -> AsyncGenerator[AsyncOpenAI]:
    """OpenAI's client of a house with that model, and one that reads."""
    app = house_of(engine, home, clock)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with AsyncOpenAI(
            base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
        ) as client:
            yield client


def tool(*stores: str, **fields: object) -> Any:
    return {"type": "file_search", "vector_store_ids": list(stores), **fields}


def search(*queries: str) -> Call:
    return use("file_search", queries=list(queries))


def searched(answer: Response) -> Any:
    return next(one for one in answer.output if one.type == "file_search_call")


def annotations(answer: Response) -> list[Any]:
    said = answer.output[-1]
    assert said.type == "message"
    part = said.content[0]
    assert part.type == "output_text"
    return list(part.annotations)


async def test_a_model_searches_and_cites_what_it_names(home: Path, clock: FakeClock) -> None:
    store = await filled(home, clock)
    engine = Turns([search("who makes honey?")], [Text("Bees do, says bees.txt.")])
    async with asking(home, clock, engine) as client:
        answer = await client.responses.create(
            model="m", input="?", tools=[tool(store.id)], include=[RESULTS]
        )
    assert [one.type for one in answer.output] == ["file_search_call", "message"]
    call = searched(answer)
    assert (call.status, call.queries) == ("completed", ["who makes honey?"])
    best = call.results[0]
    assert (best.filename, best.text, best.attributes) == ("bees.txt", HONEY, {"number": 1})
    assert best.score is not None
    assert 0 < best.score <= 1
    (note,) = annotations(answer)
    assert (note.type, note.filename, note.file_id) == ("file_citation", "bees.txt", best.file_id)
    assert answer.output_text[: note.index] == "Bees do, says bees.txt"
    assert [one.name for one in engine.asked[0].tools] == ["file_search"]
    result = engine.asked[1].messages[-1].parts[0]
    assert isinstance(result, Result)
    (words,) = result.parts
    assert isinstance(words, Text)
    assert words.text.startswith(f"[bees.txt]\n{HONEY}\n\n[apes.md]\n{FIGS}")
    assert answer.tools[0].to_dict() == tool(store.id)


async def test_without_the_wish_results_are_neither_told_nor_kept(
    home: Path, clock: FakeClock
) -> None:
    store = await filled(home, clock)
    engine = Turns([search("honey")], [Text("Bees.")], [Text("Still.")])
    async with asking(home, clock, engine) as client:
        answer = await client.responses.create(model="m", input="?", tools=[tool(store.id)])
        kept = await client.responses.retrieve(answer.id)
        await client.responses.create(model="m", input="?", previous_response_id=answer.id)
    assert searched(answer).results is None
    assert HONEY not in kept.to_json()
    assert annotations(answer) == []
    assert not any(isinstance(one, Result) for m in engine.asked[-1].messages for one in m.parts)


async def test_what_was_found_and_told_is_known_later(home: Path, clock: FakeClock) -> None:
    store = await filled(home, clock)
    engine = Turns([search("honey")], [Text("Bees.")], [Text("Still.")])
    async with asking(home, clock, engine) as client:
        answer = await client.responses.create(
            model="m", input="?", tools=[tool(store.id, max_num_results=1)], include=[RESULTS]
        )
        await client.responses.create(model="m", input="?", previous_response_id=answer.id)
    call, result = (m.parts[0] for m in engine.asked[-1].messages[1:3])
    assert isinstance(call, Call)
    assert isinstance(result, Result)
    assert (call.name, call.arguments) == ("file_search", '{"queries":["honey"]}')
    assert result.parts == (Text(f"[bees.txt]\n{HONEY}"),)


async def test_items_of_searches_are_read_as_they_were_told(home: Path, clock: FakeClock) -> None:
    engine = Turns([Text("Hm.")])
    said: Any = {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["a"]}
    async with asking(home, clock, engine) as client:
        await client.responses.create(
            model="m",
            input=[
                said | {"results": []},
                said | {"results": None},
                said | {"results": [{"file_id": "file-1", "filename": None}]},
                {"role": "user", "content": "?"},
            ],
        )
    results = [
        one.parts for m in engine.asked[0].messages for one in m.parts if isinstance(one, Result)
    ]
    assert results == [(Text("Nothing was found."),), (Text("[file-1]\n"),)]


async def test_a_stream_tells_each_step_in_the_vendor_s_order(home: Path, clock: FakeClock) -> None:
    store = await filled(home, clock)
    engine = Turns([search("honey")], [Text("See bees.txt.")])
    wish: Any = {"model": "m", "input": "?", "tools": [tool(store.id)], "include": [RESULTS]}
    async with asking(home, clock, engine) as client:
        async with client.responses.stream(**wish) as stream:
            told = [event async for event in stream]
            answer = await stream.get_final_response()
        again = [one async for one in await client.responses.retrieve(answer.id, stream=True)]
    names = [event.type.removeprefix("response.") for event in told]
    steps = ["in_progress", "searching", "completed"]
    assert names[2:7] == [
        "output_item.added",
        *(f"file_search_call.{step}" for step in steps),
        "output_item.done",
    ]
    added = told[2]
    assert added.type == "response.output_item.added"
    assert added.item.to_dict() == {
        **{"id": searched(answer).id, "type": "file_search_call"},
        **{"status": "in_progress", "queries": [], "results": None},
    }
    assert names[-5:] == [
        *("output_text.annotation.added", "output_text.done", "content_part.done"),
        *("output_item.done", "completed"),
    ]
    noted = told[-5]
    assert noted.type == "response.output_text.annotation.added"
    assert noted.annotation is not None
    assert noted.annotation.to_dict() == annotations(answer)[0].to_dict()
    assert [one.type for one in again if "delta" not in one.type] == [
        one.type for one in told if "delta" not in one.type
    ]


def test_the_client_that_does_not_wait_is_streamed_the_same(home: Path) -> None:
    store = anyio.run(filled, home, SystemClock())
    engine = Turns([search("honey")], [Text("See bees.txt.")])
    with (
        served(house_of(engine, home, SystemClock())) as url,
        OpenAI(base_url=f"{url}/v1", api_key=make_key(home, Scope.MODELS)) as client,
    ):
        wish: Any = {"model": "m", "input": "?", "tools": [tool(store.id)]}
        *_, last = client.responses.create(**wish, stream=True)
    assert last.type == "response.completed"
    assert [one.type for one in last.response.output] == ["file_search_call", "message"]
    assert len(annotations(last.response)) == 1


async def test_several_stores_are_searched_as_one_within_what_is_said(
    home: Path, clock: FakeClock
) -> None:
    wasps = {"wasps.txt": "Wasps make no honey.", "x.txt": "Nothing."}
    one, other = await filled_each(home, clock, [TEXTS, wasps])
    bounds = {
        "max_num_results": 2,
        "filters": {"type": "lte", "key": "number", "value": 1},
        "ranking_options": {"ranker": "auto", "score_threshold": 0.1},
    }
    few = {"filters": {"type": "eq", "key": "number", "value": 7}}
    engine = Turns([search("make honey")], [Text("a")], [search("make honey")], [Text("b")])
    async with asking(home, clock, engine) as client:
        wish: Any = {"model": "m", "input": "?", "include": [RESULTS]}
        stores = (one.id, other.id, one.id)
        many = await client.responses.create(**wish, tools=[tool(*stores, **bounds)])
        none = await client.responses.create(**wish, tools=[tool(*stores, **few)])
    assert {hit.filename for hit in searched(many).results} == {"bees.txt", "wasps.txt"}
    assert searched(none).results == []


async def test_each_search_is_paid_in_an_entry_of_its_own(home: Path, clock: FakeClock) -> None:
    store = await filled(home, clock)
    engine = Turns([search("honey", "figs")], [search("bees")], [Text("a")])
    app = house_of(engine, home, clock)
    house = House(app, make_key(home, Scope.MODELS), home, clock)
    async with alive(app), house.client() as client:
        body = {"model": "m", "input": "?", "tools": [tool(store.id)], "stream": True}
        told = await client.post("/v1/responses", json=body)
    id_ = told.headers["x-request-id"]
    used = {one.request_id: one.usage.input for one in house.ledger.entries(last=9)}
    assert used.keys() == {
        *(id_, f"{id_}-2", f"{id_}-3"),
        *(f"{id_}-search-1", f"{id_}-search-2"),
    }
    assert (used[f"{id_}-search-1"], used[f"{id_}-search-2"]) == (2, 1)


async def test_another_project_s_store_is_unknown(home: Path, clock: FakeClock) -> None:
    theirs = await filled(home, clock, project="q")
    engine = Turns()
    async with asking(home, clock, engine) as client:
        for id_ in (theirs.id, "vs_0", "../../etc"):
            with pytest.raises(openai.NotFoundError) as refused:
                await client.responses.create(model="m", input="?", tools=[tool(id_)], stream=True)
            assert repr(id_) in refused.value.message
    assert engine.asked == []


async def test_a_search_that_fails_is_told_and_the_answer_goes_on(
    home: Path, clock: FakeClock
) -> None:
    store = await filled(home, clock)
    engine = Turns([search()], [Text("I do not know.")], [search("honey")], [Text("Nor now.")])
    wish: Any = {"model": "m", "input": "?", "tools": [tool(store.id)], "include": [RESULTS]}
    async with asking(home, clock, engine) as client:
        told = [one async for one in await client.responses.create(**wish, stream=True)]
    last = told[-1]
    assert last.type == "response.completed"
    call = searched(last.response)
    assert (call.status, call.queries, call.results) == ("failed", [], None)
    assert "response.file_search_call.completed" not in [one.type for one in told]
    broken = Scripted("reader", window=512, error=EngineFailed("reader", why="it broke"))
    app = build({"m": engine, "reader": broken}, home=home, clock=clock)
    house = House(app, make_key(home, Scope.MODELS, name="b"), home, clock)
    async with alive(app), house.client() as client:
        answer = (await client.post("/v1/responses", json=wish)).json()
    assert (answer["status"], answer["output"][0]["status"]) == ("completed", "failed")
    assert answer["output"][0]["queries"] == ["honey"]


async def test_no_more_searches_are_made_than_the_caller_wants(
    home: Path, clock: FakeClock
) -> None:
    store = await filled(home, clock)
    engine = Turns([search("honey")], [search("figs")], [Text("a")])
    async with asking(home, clock, engine) as client:
        answer = await client.responses.create(
            model="m", input="?", tools=[tool(store.id)], max_tool_calls=1
        )
    assert [one.status for one in answer.output if one.type == "file_search_call"] == [
        *("completed", "failed"),
    ]


async def test_a_caller_may_want_a_search(home: Path, clock: FakeClock) -> None:
    store = await filled(home, clock)
    engine = Turns([search("honey")], [Text("a")])
    async with asking(home, clock, engine) as client:
        wanted: Any = {"type": "file_search"}
        tools: Any = [tool(store.id), {"type": "function", "name": "other", "parameters": {}}]
        await client.responses.create(model="m", input="?", tools=tools, tool_choice=wanted)
    policies = [ask.tool_policy for ask in engine.asked]
    assert [(one.mode, one.only) for one in policies] == [
        *(("required", ("file_search",)), ("auto", ())),
    ]


OWN = {"type": "function", "name": "file_search", "parameters": {}}


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("background", {"tools": [tool("vs_1")], "background": True}),
        (
            "tool_choice.type",
            {"tools": [tool("vs_1"), OWN], "tool_choice": {"type": "file_search"}},
        ),
    ],
)
def test_what_changes_the_meaning_is_refused_by_name(
    field: str, fields: dict[str, object], database: Database
) -> None:
    with pytest.raises(FieldUnserved, match=field):
        read(past_of(database), {"input": "?", **fields})


@pytest.mark.parametrize(
    ("field", "tools"),
    [
        ("tools[0]", [tool()]),
        ("tools[1]", [tool("vs_1"), tool("vs_2")]),
        ("tools[0].filters", [tool("vs_1", filters={"type": "and"})]),
        ("tools[0].max_num_results", [tool("vs_1", max_num_results=51)]),
        (
            "tools[0].ranking_options.hybrid_search",
            [
                tool(
                    "vs_1",
                    ranking_options={"hybrid_search": {"embedding_weight": 0, "text_weight": 0}},
                )
            ],
        ),
    ],
)
def test_a_search_that_cannot_be_read_is_refused(
    field: str, tools: object, database: Database
) -> None:
    with pytest.raises(RequestMalformed) as refused:
        read(past_of(database), {"input": "?", "tools": tools})
    assert str(refused.value.facts["field"]).startswith(field)


def test_a_file_is_cited_where_it_is_named_and_not_within_another_name() -> None:
    found = [
        Found("file-1", "a.txt", {}, 1.0, ""),
        Found("file-1", "a.txt", {}, 0.9, ""),
        Found("file-2", "报告.pdf", {}, 0.8, ""),
    ]
    text = "a.txt, data.txt, a.txt.old, (file-1), file-12; 见报告.pdf。"
    told = [(one["file_id"], text[: one["index"]][-5:]) for one in cited(text, found)]  # type: ignore[misc]
    assert told == [("file-1", "a.txt"), ("file-1", "ile-1"), ("file-2", "告.pdf")]
