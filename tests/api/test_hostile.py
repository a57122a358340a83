"""A hostile client at every door: each answer is a clear refusal in the door's own words, no fault
of the house, and the books stay right.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from seedbed.api.openai.responses.state import MOST_TURNS
from seedbed.core.object import Object
from seedbed.kit.clock import SystemClock
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from seedbed.store.objects import Objects
from tests.api.every_route import ANTHROPIC, MODEL, SAID, Whole, furnished, is_told, whole

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
FUNCTION = {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}
PICTURE = "data:image/png;base64,AAAA"
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CHAT: Any = {
    "model": MODEL,
    "messages": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "a"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "t"},
        {"role": "tool", "tool_call_id": "c", "content": "b"},
        {"role": "user", "content": "hi"},
    ],
    "tools": [{"type": "function", "function": FUNCTION}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
    "stream_options": {"include_usage": True},
    "thinking": {"type": "enabled", "budget_tokens": 9},
    "stop": ["x"],
    "temperature": 1.0,
    "max_tokens": 9,
    "metadata": {"a": "b"},
}
MESSAGE: Any = {
    "model": MODEL,
    "max_tokens": 9,
    "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "a"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "t", "signature": "s"},
                {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "c",
                    "content": [{"type": "text", "text": "b"}],
                    "is_error": False,
                },
                {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
            ],
        },
    ],
    "tools": [{"name": "f", "description": "d", "input_schema": SCHEMA}],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 9},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    "metadata": {"user_id": "u"},
    "stop_sequences": ["x"],
}
RESPONSE: Any = {
    "model": MODEL,
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "a"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "t"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "b"},
        {"type": "item_reference", "id": "msg_1"},
    ],
    "instructions": "s",
    "conversation": {"id": "conv_1"},
    "tools": [{"type": "function"} | FUNCTION, {"type": "custom", "name": "g"}],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function"}]},
    "text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA}},
    "reasoning": {"effort": "low", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "metadata": {"a": "b"},
    "max_output_tokens": 9,
    "caching": {"type": "enabled"},
    "thinking": {"type": "disabled"},
}
CONTEXT = {"model": MODEL, "messages": SAID, "truncation_strategy": {"type": "rolling_tokens"}}
BATCHES = {"requests": [{"custom_id": "a", "params": MESSAGE}]}
UPLOAD = {"filename": "a", "purpose": "batch", "bytes": 9, "mime_type": "text/plain"}
BATCH = {"input_file_id": "f", "endpoint": "/v1/embeddings", "completion_window": "24h"}
TALK = {"items": RESPONSE["input"], "metadata": {"a": "b"}}
CALLED = {"name": "f", "arguments": {}}
RPC = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALLED}
NEARLY: dict[str, Any] = {
    "/v1/chat/completions": CHAT,
    "/api/v3/chat/completions": CHAT,
    "/api/v3/context/create": CONTEXT,
    "/api/v3/embeddings": {"model": MODEL, "input": ["a"], "encoding_format": "float"},
    "/api/v3/tokenization": {"model": MODEL, "text": ["a"]},
    "/v1/messages": MESSAGE,
    "/v1/messages/count_tokens": {k: MESSAGE[k] for k in ("model", "messages", "tools")},
    "/v1/messages/batches": BATCHES,
    "/v1/responses": RESPONSE,
    "/v1/responses/input_tokens": RESPONSE,
    "/api/v3/responses": RESPONSE,
    "/v1/conversations": TALK,
    "/v1/batches": BATCH,
    "/v1/uploads": UPLOAD,
    "/mcp": RPC,
}
"""Doors, and a body that is right, or nearly so, in each of which everything is put in the place of
everything.
"""
_AMISS = f"The answer of '{MODEL}' is not"
"""The fake model holds to no schema, and is found out."""
HOSTILE: list[Any] = [
    None,
    True,
    -1,
    10**400,
    -(2**63),
    float("inf"),
    float("nan"),
    "",
    "\ud800",
    "\0",
    "x" * 100_000,
    [],
    [[]],
    {},
    {"type": "no such type"},
    ["a"] * 1_000,
]


def places(told: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body, by the way to it."""
    inside = told.items() if isinstance(told, dict) else enumerate(told)
    for step, value in inside:
        yield (*before, step)
        if isinstance(value, dict | list):
            yield from places(value, (*before, step))


