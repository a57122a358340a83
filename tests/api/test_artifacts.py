"""Files over HTTP: uploaded, read by their project, and opened to others by links alone."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from seedbed.api import artifacts as routes_module
from seedbed.api.artifacts import Shelf
from seedbed.api.edge import Edge
from seedbed.api.guard import Guard
from seedbed.api.limits import LONG_BODY
from seedbed.api.links import Links
from seedbed.api.manner import Manners
from seedbed.api.openai.manner import OpenAi
from seedbed.api.site import build_site
from seedbed.core.access import Scope
from seedbed.core.errors import DiskFull
from seedbed.kit.clock import FakeClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database
from seedbed.store.keys import Keys
from seedbed.store.secrets import Secrets

pytestmark = pytest.mark.anyio

PATH = "/seedbed/artifacts"
LONGEST = 1000
CONTENT = b"0123456789"
HASH = hashlib.sha256(CONTENT).hexdigest()
NOBODYS = "0" * 64


@pytest.fixture
def artifacts(database: Database, home: Path, clock: FakeClock) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)


@pytest.fixture
def app(artifacts: Artifacts, database: Database, clock: FakeClock) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        yield

    links = Links(lambda: Secrets(database).get("links"), clock=clock)
    guard = Guard(Keys(database).find, clock=clock)
    shelf = Shelf(artifacts, links, guard, clock, LONGEST)
    site = build_site(
        routes_module.routes(shelf),
        manners=Manners(OpenAi()),
        trouble=dict,
        instance="i",
        lifespan=lifespan,
    )
    return Edge(site, manners=Manners(OpenAi()))


@pytest.fixture
async def client(app: ASGIApp, database: Database) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client with a key of the project `p`."""
    async with _client(app, _key(database, "p")) as opened:
        yield opened


@pytest.fixture
async def stranger(app: ASGIApp, database: Database) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client with a key of another project."""
    async with _client(app, _key(database, "q")) as opened:
        yield opened


@pytest.fixture
async def nobody(app: ASGIApp) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client without a key."""
    async with _client(app, None) as opened:
        yield opened


def _key(database: Database, project: str, scope: Scope = Scope.MODELS) -> str:
    name = f"{project} {scope}"
    scopes = frozenset({scope})
    return Keys(database).create(name, user="u", project=project, scopes=scopes, now=1)[1]


def _client(app: ASGIApp, key: str | None) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx2.AsyncClient(transport=transport, base_url="http://house", headers=headers)


async def _put(client: httpx2.AsyncClient, content: bytes = CONTENT, **headers: str) -> str:
    answer = await client.post(
        PATH,
        content=content,
        headers={name.replace("_", "-"): told for name, told in headers.items()},
    )
    assert answer.status_code == 201
    return answer.json()["url"]


def _code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_what_is_uploaded_is_told_by_its_hash_and_read_back(
    client: httpx2.AsyncClient,
) -> None:
    put = await client.post(
        PATH, params={"name": "a b.png"}, content=CONTENT, headers={"content-type": "Image/PNG"}
    )
    assert put.status_code == 201
    assert put.json() == {
        "id": HASH,
        "size": 10,
        "media": "image/png",
        "name": "a b.png",
        "url": f"{PATH}/{HASH}",
    }
    read = await client.get(put.json()["url"])
    assert (read.status_code, read.content) == (200, CONTENT)
    assert read.headers["content-type"] == "image/png"
    assert read.headers["content-length"] == "10"
    assert read.headers["content-disposition"] == "inline; filename*=UTF-8''a%20b.png"
    assert read.headers["etag"] == f'"{HASH}"'


