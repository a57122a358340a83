"""The house's own tools: what each takes, gives, and refuses."""

import json
import math
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import jsonschema_rs
import pytest

from seedbed.core.access import Principal, Scope
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import AccessDenied, JobUnknown, RequestMalformed
from seedbed.core.film import VideoAsk
from seedbed.core.job import Job, Progress, State
from seedbed.core.message import Media, MediaKind, Text
from seedbed.engines.scripted import DIMENSIONS
from seedbed.kit.clock import FakeClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database
from seedbed.store.jobs import Jobs
from seedbed.tools.ask_model import AskModel
from seedbed.tools.create_video import CreateVideo
from seedbed.tools.embed_texts import EmbedTexts
from seedbed.tools.find_marks import FindMarks
from seedbed.tools.generate_image import GenerateImage
from seedbed.tools.list_models import ListModels
from seedbed.tools.registry import Registry
from seedbed.tools.search_knowledge import SearchKnowledge
from seedbed.tools.submit_batch import SubmitBatch
from seedbed.tools.tool import HouseTool, Said, unheard
from seedbed.tools.watch_job import WatchJob
from tests.serving.houses import PRINCIPAL, house, scripted

pytestmark = pytest.mark.anyio

LINE = {"custom_id": "1", "body": {"model": "m", "messages": []}}


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database, currency="USD")


@pytest.fixture
def artifacts(database: Database, home: Path, clock: FakeClock) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)


@pytest.fixture
def submit(jobs: Jobs, artifacts: Artifacts, clock: FakeClock) -> SubmitBatch:
    return SubmitBatch(jobs, artifacts, clock, "USD")


async def no_changes(job: Job, *, seen: int = 0) -> AsyncGenerator[Job | None]:
    del seen
    await anyio.sleep_forever()
    yield job


async def call(tool: HouseTool, **arguments: Any) -> Any:
    said = await tool.call(arguments, PRINCIPAL, unheard)
    assert not said.is_error
    return json.loads(said.text)


def tools(submit: SubmitBatch, jobs: Jobs) -> list[HouseTool]:
    async def generate(_: object) -> AsyncGenerator[Any]:
        yield

    async def keep(*_: object) -> str:
        return ""

    unused: Any = None
    return [
        *(AskModel(generate), EmbedTexts(generate), GenerateImage(generate, keep)),
        FindMarks(unused),
        *(CreateVideo(no_film), SearchKnowledge(unused), ListModels(dict), submit),
        WatchJob(jobs, no_changes),
    ]


async def test_each_tells_a_schema_of_its_arguments_that_stands_alone(
    submit: SubmitBatch, jobs: Jobs
) -> None:
    for tool in tools(submit, jobs):
        assert tool.schema["type"] == "object"
        assert tool.schema["additionalProperties"] is False
        assert "$ref" not in json.dumps(tool.schema)
        jsonschema_rs.validator_for(dict(tool.schema))


async def test_texts_become_vectors(database: Database, clock: FakeClock) -> None:
    async with house(database, clock, [scripted()]) as made:
        told = await call(EmbedTexts(made.gateway.generate), model="m", texts=["a", "b c"])
    assert [len(vector) for vector in told] == [DIMENSIONS] * 2
    assert math.isclose(math.hypot(*told[0]), 1, rel_tol=1e-5)


async def test_models_are_listed_with_what_they_can(database: Database, clock: FakeClock) -> None:
    async with house(database, clock, [scripted()]) as made:
        (told,) = await call(ListModels(lambda: made.gateway.named))
    assert (told["model"], told["window"], told["state"]) == ("m", 64, "ready")
    assert "chat" in told["features"]


async def test_a_batch_is_submitted_on_the_callers_behalf(
    submit: SubmitBatch, jobs: Jobs, artifacts: Artifacts
) -> None:
    told = await call(submit, lines=[LINE, {**LINE, "custom_id": "2"}], cap="0.5")
    job = await jobs.find(told["job"])
    assert (job.kind, job.state, job.owner.key) == ("batch", State.QUEUED, PRINCIPAL.key)
    assert job.cap is not None
    assert job.cap.micros == 500_000
    kept = await artifacts.find(str(job.input["file"]), PRINCIPAL.project)
    pieces = [piece async for piece in artifacts.open(kept)]
    lines = [json.loads(line) for line in b"".join(pieces).splitlines()]
    assert [line["url"] for line in lines] == ["/v1/chat/completions"] * 2
    assert {hold.holder for hold in kept.holds} == {PRINCIPAL.key, job.id}


