"""What is said is judged by a model of the house, and told in the vendor's words."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import ModerationCreateResponse

from seedbed.api.openai.moderations import CATEGORIES, MOST, Moderations
from seedbed.core.access import Scope
from seedbed.core.ask import Ask, Feature
from seedbed.core.errors import AnswerMalformed, PathUnserved, RequestMalformed
from seedbed.core.event import Reply, Stop
from seedbed.core.message import Media, MediaKind, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.running import House, alive, build, make_key, served

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

NAMES = tuple(CATEGORIES)
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
PATH = "/v1/moderations"


def scores(**found: int) -> Mapping[str, int]:
    return dict.fromkeys(NAMES, 0) | {name.replace("_", "/"): n for name, n in found.items()}


def judge(*each: Mapping[str, int], window: int = 4096) -> Scripted:
    script = [Text(json.dumps({"results": each}, separators=(",", ":")))]
    return Scripted("judge", window=window, script=script)


def read(said: object, **fields: object) -> Ask:
    body = json.dumps({"input": said, **fields}).encode()
    return cast(Ask, Moderations("judge").read(body, request_id="req_01", now=1).ask)


@asynccontextmanager
async def asking(
    home: Path, clock: FakeClock, engine: Scripted, judge: str = "judge"
) -> AsyncGenerator[tuple[House, AsyncOpenAI]]:
    app = build({"judge": engine}, home=home, clock=clock, judge=judge)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with AsyncOpenAI(
            base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
        ) as client:
            yield house, client


async def test_each_text_is_judged_by_every_category(home: Path, clock: FakeClock) -> None:
    engine = judge(scores(violence=91, violence_graphic=50), scores(hate=49))
    async with asking(home, clock, engine) as (_, client):
        told = await client.moderations.create(input=["a", "b"], model="omni-moderation-latest")
    ModerationCreateResponse.model_validate(told.model_dump(by_alias=True), strict=True)
    assert told.model == "judge"
    first, second = told.results
    assert (first.flagged, second.flagged) == (True, False)
    assert (first.categories.violence, first.categories.violence_graphic) == (True, True)
    assert (first.category_scores.violence, second.category_scores.hate) == (0.91, 0.49)
    assert first.category_applied_input_types.violence == ["text"]
    (asked,) = engine.asked
    assert json.loads(asked.messages[1].text) == ["a", "b"]


async def test_it_is_paid_as_every_call_is(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, judge(scores())) as (house, client):
        raw = await client.moderations.with_raw_response.create(input="a")
        told = raw.parse()
        assert told.id == f"modr-{(raw.request_id or '').removeprefix('req_')}"
        assert (told.model_extra or {})["seedbed"]["request_id"] == raw.request_id
    assert [one.model for one in house.ledger.entries(last=9)] == ["judge"]


async def test_a_house_without_a_judge_says_what_its_operator_can_do(
    home: Path, clock: FakeClock
) -> None:
    async with asking(home, clock, judge(), judge="") as (_, client):
        with pytest.raises(openai.InternalServerError, match="`moderation_model`") as refused:
            await client.moderations.create(input="a")
    assert refused.value.status_code == 501


async def test_a_judge_who_answers_something_else_is_at_fault(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, judge({"violence": 1})) as (_, client):
        with pytest.raises(openai.InternalServerError) as failed:
            await client.moderations.create(input="a")
    assert failed.value.status_code == 502


async def test_a_judge_who_is_cut_off_is_at_fault(home: Path, clock: FakeClock) -> None:
    engine = Scripted("judge", window=4096, script=[Text('{"results": ' + "[ " * 400)])
    async with asking(home, clock, engine) as (_, client):
        with pytest.raises(openai.InternalServerError, match="cut off") as failed:
            await client.moderations.create(input="a")
    assert failed.value.status_code == 502


async def test_what_cannot_be_read_names_the_vendors_field(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, judge(window=2)) as (_, client):
        with pytest.raises(openai.BadRequestError) as refused:
            await client.moderations.create(input="a b c")
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "input")


class Blind(Scripted):
    """Sees no pictures."""

    features = Scripted.features - {Feature.MEDIA}


async def test_a_picture_is_not_shown_to_a_judge_who_is_blind(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, Blind("judge", window=4096)) as (_, client):
        with pytest.raises(openai.BadRequestError, match="does not serve media"):
            await client.moderations.create(
                input=[{"type": "image_url", "image_url": {"url": GIF}}]
            )


def test_the_other_client_has_a_text_judged(home: Path) -> None:
    app = build({"judge": judge(scores())}, home=home, clock=SystemClock(), judge="judge")
    with (
        served(app) as url,
        OpenAI(base_url=f"{url}/v1", api_key=make_key(home, Scope.MODELS)) as client,
    ):
        (result,) = client.moderations.create(input="a").results
    assert not result.flagged


@pytest.mark.parametrize(
    ("said", "texts", "pictures"),
    [
        ("a", ["a"], []),
        (["a"], ["a"], []),
        (["a", 'b"]'], ["a", 'b"]'], []),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], ["a\nb"], []),
        ([{"type": "image_url", "image_url": {"url": GIF}}], [""], [GIF]),
    ],
)
def test_texts_are_told_as_json_and_pictures_behind_them(
    said: object, texts: list[str], pictures: list[str]
) -> None:
    ask = read(said)
    order, user = ask.messages
    assert (order.role, user.role) == (Role.SYSTEM, Role.USER)
    assert json.loads(user.text) == texts
    assert user.parts[1:] == tuple(Media(MediaKind.IMAGE, url) for url in pictures)
    assert ask.limits.output == 300 * len(texts)
    schema = cast("dict[str, dict[str, dict[str, int]]]", ask.format.schema)
    assert schema["properties"]["results"]["minItems"] == len(texts)


@pytest.mark.parametrize(
    ("named", "asked"),
    [(None, "judge"), ("text-moderation-stable", "judge"), ("other", "other")],
)
def test_the_vendors_models_are_the_operators(named: str | None, asked: str) -> None:
    assert read("a", model=named).model == asked


def test_what_is_not_known_is_kept() -> None:
    assert read("a", more=1).extra == {"openai": {"more": 1}}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([], "nothing to judge"),
        (["a"] * (MOST + 1), "33 entries"),
        (["a", {"type": "text", "text": "b"}], "texts and parts"),
        ([1], "Expected"),
    ],
)
def test_what_cannot_be_judged_is_refused(said: object, why: str) -> None:
    with pytest.raises(RequestMalformed, match=why):
        read(said)


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        ([{"type": "text", "text": "a"}], (["text"], ["text"])),
        ([{"type": "image_url", "image_url": {"url": GIF}}], (["image"], [])),
        (
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": GIF}}],
            (["text", "image"], ["text"]),
        ),
    ],
)
def test_a_category_tells_what_it_was_judged_by(
    parts: object, kinds: tuple[list[str], list[str]]
) -> None:
    body = json.dumps({"input": parts}).encode()
    writer = Moderations("judge").read(body, request_id="req_01", now=1).writer
    text = json.dumps({"results": [scores()]})
    told = json.loads(writer.whole(Reply("judge", (Text(text),), Stop.END, Usage())))
    (result,) = told["results"]
    types = result["category_applied_input_types"]
    assert (types["violence"], types["hate"]) == kinds
    assert set(types) == set(NAMES)
    with pytest.raises(AnswerMalformed, match="cut off"):
        writer.whole(Reply("judge", (Text(text[:9]),), Stop.LENGTH, Usage()))


def test_nobody_judges_without_a_model() -> None:
    with pytest.raises(PathUnserved):
        Moderations("").read(b"", request_id="req_01", now=1)
