"""The description of the doors says what is there, and all of it."""

from typing import Any, cast

import httpx2
import jsonschema_rs
import pytest
from starlette.applications import Starlette

from seedbed.api import schema
from seedbed.core import errors
from tests.api.calls import CALLS

DOORS = cast(dict[str, Any], schema.describe())


def test_every_call_is_described_with_the_body_that_it_reads() -> None:
    for method, path in CALLS:
        door = DOORS["paths"][path][method.lower()]
        body = door["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        assert body.rpartition("/")[2] in DOORS["components"]["schemas"]
        assert "200" in door["responses"]


def test_every_schema_that_is_named_is_there_and_is_one() -> None:
    schemas = DOORS["components"]["schemas"]
    named: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            inner = cast(dict[str, object], value)
            if isinstance(ref := inner.get("$ref"), str):
                named.add(ref.removeprefix("#/components/schemas/"))
            for one in inner.values():
                walk(one)
        elif isinstance(value, list):
            for one in cast(list[object], value):
                walk(one)

    walk(DOORS)
    assert named <= schemas.keys()
    for one in schemas.values():
        jsonschema_rs.meta.validate(one)


def test_how_many_messages_a_conversation_may_have_is_told() -> None:
    told = DOORS["components"]["schemas"]["ChatBody"]["properties"]["messages"]
    assert (told["minItems"], told["maxItems"]) == (1, 10_000)


def test_every_error_that_a_caller_can_meet_in_a_call_is_told_with_its_code() -> None:
    told = " ".join(
        answer["description"]
        for answer in DOORS["paths"]["/v1/rerank"]["post"]["responses"].values()
    )
    outside = {errors.HeadTooLarge.code, errors.UrlTooLong.code}
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.SeedbedError)
        and not issubclass(kind, errors.SetupIncomplete)
    }
    assert {code for code in codes - outside if code not in told} == set()


@pytest.mark.anyio
async def test_the_description_is_had_without_a_key() -> None:
    site = Starlette(routes=[schema.route()])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(site), base_url="http://house"
    ) as client:
        answer = await client.get("/openapi.json")
    assert answer.json() == DOORS
