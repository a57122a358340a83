"""The real server, a relay and a peer that stands in for LiteLLM, measured as a whole."""

import os
import sys
from pathlib import Path

import pytest

from seedbed.bench.gateway.rounds import Load, Plan
from seedbed.bench.gateway.run import measure
from seedbed.bench.gateway.telling import figures, losses, runs
from seedbed.core.errors import SetupIncomplete

PLAN = Plan(
    (
        Load("c1", 1, 5),
        Load("c10", 10, 20),
        Load("c64", 64, 64),
        Load("streams", 4, 4, stream=True),
    ),
    rounds=1,
    starts=2,
    asks=30,
    kills=2,
)
PEER = f"""#!{sys.executable}
import http.server, json, sys, urllib.request
if sys.argv[1] == "--version":
    print("\\nPeer: Current Version = 1.2.3\\n")
    sys.exit()
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
served = json.load(open(options["--config"]))["model_list"][0]["litellm_params"]

class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def do_POST(self):
        print("x" * 1000, flush=True)
        body = self.rfile.read(int(self.headers["content-length"]))
        behind = urllib.request.Request(served["api_base"] + "/chat/completions", body)
        with urllib.request.urlopen(behind) as answer:
            told = answer.read()
        stream = b"event-stream" in answer.headers["content-type"].encode()
        self.send_response(200)
        name = "transfer-encoding" if stream else "content-length"
        self.send_header(name, "chunked" if stream else str(len(told)))
        self.end_headers()
        self.wfile.write(b"%x\\r\\n%b\\r\\n0\\r\\n\\r\\n" % (len(told), told) if stream else told)
    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(options["--port"])), Peer).serve_forever()
"""


@pytest.mark.slow
def test_everyone_answers_and_the_ledger_has_an_entry_for_each_answer_of_ours(
    tmp_path: Path,
) -> None:
    peer, work = tmp_path / "litellm", tmp_path / "work"
    peer.write_text(PEER)
    peer.chmod(0o700)
    work.mkdir()
    said: list[str] = []
    measured = measure(work, os.environ, PLAN, peer=str(peer), told=said.append, door="anthropic")
    assert measured.peers == {"litellm": "1.2.3"}
    assert measured.targets == ("direct", "relay", "ours", "litellm")
    assert [row.got.lost for row in measured.rows] == [0] * len(measured.rows)
    assert measured.entries == measured.answers == 200 + 5 + 20 + 64 + 4 + 2
    books, *_ = losses(measured)
    assert books == f"The ledger has {measured.entries} entries for {measured.answers} answers."
    told = figures(measured)
    assert None not in told.values()
    assert runs(measured)["door"] == "anthropic"
    assert (told["ledger.overspend"], told["ledger.unrecorded"]) == (0, 0)
    assert said[0] == "ours, start 1 of 2"
    assert said[-2] == "litellm, streams, round 1 of 1"


@pytest.mark.slow
def test_one_that_does_not_come_up_is_told_with_its_last_words(tmp_path: Path) -> None:
    peer, work = tmp_path / "litellm", tmp_path / "work"
    peer.write_text(f"#!{sys.executable}\nraise SystemExit('no such luck')")
    peer.chmod(0o700)
    work.mkdir()
    with pytest.raises(SetupIncomplete, match="litellm did not come up: no such luck"):
        measure(work, os.environ, PLAN, peer=str(peer), told=lambda _: None)
