"""Media are fetched from outside, and nobody leads a fetch inside."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from seedbed.kit.media import fetching
from seedbed.kit.media.errors import Inward, MediumFault
from seedbed.kit.media.fetching import Fetcher, Reach
from tests.kit.http.serving import Answer, Peer, each, serving, whole

pytestmark = pytest.mark.anyio

OUTSIDE, INSIDE = "127.0.0.1", "127.0.0.2"
"""A test has no outside, so these stand for it and for the inside."""


class Names:
    """Hosts and their addresses, in turn where there are several lists of them."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = names
        self.asked = list[str]()

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        self.asked.append(host)
        found = self.names[host]
        return found.pop(0) if len(found) > 1 else found[0]


@pytest.fixture
def one_is_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "is_inward", INSIDE.__eq__)


def moved(to: str, status: str = "302 Found") -> bytes:
    return whole(b"", f"location: {to}", status=status)


def closing(*answers: bytes) -> Answer:
    """One answer for each connection, which is what a fetch makes of each redirect."""
    rest = list(answers)

    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.say(rest.pop(0))

    return answer


async def test_what_lies_there_is_brought_and_no_secret_goes_along() -> None:
    async with serving(each(whole(b"bytes", "content-type: text/html"))) as server:
        fetcher = Fetcher(Reach(inward=True))
        assert await fetcher.fetch(f"{server.url}/a%20b/ä?q=1&r=ü#part") == b"bytes"
    (heard,) = server.heard
    head = heard.decode().lower()
    assert head.startswith("get /a%20b/%c3%a4?q=1&r=%c3%bc http/1.1\r\n")
    assert "authorization" not in head
    assert "cookie" not in head


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://127.1:8080/",
        "http://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data",
    ],
)
async def test_nothing_is_fetched_from_within(url: str) -> None:
    with pytest.raises(Inward, match="leads into a network of this house's own"):
        await Fetcher().fetch(url)


@pytest.mark.parametrize("url", ["http://example.org:22/", "https://example.org:6379/"])
async def test_nothing_is_fetched_from_other_ports(url: str) -> None:
    with pytest.raises(Inward, match="only the ports 80, 443, 8080, 8443 are"):
        await Fetcher().fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a",
        "gopher://example.org/",
        "http://",
        "//example.org/a",
        "http://user:secret@example.org/",
        "http://example.org:99999/",
        "http://example.org/a\r\nHost: b",
    ],
)
async def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(MediumFault) as refused:
        await Fetcher().fetch(url)
    assert "secret" not in str(refused.value)


@pytest.mark.usefixtures("one_is_outside")
async def test_a_name_is_resolved_once_and_connected_to_as_it_was_checked() -> None:
    async with serving(each(whole(b"bytes"))) as server:
        names = Names(rebinds=[[OUTSIDE], [INSIDE]])
        fetcher = Fetcher(Reach(ports=frozenset({server.port})), resolve=names)
        assert await fetcher.fetch(f"http://rebinds:{server.port}/") == b"bytes"
    assert names.asked == ["rebinds"]


@pytest.mark.usefixtures("one_is_outside")
async def test_a_name_with_one_inward_address_among_others_is_refused() -> None:
    fetcher = Fetcher(resolve=Names(mixed=[[OUTSIDE, INSIDE]]))
    with pytest.raises(Inward, match="mixed leads into"):
        await fetcher.fetch("http://mixed/")


@pytest.mark.usefixtures("one_is_outside")
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 T", "308 P"])
async def test_a_redirect_inside_is_not_followed(status: str) -> None:
    async with serving(closing(moved("http://inside/secret", status))) as server:
        reach = Reach(ports=frozenset({server.port, 80}))
        names = Names(outside=[[OUTSIDE]], inside=[[INSIDE]])
        with pytest.raises(Inward, match="inside leads into"):
            await Fetcher(reach, resolve=names).fetch(f"http://outside:{server.port}/")
    assert len(server.heard) == 1


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/"])
async def test_a_redirect_to_what_is_no_http_is_not_followed(to: str) -> None:
    async with serving(closing(moved(to))) as server:
        with pytest.raises(MediumFault, match="begins with https:// or http://"):
            await Fetcher(Reach(inward=True)).fetch(server.url)


