"""The line to an upstream is bound in time, in size and to one address."""

import pytest

from seedbed.engines.upstreams import line
from seedbed.engines.upstreams.base import Request, Unreadable
from seedbed.kit.http import errors as http
from tests.engines.upstreams.fake import FakeUpstream, speaking, stream, whole

pytestmark = pytest.mark.anyio

REQUEST = Request("/x", {"a": 1})


def to(fake: FakeUpstream) -> line.Line:
    return line.Line(fake.url, {"x-api-key": "k"}, places=1, silence=30)


async def body_of(sent: bytes, *, most: int = 1000) -> bytes:
    async with speaking(sent) as fake:
        upstream = to(fake)
        try:
            with await upstream.ask(REQUEST) as response:
                return await line.body(response, most=most)
        finally:
            await upstream.aclose()


async def events_of(sent: bytes) -> list[bytes]:
    async with speaking(sent) as fake:
        upstream = to(fake)
        try:
            with await upstream.ask(REQUEST) as response:
                events = line.Events(response)
                return [data async for sent in response for data in events.feed(sent)]
        finally:
            await upstream.aclose()


async def test_a_request_says_who_asks_and_wants_nothing_compressed() -> None:
    async with speaking(whole({})) as fake:
        upstream = to(fake)
        with await upstream.ask(REQUEST) as response:
            assert response.status_code == 200
        await upstream.aclose()
    (asked,) = fake.asked
    assert (asked.path, asked.body) == ("/v1/x", {"a": 1})
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["x-api-key"] == "k"
    assert asked.headers["content-type"] == "application/json"


async def test_a_body_is_read_up_to_its_bound() -> None:
    assert await body_of(whole(b"x" * 1000)) == b"x" * 1000
    with pytest.raises(http.Unreadable, match="more than 1,000 bytes"):
        await body_of(whole(b"x" * 1001))


async def test_a_compressed_answer_is_not_unpacked() -> None:
    packed = whole(b"\x1f\x8b", "200 OK", "content-encoding: gzip")
    with pytest.raises(Unreadable, match="compressed as 'gzip'"):
        await body_of(packed)
    with pytest.raises(Unreadable, match="compressed as 'gzip'"):
        await events_of(packed)


async def test_an_event_is_read_up_to_its_bound() -> None:
    longest = "x" * (line.LONGEST_EVENT - 100)
    assert await events_of(stream(longest)) == [longest.encode()]
    with pytest.raises(Unreadable, match="an event of more than 4,194,304 bytes"):
        await events_of(stream("x" * (line.LONGEST_EVENT + 1)))


async def test_many_events_may_be_longer_together() -> None:
    half = "x" * (line.LONGEST_EVENT // 2)
    assert len(await events_of(stream(half, half, half))) == 3


@pytest.mark.parametrize(
    ("end", "opened"),
    [(b"0\r\n\r\n", 1), (b"", 2), (b"1\r\n\n\r\n", 2), (b"garbage\r\n", 2)],
)
async def test_a_connection_is_used_again_where_its_stream_has_ended(
    end: bytes, opened: int
) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = head + b"9\r\ndata: a\n\n\r\n" + end
    async with speaking(answer, answer, hangs=True) as fake:
        upstream = to(fake)
        for _ in range(2):
            with await upstream.ask(REQUEST) as response:
                assert line.Events(response).feed(await anext(response)) == [b"a"]
                await line.ended(response)
        await upstream.aclose()
    assert (len(fake.asked), fake.opened) == (2, opened)


async def test_a_server_that_promises_to_keep_a_connection_and_hangs_up_is_asked_all_the_same() -> (
    None
):
    async with speaking(*[b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"] * 3) as fake:
        upstream = to(fake)
        for _ in range(3):
            with await upstream.ask(REQUEST) as response:
                assert await line.body(response, most=1000) == b"{}"
        await upstream.aclose()
    assert (len(fake.asked), fake.opened) == (3, 3)


async def test_an_answer_may_have_a_silence_of_its_own() -> None:
    async with speaking(b"", hangs=True) as fake:
        upstream = to(fake)
        with pytest.raises(http.Silent, match=r"nothing came for 0\.01 s"):
            await upstream.ask(REQUEST, silence=0.01)
        await upstream.aclose()


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/v1",
        "http://localhost:8000/v1",
        "http://127.0.0.1/v1",
        "http://[::1]:8000/v1",
        "http://192.168.1.7/v1",
        "http://10.0.0.1:11434/v1",
    ],
)
def test_an_address_may_be_encrypted_or_near(url: str) -> None:
    assert line.check_url(f"{url}/") == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a.example/v1", "in the clear"),
        ("http://8.8.8.8/v1", "in the clear"),
        ("ftp://a.example", "begins with https://"),
        ("a.example/v1", "begins with https://"),
        ("https:///v1", "begins with https://"),
        ("https://a.example:port/v1", "is not an address"),
        ("https://me:secret@a.example/v1", "more than a host and a path"),
        ("https://a.example/v1?key=secret", "more than a host and a path"),
        ("https://a.example/v1#x", "more than a host and a path"),
    ],
)
def test_other_addresses_are_refused_without_telling_a_secret(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        line.check_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_used"), [("http://127.0.0.1:1/v1", False), ("https://a.example/v1", True)]
)
async def test_a_proxy_is_used_beyond_this_machine_alone(url: str, *, is_used: bool) -> None:
    async with speaking() as proxy:
        proxies = {"HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url}
        upstream = line.Line(url, {}, places=1, silence=30, proxies=proxies)
        with pytest.raises(http.Unreachable):
            await upstream.ask(REQUEST)
        await upstream.aclose()
    assert bool(proxy.opened) is is_used


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["retry-after: 3600"], 3600),
        (["retry-after: 0"], 0),
        (["retry-after: 1.2"], 2),
        (["retry-after: 999999999999"], 86_400),
        (["retry-after-ms: 1500"], 2),
        (["retry-after: 7", "retry-after-ms: 1"], 7),
        (["retry-after: Sat, 02 Jan 2027 00:01:30 GMT", "date: Sat, 02 Jan 2027 00:00:00 GMT"], 90),
        (["retry-after: Sat, 02 Jan 2027 00:00:00 GMT", "date: Sat, 02 Jan 2027 00:09:00 GMT"], 0),
        (["retry-after: Sat, 02 Jan 2027 00:01:30 GMT"], None),
        (["retry-after: Sat, 99 Jan 999999999 00:01:30 GMT", "date: soon"], None),
        (["retry-after: -5"], None),
        (["retry-after: soon"], None),
        (["retry-after: 5", "retry-after: 6"], None),
        ([f"retry-after: {'9' * 5000}"], None),
        ([], None),
    ],
)
async def test_for_how_long_an_upstream_will_not_answer(
    headers: list[str], seconds: int | None
) -> None:
    async with speaking(whole({}, "429 Slow", *headers)) as fake:
        upstream = to(fake)
        with await upstream.ask(REQUEST) as response:
            assert line.retry_after(response) == seconds
        await upstream.aclose()