async def test_a_batch_without_a_cap_has_that_of_the_house(submit: SubmitBatch, jobs: Jobs) -> None:
    told = await call(submit, lines=[LINE])
    assert (await jobs.find(told["job"])).cap is None


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"lines": []},
        {"lines": [LINE, LINE]},
        {"lines": [{"custom_id": "1"}]},
        {"lines": [{**LINE, "url": "/v1/models"}]},
        {"lines": [LINE], "cap": "much"},
    ],
)
async def test_what_is_no_batch_is_refused(
    submit: SubmitBatch, arguments: Mapping[str, object]
) -> None:
    with pytest.raises(RequestMalformed):
        await submit.call(arguments, PRINCIPAL, unheard)


async def no_film(_: Principal, ask: VideoAsk) -> tuple[str, Job]:
    raise AssertionError(ask)


async def test_a_job_submits_no_jobs(submit: SubmitBatch) -> None:
    bound = Budget("b", Owner.JOB, "job_1", Window.ALL, Measure.MONEY, 1, "USD")
    job = replace(PRINCIPAL, budgets=(bound,))
    with pytest.raises(AccessDenied):
        await submit.call({"lines": [LINE]}, job, unheard)
    with pytest.raises(AccessDenied):
        await CreateVideo(no_film).call({"model": "m", "prompt": "a"}, job, unheard)


async def test_a_job_is_watched_to_its_end_with_its_progress(
    submit: SubmitBatch, jobs: Jobs
) -> None:
    id_ = (await call(submit, lines=[LINE]))["job"]
    heard: list[object] = []

    async def follow(job: Job, *, seen: int = 0) -> AsyncGenerator[Job | None]:
        assert (job.id, seen) == (id_, job.seq)
        yield None
        yield replace(job, state=State.RUNNING, progress=Progress(1, 2))
        await jobs.cancel(id_, now=2)

    async def hear(done: float, total: float | None, note: str) -> None:
        heard.append((done, total, note))

    watch = WatchJob(jobs, follow)
    said = await watch.call({"job": id_}, PRINCIPAL, hear)
    assert json.loads(said.text)["state"] == "cancelled"
    assert heard == [(1, 2, "running")]
    assert (await call(watch, job=id_))["state"] == "cancelled"  # and is not followed any more


async def test_who_waits_for_a_job_waits_no_longer_than_was_said(
    submit: SubmitBatch, jobs: Jobs
) -> None:
    id_ = (await call(submit, lines=[LINE]))["job"]
    watch = WatchJob(jobs, no_changes)
    assert (await call(watch, job=id_, seconds=0.001))["state"] == "queued"
    assert (await call(watch, job=id_, seconds=0))["state"] == "queued"


async def test_jobs_of_other_projects_are_not_there_but_for_administrators(
    submit: SubmitBatch, jobs: Jobs
) -> None:
    id_ = (await call(submit, lines=[LINE]))["job"]
    watch, wish = WatchJob(jobs, no_changes), {"job": id_, "seconds": 0}
    other = Principal("eve", "other", "key_2", frozenset({Scope.MODELS}))
    with pytest.raises(JobUnknown):
        await watch.call(wish, other, unheard)
    admin = replace(other, scopes=frozenset({Scope.ADMIN}))
    assert not (await watch.call(wish, admin, unheard)).is_error


async def test_the_registry_tells_what_it_lacks(jobs: Jobs) -> None:
    registry = Registry([WatchJob(jobs, no_changes)])
    said = await registry.call("paint", {}, PRINCIPAL, unheard)
    assert said == Said.wrong("There is no tool 'paint' here. Call one of watch_job.")
    picture = Media(MediaKind.IMAGE, b"")
    assert Said((Text("a"), picture, Text("b"))).text == "a\nb"