async def test_three_redirects_are_followed_and_not_a_fourth() -> None:
    answers = [moved("/b"), moved("c"), moved("/d")]
    async with serving(closing(*answers, whole(b"bytes"))) as server:
        assert await Fetcher(Reach(inward=True)).fetch(server.url) == b"bytes"
    assert [line.split()[1] for line in server.heard] == [b"/", b"/b", b"/c", b"/d"]
    async with serving(closing(*answers, moved("/e"))) as server:
        with pytest.raises(MediumFault, match="leads on more than 3 times"):
            await Fetcher(Reach(inward=True)).fetch(server.url)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (whole(b"no", status="404 Not Found"), "its server answered 404"),
        (whole(b"no", status="302 Found"), "its server answered 302"),
        (whole(b"x" * 11), "more than 10 bytes"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "nothing came for 0.05 s"),
        (b"SSH-2.0-OpenSSH\r\n", "no HTTP"),
    ],
)
async def test_what_does_not_come_whole_and_in_bounds_is_refused(said: bytes, why: str) -> None:
    async with serving(closing(said)) as server:
        reach = Reach(most_bytes=10, silence_seconds=0.05, inward=True)
        with pytest.raises(MediumFault, match=why):
            await Fetcher(reach).fetch(server.url)


async def test_who_drips_is_left_when_the_time_is_over() -> None:
    async def drip(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n")
        while True:
            await peer.say(b"x")
            if await peer.reader.read(1) == b"":
                return

    async with serving(drip) as server:
        with pytest.raises(MediumFault, match=r"it has not come within 0\.1 s"):
            await Fetcher(Reach(seconds=0.1, inward=True)).fetch(server.url)


async def test_whom_nobody_knows_cannot_be_reached() -> None:
    async def nobody(host: str, port: int) -> Sequence[str]:
        raise OSError(f"nobody knows {host}:{port}")

    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = nobody
    with pytest.raises(MediumFault, match="cannot be reached"):
        await Fetcher(resolve=resolve).fetch("http://nowhere/")


async def test_something_is_handed_over_and_only_the_status_is_heard() -> None:
    answer = whole(b"x" * 10_000, "location: http://127.0.0.1/", status="307 Temporary")
    async with serving(each(answer)) as server:
        fetcher = Fetcher(Reach(most_bytes=10, inward=True))
        headers = [("content-type", "application/json"), ("webhook-id", "job_1")]
        assert await fetcher.hand_over(f"{server.url}/a?b=c", b'{"a": 1}', headers) == 307
    (heard,) = server.heard
    head, _, body = heard.partition(b"\r\n\r\n")
    lines = head.decode().lower().splitlines()
    assert lines[0] == "post /a?b=c http/1.1"
    assert {"content-type: application/json", "webhook-id: job_1", "content-length: 8"} <= {*lines}
    assert body == b'{"a": 1}'


async def test_nothing_is_handed_over_within() -> None:
    with pytest.raises(Inward, match="leads into a network of this house's own"):
        await Fetcher().hand_over("http://127.0.0.1/", b"", [])
    with pytest.raises(Inward, match="is not asked: only the ports"):
        await Fetcher().hand_over("http://example.org:22/", b"", [])


async def test_who_does_not_answer_what_is_handed_over_is_left_in_time() -> None:
    async def say_nothing(peer: Peer) -> None:
        await peer.request()
        await peer.reader.read()

    async with serving(say_nothing) as server:
        reach = Reach(seconds=0.1, inward=True)
        with pytest.raises(MediumFault, match=r"it was not answered within 0\.1 s"):
            await Fetcher(reach).hand_over(server.url, b"", [])