def put(told: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A body with that value there."""
    if not place:
        return value
    step, *rest = place
    other = dict(told) if isinstance(told, dict) else list(told)
    other[step] = put(told[step], tuple(rest), value)
    return other


@pytest.fixture
async def house(home: Path, database: Database) -> AsyncGenerator[Whole]:
    async with whole(home, database) as opened:
        yield opened


def refused(answer: httpx2.Response, path: str) -> None:
    """See that it is an answer, or a refusal in the words of that door."""
    assert answer.status_code < 500 or _AMISS in answer.text, (path, answer.text[:300])
    if answer.status_code >= 400 and path != "/mcp":
        assert is_told(answer, path), (path, answer.text[:300])


@pytest.mark.slow
@pytest.mark.parametrize("path", NEARLY)
async def test_whatever_stands_wherever_is_answered_or_refused_in_words(
    path: str, house: Whole
) -> None:
    async with house.client("ours") as client:
        for place in places(NEARLY[path]):
            for value in HOSTILE:
                body = json.dumps(put(NEARLY[path], place, value)).encode()
                refused(await client.post(path, content=body), path)


BYTES = [
    b"",
    b"null",
    b"[]",
    b'"a"',
    b"{",
    b'{"model":',
    b'{"model":NaN}',
    b'{"model":1e999}',
    b'{"model":"\\ud800"}',
    b"\xff\xfe{}",
    b"\x00" * 100,
    b'{"model":"m","model":1}',
    b"-" * 1_000,
]


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{}, ANTHROPIC], ids=["openai", "anthropic"])
async def test_no_bytes_are_a_fault_of_the_house(house: Whole, headers: dict[str, str]) -> None:
    posted = {path for method, path in house.routes if method == "POST" and "{" not in path}
    async with house.client("ours", **headers) as client:
        for path in sorted(posted | {path for _, path in house.doors.calls}):
            for sent in BYTES:
                for kind in ("application/json", "multipart/form-data; boundary=b", "text/plain"):
                    answer = await client.post(path, content=sent, headers={"content-type": kind})
                    assert answer.status_code < 500 or answer.status_code == 501, path


async def test_headers_that_come_twice_or_lie_are_no_fault_of_the_house(house: Whole) -> None:
    key = f"Bearer {house.keys['ours']}"
    twice: list[list[tuple[str, str]]] = [
        [("authorization", key), ("authorization", "Bearer other")],
        [("authorization", "Bearer other"), ("authorization", key)],
        [("authorization", key), ("x-api-key", "other")],
        [("authorization", key), ("anthropic-version", "x"), ("anthropic-version", "y")],
        [("authorization", key), ("content-type", "text/plain"), ("content-type", "a/b")],
        [("authorization", key), ("idempotency-key", "a"), ("idempotency-key", "b")],
        [("authorization", key), ("x-client-request-id", "\xff" * 5_000)],
        [("authorization", key), ("x-seedbed-priority", "\xff")],
        [("authorization", key), ("accept", "image/png"), ("range", "bytes=9-1")],
    ]
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(house.app), base_url="http://house"
    ) as client:
        for headers in twice:
            sent = [(name.encode(), told.encode("latin-1")) for name, told in headers]
            for path, body in NEARLY.items():
                answer = await client.post(path, json=body, headers=sent)
                assert answer.status_code < 500 or _AMISS in answer.text, (path, headers)


FORMS = [
    (b"", "multipart/form-data"),
    (b"--b", "multipart/form-data; boundary=b"),
    (b"--b\r\n" * 1_000, "multipart/form-data; boundary=b"),
    (b"--b\r\n" + b"x: y\r\n" * 10_000, "multipart/form-data; boundary=b"),
    (
        b"--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (b"--b\r\n\r\n\r\n--b--\r\n", "multipart/form-data; boundary=" + "b" * 5_000),
    (b"a=b", "multipart/form-data; boundary=\xff"),
    (b"a=b&c=d", "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize("path", ["/v1/files", "/api/v3/files", "/v1/images/edits"])
@pytest.mark.parametrize("headers", [{}, ANTHROPIC], ids=["openai", "anthropic"])
async def test_forms_that_are_none_are_refused(
    house: Whole, path: str, headers: dict[str, str]
) -> None:
    async with house.client("ours", **headers) as client:
        for body, kind in FORMS:
            sent = [(b"content-type", kind.encode("latin-1"))]
            answer = await client.post(path, content=body, headers=sent)
            assert 400 <= answer.status_code < 500, (body[:40], answer.text)


NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "a\r\nx: y",
    "\0",
    "..",
    "C:\\x",
    "\u202ea",
    "a" * 9_999,
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_files_name_leads_nowhere_and_says_nothing_to_a_header(
    house: Whole, name: str
) -> None:
    async with house.client("ours") as client:
        files = {"file": (name, b"bytes")}
        made = await client.post("/v1/files", files=files, data={"purpose": "user_data"})
        if len(name) > 4_096:
            refused(made, "/v1/files")
            return
        told = made.json()["filename"]
        assert not {"/", "\\", "\r", "\n", "\0", "\u202e"} & set(told)
        assert told not in {"", ".", ".."}
        assert len(told) <= 200
        answer = await client.get(f"/v1/files/{made.json()['id']}/content")
        assert (answer.status_code, answer.content) == (200, b"bytes")
        assert "x" not in answer.headers


RANGES = ["bytes=9-1", "bytes=-0", "bytes=1-2,3-4", "bytes=99999999999999999999-", "x", "bytes="]


@pytest.mark.parametrize("part", RANGES)
async def test_ranges_of_nothing_are_answered_or_refused(house: Whole, part: str) -> None:
    async with house.client("ours") as client:
        ids = await furnished(client)
        for path in (f"/v1/files/{ids['file']}/content", f"/seedbed/artifacts/{ids['artifact']}"):
            answer = await client.get(path, headers={"range": part})
            assert answer.status_code in {200, 206, 400, 416}, answer.text


_NOTHING = {400, 404, 405, 501}
"""What is told of what is not there."""
IDS = ["%2e%2e", "a" * 9_999, "%00", "%ff", "'; DROP TABLE objects; --", "msg_", "file-"]


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{}, ANTHROPIC], ids=["openai", "anthropic"])
async def test_ids_that_are_none_find_nothing(house: Whole, headers: dict[str, str]) -> None:
    async with house.client("ours", **headers) as client:
        for method, path in house.named:
            for id_ in IDS:
                asked = re.sub(r"\{\w+\}", id_, path)
                answer = await client.request(method, asked, json={})
                assert answer.status_code in _NOTHING, (method, asked, answer.text)
        for path in sorted(path for method, path in house.routes if method == "GET"):
            for query in ("limit=-1", "limit=9e9", "after=..", "before=%00", "order=x", "cursor=x"):
                if "{" not in path:
                    answer = await client.get(f"{path}?{query}")
                    assert answer.status_code < 500 or answer.status_code in {501, 503}, path


@pytest.mark.slow
async def test_ten_thousand_tools_are_answered_or_refused(house: Whole) -> None:
    async with house.client("ours") as client:
        for path, field, one in (
            ("/v1/chat/completions", "parameters", {"type": "function"}),
            ("/v1/messages", "input_schema", {}),
            ("/v1/responses", "parameters", {"type": "function"}),
        ):
            made = [{"name": f"f{at}", field: {"type": "object"}} for at in range(10_000)]
            tools = [one | ({"function": f} if "chat" in path else f) for f in made]
            said = {"input": "hi"} if "responses" in path else {"messages": SAID}
            body = {"model": MODEL, "max_tokens": 9, "tools": tools} | said
            if "responses" in path:
                del body["max_tokens"]
            refused(await client.post(path, json=body), path)


def turn(at: int, previous: int | None) -> Object:
    """A response as it is kept."""
    said: Any = {"id": f"resp_{at}", "status": "completed", "output": []}
    said["previous_response_id"] = None if previous is None else f"resp_{previous}"
    item = {"id": f"msg_{at}", "type": "message", "role": "user", "content": "a"}
    return Object(f"resp_{at}", "response", "ours", 1, {"response": said, "input": [item]})


@pytest.mark.slow
async def test_a_chain_of_a_thousand_responses_is_gone_on_from_and_no_longer_one(
    house: Whole, database: Database
) -> None:
    objects = Objects(database, clock=SystemClock())
    await objects.put(turn(0, None), *(turn(at, at - 1) for at in range(1, MOST_TURNS + 1)))
    async with house.client("ours") as client:
        for last, status in ((MOST_TURNS - 1, 200), (MOST_TURNS, 400)):
            body = {"model": MODEL, "input": "a", "previous_response_id": f"resp_{last}"}
            answer = await client.post("/v1/responses", json=body)
            assert answer.status_code == status, answer.text


@pytest.mark.slow
async def test_a_chain_that_bites_its_tail_is_refused(house: Whole, database: Database) -> None:
    await Objects(database, clock=SystemClock()).put(turn(1, 2), turn(2, 1))
    async with house.client("ours") as client:
        for path in ("/v1/responses", "/api/v3/responses", "/v1/responses/input_tokens"):
            body = {"model": MODEL, "input": "a", "previous_response_id": "resp_1"}
            answer = await client.post(path, json=body)
            assert answer.status_code == 400
            refused(answer, path)


async def test_a_conversation_keeps_nothing_under_an_id_that_its_caller_chose(
    house: Whole,
) -> None:
    asked = {"type": "mcp_approval_request", "server_label": "s", "name": "f", "arguments": ""}
    async with house.client("ours") as client:
        id_ = (await client.post("/v1/conversations", json={})).json()["id"]
        for named in (id_, "msg_", "mcpr_1", "x" * 9_999):
            for item in ({"type": "item_reference", "id": named}, asked | {"id": named}):
                answer = await client.post(f"/v1/conversations/{id_}/items", json={"items": [item]})
                assert (answer.status_code, answer.json()["error"]["param"]) == (400, "items[0]")
                body = {"model": MODEL, "conversation": id_, "input": [item]}
                refused(await client.post("/v1/responses", json=body), "")


@pytest.mark.parametrize("kind", [[], {}, 1, True])
async def test_the_type_of_an_item_may_be_anything_and_is_refused(
    house: Whole, kind: object
) -> None:
    async with house.client("ours") as client:
        for path, field in (("/v1/responses", "input"), ("/v1/conversations", "items")):
            body = {"model": MODEL, field: [{"type": kind or [kind], "text": "a"}]}
            answer = await client.post(path, json=body)
            assert (answer.status_code, answer.json()["error"]["param"]) == (
                400,
                f"{field}[0].type",
            )


async def test_the_books_are_right_after_all_of_it(home: Path, database: Database) -> None:
    """Each answer has its one entry, none took more than was set aside, and no lease is left."""
    answered: list[str] = []
    async with whole(home, database) as house, house.client("ours") as client:
        for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses"):
            for place in places(NEARLY[path]):
                answer = await client.post(path, json=put(NEARLY[path], place, None))
                if answer.status_code == 200:
                    answered.append(answer.headers["x-request-id"])
    ledger = Ledger(database)
    entries = ledger.entries(last=10_000)
    assert answered
    found = [entry.request_id for entry in entries]
    assert len(set(found)) == len(found)
    assert set(answered) <= set(found)
    assert all(entry.spent.micros <= entry.reserved.micros for entry in entries)
    assert await ledger.open_leases() == {}