async def test_what_another_project_holds_is_as_unknown_as_what_is_not_there(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    await _put(client)
    for hash_ in (HASH, NOBODYS, "x", "AB" * 32):
        for answer in (
            await stranger.get(f"{PATH}/{hash_}"),
            await stranger.head(f"{PATH}/{hash_}"),
            await stranger.post(f"{PATH}/{hash_}/link"),
            await stranger.delete(f"{PATH}/{hash_}"),
        ):
            assert answer.status_code == 404
    theirs = (await stranger.get(f"{PATH}/{HASH}")).text
    nobodys = (await stranger.get(f"{PATH}/{NOBODYS}")).text
    assert theirs.replace(HASH, "") == nobodys.replace(NOBODYS, "")
    assert (await client.get(f"{PATH}/{HASH}")).status_code == 200


async def test_whoever_puts_the_same_learns_nothing_of_who_put_it_before(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    await _put(client, content_type="image/png")
    answer = await stranger.post(PATH, content=CONTENT, headers={"content-type": "text/plain"})
    assert (answer.json()["media"], answer.json()["name"]) == ("text/plain", "")
    read = await stranger.get(f"{PATH}/{HASH}")
    assert read.headers["content-type"] == "text/plain"


async def test_without_a_key_or_with_one_for_other_things_nobody_comes_in(
    app: ASGIApp, database: Database, nobody: httpx2.AsyncClient
) -> None:
    async def ask(client: httpx2.AsyncClient) -> set[int]:
        url = f"{PATH}/{HASH}"
        answers = [await client.post(PATH, content=b"x"), await client.post(f"{url}/link")]
        answers += [await client.get(url), await client.delete(url)]
        return {answer.status_code for answer in answers}

    assert await ask(nobody) == {401}
    async with _client(app, _key(database, "p", Scope.METRICS)) as reader:
        assert await ask(reader) == {403}


async def test_a_link_opens_it_to_whoever_has_it_as_its_maker_called_it(
    client: httpx2.AsyncClient, nobody: httpx2.AsyncClient, clock: FakeClock
) -> None:
    url = await _put(client, content_type="image/png")
    told = (await client.post(f"{url}/link", json={"seconds": 60})).json()
    assert told["until"] == clock.wall() + 60
    assert told["url"].startswith(f"http://house{url}?until=")
    read = await nobody.get(told["url"], headers={"range": "bytes=2-3"})
    assert (read.status_code, read.content) == (206, b"23")
    assert read.headers["content-type"] == "image/png"
    await clock.advance(60)
    assert _code(await nobody.get(told["url"])) == (403, "link_expired")
    assert _code(await nobody.get(told["url"] + "0")) == (403, "link_forged")


async def test_a_link_is_good_for_an_hour_if_nothing_is_said(
    client: httpx2.AsyncClient, clock: FakeClock
) -> None:
    url = await _put(client)
    assert (await client.post(f"{url}/link")).json()["until"] == clock.wall() + 3600


async def test_a_link_makes_no_other_link(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    url = await _put(client)
    query = (await client.post(f"{url}/link")).json()["url"].partition("?")[2]
    assert (await stranger.post(f"{url}/link?{query}")).status_code == 404


@pytest.mark.parametrize(
    "sent", [b'{"seconds": 604801}', b'{"seconds": 0}', b'{"hours": 1}', b"[]", b"{", b"\xff"]
)
async def test_a_wish_for_a_link_that_cannot_be_met_is_refused(
    client: httpx2.AsyncClient, sent: bytes
) -> None:
    url = await _put(client)
    assert _code(await client.post(f"{url}/link", content=sent)) == (400, "request_malformed")


async def test_a_key_lets_go_of_what_it_put(client: httpx2.AsyncClient) -> None:
    url = await _put(client)
    assert (await client.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404
    assert (await client.delete(url)).status_code == 404


@pytest.mark.parametrize("media", ["nothing", "text/", "a/b, c/d", "x" * 101])
async def test_a_media_type_that_is_none_is_refused(client: httpx2.AsyncClient, media: str) -> None:
    answer = await client.post(PATH, content=b"x", headers={"content-type": media})
    assert _code(answer) == (400, "request_malformed")


@pytest.mark.parametrize("name", ["a\nb", "x" * 201])
async def test_a_name_that_cannot_be_told_is_refused(client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.post(PATH, params={"name": name}, content=b"x")
    assert _code(answer) == (400, "request_malformed")


async def test_a_body_that_is_too_long_is_refused_and_leaves_nothing(
    client: httpx2.AsyncClient, artifacts: Artifacts, home: Path
) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        while True:
            yield b"x" * 100

    told = await client.post(PATH, content=b"x" * (LONGEST + 1))
    found = await client.post(PATH, content=endless())
    assert _code(told) == _code(found) == (413, "request_too_large")
    assert await artifacts.all() == []
    assert not [path for path in (home / "artifacts").rglob("*") if path.is_file()]
    await _put(client, b"x" * LONGEST)


async def test_a_compressed_body_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=b"x", headers={"content-encoding": "gzip"})
    assert _code(answer) == (415, "coding_unserved")


async def test_a_full_disk_is_the_operators_business_and_is_logged(
    client: httpx2.AsyncClient, artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise DiskFull("/data/artifacts", needed=1, free=0)

    monkeypatch.setattr(artifacts, "put", full)
    with capture_logs() as logged:
        answer = await client.post(PATH, content=b"x")
    assert _code(answer) == (500, "internal_error")
    assert "/data" not in answer.text
    assert ("request.unready", "disk_full") in {
        (line["event"], line.get("code")) for line in logged
    }


class Caller:
    """A caller by ASGI's own two ends, who is gone after those pieces of a body."""

    def __init__(self, method: str, path: str, authorization: str, *body: bytes) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"authorization", authorization.encode())],
        }
        self._body = iter(body)
        self.answers: list[Message] = []

    async def receive(self) -> Message:
        if (piece := next(self._body, None)) is not None:
            return {"type": "http.request", "body": piece, "more_body": True}
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.answers.append(message)


async def test_who_leaves_while_uploading_leaves_nothing_and_breaks_nothing(
    app: ASGIApp, database: Database, artifacts: Artifacts
) -> None:
    caller = Caller("POST", PATH, f"Bearer {_key(database, 'p')}", b"half")
    with capture_logs() as logged:
        await app(caller.scope, caller.receive, caller.send)
    assert await artifacts.all() == []
    assert logged == []


async def test_who_leaves_while_asking_for_a_link_breaks_nothing(
    app: ASGIApp, client: httpx2.AsyncClient
) -> None:
    url = await _put(client)
    caller = Caller("POST", f"{url}/link", client.headers["authorization"], b"{")
    with capture_logs() as logged:
        await app(caller.scope, caller.receive, caller.send)
    assert logged == []


async def test_only_the_upload_of_somebody_who_was_let_in_may_take_long(
    app: ASGIApp, database: Database
) -> None:
    def is_long(scope: Mapping[str, object]) -> bool:
        return LONG_BODY in scope

    known = Caller("POST", PATH, f"Bearer {_key(database, 'p')}")
    unknown = Caller("POST", PATH, "Bearer sb-nobody")
    for caller in (known, unknown):
        await app(caller.scope, caller.receive, caller.send)
    assert (is_long(known.scope), is_long(unknown.scope)) == (True, False)
