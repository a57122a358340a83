"""Jobs over HTTP: submitted, found, followed, cancelled, taken up again."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from starlette.requests import Request
from starlette.types import Message

from seedbed.api.following import LOOK_SECONDS
from seedbed.api.guard import Guard
from seedbed.api.jobs import Desk
from seedbed.api.stopping import Stopping
from seedbed.core.access import Scope
from seedbed.core.errors import AccessDenied
from seedbed.core.job import Progress, State
from seedbed.kit import ids
from seedbed.kit.clock import FakeClock
from seedbed.store.claims import Claims
from seedbed.store.database import open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.taking import Claim, Limits
from seedbed.store.tokens import Tokens
from seedbed.store.workers import Worker, Workers
from tests.api.running import Caller, House, alive, build, make_key

pytestmark = pytest.mark.anyio

JOBS = "/seedbed/jobs"


@asynccontextmanager
async def books(house: House) -> AsyncGenerator[tuple[str, Claims]]:
    """What a worker of the house has: its id, and the claims."""
    with closing(open_database(house.home / "seedbed.db")) as database:
        worker = Worker(ids.fresh("worker"), "here", "1:1", ("work",), 1, 1)
        await Workers(database).join(worker)
        yield worker.id, Claims(database)


def now(house: House) -> int:
    return round(house.clock.wall() * 1e6)


async def take(house: House, worker: str, claims: Claims) -> Claim:
    """Take the one job that waits."""
    (claim,) = await claims.take(worker, {"work": Limits()}, room=1, now=now(house))
    return claim


async def end(house: House, state: State = State.SUCCEEDED, result: object = None) -> None:
    """Take the one job that waits, and end it."""
    async with books(house) as (worker, claims):
        claim = await take(house, worker, claims)
        await claims.end(claim, state, now=now(house), result=result)


async def submitted(client: httpx2.AsyncClient, **body: object) -> dict[str, Any]:
    answer = await client.post(JOBS, json={"kind": "work"} | body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def error(answer: httpx2.Response) -> tuple[int, str, str]:
    told = answer.json()["error"]
    return answer.status_code, told["code"], told["message"]


async def test_a_job_is_submitted_and_found_as_it_stands(house: House) -> None:
    async with house.client() as client:
        job = await submitted(
            client,
            input={"n": [1]},
            priority=9,
            begins=60,
            expires="2030-01-01T00:00:00+01:00",
            seconds=1.5,
            cap="0.25",
        )
        found = (await client.get(f"{JOBS}/{job['id']}")).json()
    assert found == job
    assert job == {
        "id": job["id"],
        "kind": "work",
        "state": "queued",
        "seq": 1,
        "user": "u",
        "project": "p",
        "priority": 9,
        "progress": {"done": 0, "total": None, "note": ""},
        "run": 0,
        "is_cancelling": False,
        "created": "2027-01-15T08:00:00.000Z",
        "begins": "2027-01-15T08:01:00.000Z",
        "began": None,
        "ended": None,
        "expires": "2029-12-31T23:00:00.000Z",
        "seconds": 1.5,
        "spent": "0.000000",
        "cap": "0.250000",
        "currency": "USD",
        "result": None,
        "fault": None,
        "after": [],
        "input": {"n": [1]},
    }


async def test_a_job_may_follow_others(house: House) -> None:
    async with house.client() as client:
        first = await submitted(client)
        second = await submitted(client, after=[first["id"]])
    assert second["after"] == [first["id"]]


NO_JOB = "job_" + "0" * 24


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "mine"}, "Those that can are batch, work."),
        ({"kind": "work", "priority": 10}, "Take one from 0 to 9"),
        ({"kind": "work", "priority": -1}, "Field 'priority'"),
        ({"kind": "work", "begins": "tomorrow"}, "Field 'begins'"),
        ({"kind": "work", "begins": "2030-01-01T00:00:00"}, "Field 'begins'"),
        ({"kind": "work", "begins": "0001-01-01T00:00:00+14:00"}, "is too far away"),
        ({"kind": "work", "expires": "9999-12-31T23:59:59-14:00"}, "is too far away"),
        ({"kind": "work", "expires": -1}, "Field 'expires'"),
        ({"kind": "work", "seconds": 0}, "Field 'seconds'"),
        ({"kind": "work", "cap": "much"}, "Field 'cap'"),
        ({"kind": "work", "cap": "0"}, "a job spends more than nothing"),
        ({"kind": "work", "after": ["x"]}, "Field 'after[0]'"),
        ({"kind": "work", "after": [NO_JOB]}, f"There is no job '{NO_JOB}'."),
        ({"kind": "work", "prioritie": 1}, "There is no field 'prioritie'."),
        ({"kind": "work", "input": {"long": "x" * (1 << 20)}}, "at most 1,048,576 characters"),
        ({}, "The body: Object missing required field `kind`"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_could(
    house: House, body: dict[str, object], said: str
) -> None:
    async with house.client() as client:
        status, code, message = error(await client.post(JOBS, json=body))
        assert (status, code) == (400, "request_malformed")
        assert said in message
        assert (await client.get(JOBS)).json() == {"data": []}


async def test_an_administrator_may_give_a_job_a_higher_priority(house: House) -> None:
    key = make_key(house.home, Scope.ADMIN, name="boss")
    async with house.client(authorization=f"Bearer {key}") as client:
        assert (await submitted(client, priority=10))["priority"] == 10


async def test_one_key_submits_a_job_once_under_the_same_idempotency_key(house: House) -> None:
    async with house.client(**{"idempotency-key": "a-b"}) as client:
        first, second = [await submitted(client, input={"n": 1}) for _ in range(2)]
        other = await client.post(JOBS, json={"kind": "work", "input": {"n": 2}})
    assert first == second
    assert error(other)[:2] == (422, "once_differs")
    async with house.client(**{"idempotency-key": "a b"}) as client:
        refused = await client.post(JOBS, json={"kind": "work"})
    assert error(refused)[0] == 400
    assert "1 to 200 plain letters" in error(refused)[2]


async def test_jobs_are_listed_newest_first_by_state_and_kind(house: House) -> None:
    clock = house.clock
    assert isinstance(clock, FakeClock)
    async with house.client() as client:
        first = await submitted(client)
        await end(house, result={"n": 1})
        await clock.advance(1)
        second = await submitted(client)
        third = await submitted(client, kind="batch")

        async def listed(**query: str) -> set[str]:
            return {job["id"] for job in (await client.get(JOBS, params=query)).json()["data"]}

        assert await listed() == {job["id"] for job in (first, second, third)}
        assert await listed(state="succeeded") == {first["id"]}
        assert await listed(kind="batch") == {third["id"]}
        assert first["id"] not in await listed(limit="2")
        for query in ({"limit": "0"}, {"limit": "many"}, {"limit": "1001"}, {"state": "done"}):
            assert error(await client.get(JOBS, params=query))[0] == 400


async def test_a_project_sees_its_own_jobs_and_an_administrator_all(house: House) -> None:
    with closing(open_database(house.home / "seedbed.db")) as database:
        _, secret = Keys(database).create(
            "other", user="o", project="q", scopes=frozenset({Scope.MODELS}), now=1
        )
    boss = make_key(house.home, Scope.ADMIN, name="boss")
    async with house.client() as client:
        job = await submitted(client)
    paths = [("GET", ""), ("GET", "/events"), *[("POST", f"/{v}") for v in VERBS]]
    async with house.client(authorization=f"Bearer {secret}") as client:
        assert (await client.get(JOBS)).json() == {"data": []}
        for method, path in paths:
            answer = await client.request(method, f"{JOBS}/{job['id']}{path}")
            assert error(answer)[:2] == (404, "job_unknown")
    async with house.client(authorization=f"Bearer {boss}") as client:
        assert [one["id"] for one in (await client.get(JOBS)).json()["data"]] == [job["id"]]
        assert (await client.post(f"{JOBS}/{job['id']}/cancel")).status_code == 202


VERBS = ("cancel", "resume", "retry")


@pytest.mark.parametrize("id_", ["x", "job_", "job_%00", NO_JOB])
async def test_an_id_of_no_job_is_told(house: House, id_: str) -> None:
    async with house.client() as client:
        for answer in [
            await client.get(f"{JOBS}/{id_}"),
            await client.get(f"{JOBS}/{id_}/events"),
            *[await client.post(f"{JOBS}/{id_}/{verb}") for verb in VERBS],
        ]:
            assert error(answer)[:2] == (404, "job_unknown")


async def test_nobody_comes_in_without_a_key_that_may_ask_models(house: House) -> None:
    key = make_key(house.home, Scope.METRICS, name="looks")
    for authorization, wanted in (("", 401), (f"Bearer {key}", 403)):
        async with house.client(authorization=authorization) as client:
            for method, path in [("GET", ""), ("POST", ""), ("GET", f"/{NO_JOB}/events")]:
                assert (await client.request(method, JOBS + path)).status_code == wanted


async def test_a_job_is_cancelled_resumed_with_another_cap_and_run_again(house: House) -> None:
    async with house.client() as client:
        id_ = (await submitted(client, cap="1"))["id"]

        async def ask(verb: str, **sent: Any) -> httpx2.Response:
            return await client.post(f"{JOBS}/{id_}/{verb}", **sent)

        assert error(await ask("resume"))[:2] == (409, "job_refused")
        assert error(await ask("retry"))[:2] == (409, "job_refused")
        assert (await ask("cancel")).json()["state"] == "cancelled"
        assert error(await ask("cancel"))[:2] == (409, "job_refused")
        assert error(await ask("resume", json={"cap": 1}))[0] == 400
        resumed = (await ask("resume", json={"cap": "2.5"})).json()
        assert (resumed["state"], resumed["cap"]) == ("queued", "2.500000")
        await ask("cancel")
        assert (await ask("resume")).json()["cap"] == "2.500000"
        await ask("cancel")
        again = (await ask("retry")).json()
        assert (again["state"], again["id"] != id_) == ("queued", True)


async def test_whoever_leaves_while_it_submits_submits_nothing(house: House) -> None:
    class Leaver(Caller):
        async def receive(self) -> Message:
            return {"type": "http.disconnect"}

    caller = Leaver(b"", key=house.key, path=JOBS)
    caller.scope["query_string"] = b""
    await caller.ask(house.app)
    assert caller.sent[0]["status"] == 400
    async with house.client() as client:
        assert (await client.get(JOBS)).json() == {"data": []}


def events(text: str) -> list[dict[str, Any]]:
    """The events of a stream, each of which has the id that it should."""
    told: list[dict[str, Any]] = []
    for block in text.split("\n\n"):
        if block.startswith("id: "):
            id_, data = block.split("\n")
            told.append(json.loads(data.removeprefix("data: ")))
            assert id_ == f"id: {told[-1]['seq']}"
    return told


class Watcher:
    """A client that follows a job to its end, and keeps what it was told."""

    def __init__(self, house: House, job: str, seen: str | None = None, **how: Any) -> None:
        self.caller = Caller(b"", key=house.key, path=f"{JOBS}/{job}/events", **how)
        self.caller.scope.update(method="GET", query_string=b"")
        if seen is not None:
            self.caller.scope["headers"].append((b"last-event-id", seen.encode()))
        self.house = house
        self.is_over = anyio.Event()

    async def run(self) -> None:
        await self.caller.ask(self.house.app)
        self.is_over.set()

    @property
    def status(self) -> int:
        return self.caller.sent[0]["status"]

    @property
    def told(self) -> list[dict[str, Any]]:
        return events(self.caller.text)


async def turned(house: House, done: Callable[[], bool]) -> None:
    """Let time pass until something is done."""
    assert isinstance(house.clock, FakeClock)
    with anyio.fail_after(60):
        while not done():
            await house.clock.advance(LOOK_SECONDS)
            await anyio.sleep(0.001)


async def test_each_change_of_a_job_is_told_until_its_end_to_all_who_watch(house: House) -> None:
    async with house.client() as client:
        job = await submitted(client)
    watchers = [Watcher(house, job["id"]) for _ in range(2)]
    async with books(house) as (worker, claims), anyio.create_task_group() as tasks:
        for watcher in watchers:
            tasks.start_soon(watcher.run)
        await turned(house, lambda: all(watcher.told for watcher in watchers))
        claim = await take(house, worker, claims)
        await turned(house, lambda: watchers[0].told[-1]["state"] == "running")
        await claims.tell(claim, Progress(1, 2, "half"))
        await turned(house, lambda: watchers[0].told[-1]["progress"]["done"] == 1)
        await claims.end(claim, State.SUCCEEDED, now=now(house), result={"n": 3})
        await turned(house, lambda: all(watcher.is_over.is_set() for watcher in watchers))
    for watcher in watchers:
        told = watcher.told
        assert [one["seq"] for one in told] == [1, 2, 3, 4]
        assert (told[-1]["state"], told[-1]["result"]) == ("succeeded", {"n": 3})
        assert "input" not in told[0]


async def test_a_watcher_that_comes_back_is_told_what_it_has_not_seen(house: House) -> None:
    async with house.client() as client:
        id_ = (await submitted(client))["id"]
        await end(house)
        late = await client.get(f"{JOBS}/{id_}/events", headers={"last-event-id": "2"})
        over = await client.get(f"{JOBS}/{id_}/events", headers={"last-event-id": "3"})
        bad = await client.get(f"{JOBS}/{id_}/events", headers={"last-event-id": "x"})
        head = await client.head(f"{JOBS}/{id_}/events")
    assert [one["seq"] for one in events(late.text)] == [3]
    assert late.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (over.status_code, over.text) == (204, "")
    assert error(bad)[0] == 400
    assert (head.status_code, head.text) == (200, "")


async def test_whoever_waits_long_is_given_a_sign_and_no_event(house: House) -> None:
    async with house.client() as client:
        id_ = (await submitted(client))["id"]
    watcher = Watcher(house, id_, seen="1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watcher.run)
        await turned(house, lambda: ": the job goes on\n\n" in watcher.caller.text)
        await end(house)
        await turned(house, watcher.is_over.is_set)
    assert [one["seq"] for one in watcher.told] == [3]


async def test_a_watcher_who_leaves_is_let_go_of(house: House) -> None:
    async with house.client() as client:
        id_ = (await submitted(client))["id"]
    watcher = Watcher(house, id_, leaves_after=2)  # the head, and the job as it stands
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watcher.run)
        await turned(house, watcher.is_over.is_set)
    assert [one["seq"] for one in watcher.told] == [1]


async def test_a_server_that_ends_holds_nobody_who_watches(home: Path, clock: FakeClock) -> None:
    stopping = Stopping()
    app = build({}, home=home, clock=clock, stopping=stopping)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with house.client() as client:
            id_ = (await submitted(client))["id"]
        watcher = Watcher(house, id_)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watcher.run)
            await turned(house, lambda: bool(watcher.told))
            stopping.is_begun = True
            await turned(house, watcher.is_over.is_set)
    assert watcher.caller.sent[-1]["more_body"] is False


async def test_the_token_of_a_job_opens_none_of_these_doors(house: House) -> None:
    async with house.client() as client:
        await submitted(client)
    async with books(house) as (worker, claims):
        token = (await take(house, worker, claims)).token
    with closing(open_database(house.home / "seedbed.db")) as database:
        guard = Guard(Tokens(database).principal, clock=house.clock)
        unused: Any = None
        desk = Desk(unused, unused, guard, house.clock, frozenset(), "USD")
        headers = [(b"authorization", f"Bearer {token}".encode())]
        with pytest.raises(AccessDenied, match="token of a job"):
            await desk.admit(Request({"type": "http", "headers": headers}))


async def test_who_runs_a_job_again_pays_for_it(house: House) -> None:
    async with house.client() as client:
        job = await submitted(client)
        await end(house)
        other = make_key(house.home, Scope.MODELS, name="other")
        headers = {"authorization": f"Bearer {other}"}
        again = (await client.post(f"{JOBS}/{job['id']}/retry", headers=headers)).json()
    with closing(open_database(house.home / "seedbed.db")) as database:
        keys = {key.name: key.id for key in Keys(database).all()}
        found = [
            Jobs(database, currency="USD").find_now(one).owner.key
            for one in (job["id"], again["id"])
        ]
    assert found == [keys["test"], keys["other"]]
