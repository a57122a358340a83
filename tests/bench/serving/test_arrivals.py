"""Interactive asks that arrive by the clock, with and without batch work: on a real server."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from seedbed.bench.serving.arrivals import Arrivals, measure, p95
from seedbed.bench.serving.chats import Got
from seedbed.bench.serving.served import Address, Served

pytestmark = pytest.mark.anyio

ANSWER = (
    b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}}\n\n'
)
SEEN: Counter[str] = Counter()


class Peer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        with suppress(ConnectionError):  # batch work is left under way when all have arrived
            self.rfile.read(int(self.headers["content-length"]))
            SEEN[self.headers["x-seedbed-priority"]] += 1
            self.send_response(200)
            self.send_header("content-length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


async def test_the_same_arrive_twice_and_batch_work_is_there_the_second_time(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.bench.serving.arrivals._FILLING_SECONDS", 0.1)
    SEEN.clear()
    ours = Served("ours", os.getpid(), Address(url, "m"))
    came = await measure(ours, "1", arrivals=3, every=0.01)
    assert (len(came.idle), len(came.busy), came.lost) == (3, 3, [])
    assert SEEN["interactive"] == 6
    assert SEEN["batch"] >= len(came.batch) > 0
    assert came.ratio == p95(came.busy) / p95(came.idle)


def test_the_p95_is_what_95_of_a_hundred_did_not_exceed() -> None:
    hundred = [Got(first=float(number)) for number in range(1, 101)]
    assert p95(hundred) == 95.0
    assert p95(hundred[:20]) == 19.0
    assert p95(hundred[:1]) == 1.0


def test_what_was_lost_is_told() -> None:
    assert Arrivals([Got()], [Got(lost="a")], [Got(lost="b")]).lost == ["a", "b"]
