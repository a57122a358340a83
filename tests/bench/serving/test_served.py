"""A real server that answers well and badly."""

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from seedbed.bench.serving.chats import COLOURS, Chat
from seedbed.bench.serving.served import Address, Served

pytestmark = pytest.mark.anyio

HI = Chat((("user", "hi"),), 2)
WELL = (
    b'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n'
    b'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"choices":[{"delta":{"content":"b"}}'
    b'],"usage":null}\n\ndata: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n'
    b"data: [DONE]\n\n"
)
ASKED: list[tuple[dict[str, Any], str | None]] = []


class Peer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        ASKED.append((body, self.headers["x-seedbed-priority"]))
        status, sent = {"well": (200, WELL), "full": (429, b"no room"), "fault": (200, FAULT)}.get(
            body["model"], (200, b"data: [DONE]\n\n")
        )
        self.send_response(status)
        self.send_header("content-length", str(len(sent) + (body["model"] == "cut")))
        self.end_headers()
        self.wfile.write(sent)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


FAULT = b'data: {"error":{"message":"out of paper"}}\n\n'


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    ASKED.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


async def test_an_answer_is_read_with_its_tokens_and_its_first_word(url: str) -> None:
    target = Served("peer", os.getpid(), Address(url, "well"))
    (got,) = await target.together([HI])
    assert (got.text, got.tokens, got.prompt, got.wanted, got.lost) == ("ab", 2, 7, 2, "")
    assert 0 < got.first <= got.took


async def test_only_chats_that_want_all_their_tokens_say_so_in_a_servers_own_words(
    url: str,
) -> None:
    target = Served("peer", os.getpid(), Address(url, "well"), {"ignore_eos": True})
    await target.one(HI)
    await target.one(Chat((("user", "hi"),), 2, COLOURS, whole=False, priority="batch"))
    (first, none), (second, batch) = ASKED
    assert first["ignore_eos"] is True
    assert "ignore_eos" not in second
    assert second["response_format"]["json_schema"]["schema"] == COLOURS
    assert (none, batch) == (None, "batch")


@pytest.mark.parametrize(
    ("model", "why"),
    [("full", "429: no room"), ("fault", "out of paper"), ("silent", "no tokens"), ("cut", "")],
)
async def test_what_is_refused_fails_or_is_cut_off_is_lost(url: str, model: str, why: str) -> None:
    got = await Served("peer", os.getpid(), Address(url, model)).one(HI)
    assert got.lost
    assert why in got.lost


async def test_who_does_not_listen_is_lost() -> None:
    assert (await Served("peer", os.getpid(), Address("http://127.0.0.1:1", "m")).one(HI)).lost
