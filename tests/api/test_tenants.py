"""What one project has, another never sees, nor a private one within it: tried at every route that
names something, as the house has them, so that none can be forgotten.
"""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from seedbed.api.regions import PATH as REGIONS
from seedbed.store.database import Database
from tests.api.every_route import ANTHROPIC, MODEL, SAID, Whole, filled, furnished, is_told, whole

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

LATER = {"/v1/messages/batches/{id}/results", "/seedbed/jobs/{id}/events"}
"""What is there when somebody has worked on it: nobody does here."""
_REQUEST = re.compile(r"req_\w+")
TOLD = {"type": "message", "role": "user"}
APART = [
    ("ours", "theirs"),
    ("ours", "private"),
    ("private", "ours"),
    ("private", "another private"),
]
"""Who has something, and who does not see it."""
_apart = pytest.mark.parametrize(("owner", "stranger"), APART)


@pytest.fixture
async def house(home: Path, database: Database) -> AsyncGenerator[Whole]:
    async with whole(home, database) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("headers", [{}, ANTHROPIC], ids=["openai", "anthropic"])
@_apart
async def test_no_route_finds_what_another_project_has(
    house: Whole, owner: str, stranger: str, headers: dict[str, str]
) -> None:
    found: list[tuple[str, str, int]] = []
    async with house.client(owner) as ours, house.client(stranger, **headers) as theirs:
        ids = await furnished(ours)
        for method, path in house.named:
            for asked in filled(path, ids):
                answer = await theirs.request(method, asked, json={})
                if answer.status_code not in {404, 501}:
                    found.append((method, asked, answer.status_code))
                else:
                    assert is_told(answer, asked) or headers
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("owner", ["ours", "private"])
async def test_every_route_finds_what_its_own_project_has(house: Whole, owner: str) -> None:
    """Else the test above would pass for nothing. Whoever adds a route adds what it names."""
    lost: list[tuple[str, str]] = []
    async with house.client(owner) as ours:
        shared = await furnished(ours)
        for method, path in house.named:
            if path in LATER:
                continue
            is_end = method == "DELETE" or path.endswith("/cancel")
            ids = await furnished(ours) if is_end else shared
            asked = [await ours.request(method, one, json={}) for one in filled(path, ids)]
            if all(answer.status_code == 404 for answer in asked):
                lost.append((method, path))
    assert lost == []


@_apart
async def test_no_list_tells_what_another_project_has(
    house: Whole, owner: str, stranger: str
) -> None:
    async with house.client(owner) as ours, house.client(stranger) as theirs:
        ids = await furnished(ours)
        for method, path in house.routes:
            if method == "GET" and "{" not in path:
                for headers in ({}, ANTHROPIC):
                    answer = await theirs.get(path, headers=headers)
                    assert not [id_ for id_ in ids.values() if id_ in answer.text], path


def _unknown(id_: str) -> str:
    """An id of the same form that nobody has."""
    return id_[:-4] + ("0000" if id_[-4:] != "0000" else "1111")


def _plain(told: str, ids: dict[str, str]) -> str:
    """What is told, without the names of requests and things."""
    for kind, id_ in ids.items():
        told = told.replace(id_, kind)
    return _REQUEST.sub("", told)


def _asks(ids: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Calls that name things in their bodies."""
    picture = {"type": "input_image", "file_id": ids["picture"]}
    block = {"type": "image", "source": {"type": "file", "file_id": ids["picture"]}}
    part = {"type": "file", "file": {"file_id": ids["file"]}}
    batch = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
    chat = {"model": MODEL, "messages": SAID}
    reference = {"type": "item_reference", "id": ids["item"]}
    both = ("/v1/responses", "/api/v3/responses")
    return [
        *((path, {"input": "a", "previous_response_id": ids["response"]}) for path in both),
        *((path, {"input": "a", "conversation": ids["conversation"]}) for path in both),
        *((path, {"input": [reference]}) for path in both),
        *((path, {"input": [TOLD | {"content": [picture]}]}) for path in both),
        ("/v1/messages", {"max_tokens": 9, "messages": [SAID[0] | {"content": [block]}]}),
        ("/v1/chat/completions", {"messages": [SAID[0] | {"content": [part]}]}),
        ("/api/v3/context/chat/completions", chat | {"context_id": ids["context"]}),
        ("/v1/batches", batch | {"input_file_id": ids["file"]}),
        *((REGIONS, {"image": ids[kind]}) for kind in ("picture", "artifact")),
    ]


@pytest.mark.slow
@_apart
async def test_no_body_finds_what_another_project_has(
    house: Whole, owner: str, stranger: str
) -> None:
    async with house.client(owner) as ours, house.client(stranger) as theirs:
        ids = await furnished(ours)
        nobodys = {kind: _unknown(id_) for kind, id_ in ids.items()}
        for real, unreal in zip(_asks(ids), _asks(nobodys), strict=True):
            told = [
                await theirs.post(path, json=body if path == REGIONS else {"model": MODEL} | body)
                for path, body in (real, unreal)
            ]
            answer, other = told
            assert answer.status_code == other.status_code in {400, 404}, (real, answer.text)
            assert is_told(answer, real[0])
            assert _plain(answer.text, ids) == _plain(other.text, nobodys)
