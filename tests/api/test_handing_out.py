"""Files as a browser gets them: every part that it asks for, nothing that runs, nothing damaged."""

import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message
from structlog.testing import capture_logs

from seedbed.api.handing_out import answer
from seedbed.core.errors import ArtifactDamaged, RangeOutside
from seedbed.kit.clock import FakeClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database

pytestmark = pytest.mark.anyio

CONTENT = b"0123456789"
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def artifacts(database: Database, home: Path, clock: FakeClock) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)


async def _asked(
    artifacts: Artifacts,
    content: bytes = CONTENT,
    media: str = "text/plain",
    method: str = "GET",
    **headers: str,
) -> Response:
    """The answer for those bytes, to a request with those headers."""

    async def stream() -> AsyncGenerator[bytes]:
        yield content

    kept = await artifacts.put(stream(), media, holder="k", project="p", name="é .txt")
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "headers": told, "query_string": b""}
    return await answer(artifacts, Request(scope), kept)


async def _sent(response: Response) -> tuple[bytes, bool]:
    """What comes of it, and whether it came to its end."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        await anyio.sleep_forever()
        return {}

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    try:
        await response(scope, receive, send)
    except* ArtifactDamaged:
        pass
    _, *bodies = messages
    whole = b"".join(message.get("body", b"") for message in bodies)
    return whole, bool(bodies) and not bodies[-1].get("more_body", False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    content=st.binary(max_size=40),
    ends=st.tuples(st.integers(0, 45), st.integers(0, 45) | st.none()),
)
async def test_every_range_of_any_bytes_is_those_bytes(
    artifacts: Artifacts, content: bytes, ends: tuple[int, int | None]
) -> None:
    first, last = ends
    told = f"bytes={first}-{'' if last is None else last}"
    wanted = content[first : None if last is None else last + 1]
    if last is not None and last < first:
        response = await _asked(artifacts, content, range=told)
        assert (response.status_code, await _sent(response)) == (200, (content, True))
    elif wanted:
        response = await _asked(artifacts, content, range=told)
        assert (response.status_code, await _sent(response)) == (206, (wanted, True))
        end = first + len(wanted) - 1
        assert response.headers["content-range"] == f"bytes {first}-{end}/{len(content)}"
        assert response.headers["content-length"] == str(len(wanted))
    else:
        with pytest.raises(RangeOutside):
            await _asked(artifacts, content, range=told)


@pytest.mark.parametrize(
    ("condition", "status"), [(f'"{HASH}"', 206), ('"else"', 200), (f'W/"{HASH}"', 200)]
)
async def test_a_part_is_given_only_of_what_the_caller_has_the_rest_of(
    artifacts: Artifacts, condition: str, status: int
) -> None:
    response = await _asked(artifacts, range="bytes=0-1", if_range=condition)
    assert response.status_code == status


async def test_the_head_tells_all_and_brings_nothing(artifacts: Artifacts) -> None:
    response = await _asked(artifacts, method="HEAD")
    assert (response.status_code, await _sent(response)) == (200, (b"", True))
    assert response.headers["content-length"] == "10"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["etag"] == f'"{HASH}"'


async def test_what_the_caller_has_already_is_not_sent_again(artifacts: Artifacts) -> None:
    response = await _asked(artifacts, if_none_match=f'"{HASH}"')
    assert (response.status_code, await _sent(response)) == (304, (b"", True))


@pytest.mark.parametrize(
    ("media", "shown"),
    [
        ("text/html", "attachment"),
        ("image/svg+xml", "attachment"),
        ("text/javascript", "attachment"),
        ("application/pdf", "attachment"),
        ("text/plain; charset=utf-8", "inline"),
        ("video/mp4", "inline"),
    ],
)
async def test_nothing_that_was_uploaded_runs_in_this_house(
    artifacts: Artifacts, media: str, shown: str
) -> None:
    headers = (await _asked(artifacts, media=media)).headers
    assert headers["content-disposition"] == f"{shown}; filename*=UTF-8''%C3%A9%20.txt"
    assert headers["content-type"] == media
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "allow" not in headers["content-security-policy"]


@pytest.mark.parametrize(("piece", "sent"), [(99, b""), (4, b"98765432")])
async def test_a_damaged_one_is_told_or_cut_off_and_never_ended_well(
    artifacts: Artifacts, home: Path, monkeypatch: pytest.MonkeyPatch, piece: int, sent: bytes
) -> None:
    monkeypatch.setattr("seedbed.store.blobs.PIECE", piece)
    put = artifacts.put

    async def damaging(*args: object, **options: object) -> object:
        kept = await put(*args, **options)  # type: ignore[arg-type]  # as they came
        (home / "artifacts" / HASH[:2] / HASH[2:]).write_bytes(CONTENT[::-1])
        return kept

    monkeypatch.setattr(artifacts, "put", damaging)
    with capture_logs() as logged:
        if sent:
            assert await _sent(await _asked(artifacts)) == (sent, False)
        else:
            with pytest.raises(ArtifactDamaged):
                await _asked(artifacts)
    assert [(line["event"], line["artifact"]) for line in logged] == [("artifact.damaged", HASH)]
