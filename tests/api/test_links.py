"""Links: only those that this house signed open anything, and only for their time."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.links import Link, Links
from seedbed.core.errors import LinkExpired, LinkForged
from seedbed.kit.clock import FakeClock

pytestmark = pytest.mark.anyio

ONE = "ab" * 32
NOW = 1_800_000_000


def links(secret: bytes = b"s" * 32, *, now: float = NOW) -> Links:
    async def get() -> bytes:
        return secret

    return Links(get, clock=FakeClock(now))


def query(path: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))


@given(st.text(), st.text())
async def test_a_link_comes_back_as_it_was_given(media: str, name: str) -> None:
    link = Link(ONE, NOW + 60, media, name)
    path = await links().write(link)
    assert urlsplit(path).path == f"/seedbed/artifacts/{ONE}"
    assert await links().read(ONE, query(path)) == link


def _emptied(_: str) -> str:
    return ""


def _longer(text: str) -> str:
    return text + "1"


def _shorter(text: str) -> str:
    return text[:-1]


@pytest.mark.parametrize("field", ["until", "media", "name", "signature"])
@pytest.mark.parametrize("change", [_emptied, _longer, _shorter])
async def test_a_link_of_which_anything_was_changed_opens_nothing(
    field: str, change: Callable[[str], str]
) -> None:
    told = query(await links().write(Link(ONE, NOW + 60, "text/plain", "name")))
    told[field] = change(told[field])
    with pytest.raises(LinkForged):
        await links().read(ONE, told)


async def test_a_link_opens_no_other_artifact_and_no_other_house(clock: FakeClock) -> None:
    told = query(await links().write(Link(ONE, NOW + 60, "text/plain", "name")))
    with pytest.raises(LinkForged):
        await links().read("cd" * 32, told)
    with pytest.raises(LinkForged):
        await links(b"t" * 32).read(ONE, told)


@pytest.mark.parametrize("until", ["", "x", "-1", "1.5", "٣", "9" * 16])
async def test_a_time_that_is_none_is_a_forgery(until: str) -> None:
    with pytest.raises(LinkForged):
        await links().read(ONE, {"until": until, "signature": "é"})


async def test_a_link_ends_at_its_moment_and_says_when_that_was() -> None:
    told = query(await links().write(Link(ONE, NOW + 60, "text/plain", "name")))
    await links(now=NOW + 59.9).read(ONE, told)
    with pytest.raises(LinkExpired, match="2027-01-15 08:01:00Z"):
        await links(now=NOW + 60).read(ONE, told)


async def test_the_secret_is_asked_for_once() -> None:
    asked: list[int] = []

    async def get() -> bytes:
        asked.append(1)
        return b"s" * 32

    signer = Links(get, clock=FakeClock())
    for name in "abc":
        await signer.write(Link(ONE, NOW, "text/plain", name))
    assert asked == [1]
