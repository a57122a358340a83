"""Nothing is written outside the home, and nobody outside this machine is called: seen from the
kernel's side, by strace, over a server's whole life with a real engine.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

from tests.stories.conftest import MODEL, Served, environment, place_weights, seedbed

CALLS = "trace=connect,sendto,sendmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2"
CALLED = re.compile(r'sa_family=AF_INET6?, .*?inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"')
WRITTEN = re.compile(r"(?:openat|open|creat|mkdir|mkdirat|rename\w*)\((.*)\) = \d")
CREATES = re.compile(r"O_CREAT|O_WRONLY|O_RDWR|^creat|^mkdir|^rename")
PLACE = re.compile(r'(?:<([^>]*)>, )?"([^"]+)"')
HARMLESS = ("/dev/", "/proc/")
CHECKOUT = Path(__file__).parents[2]


def is_outside(address: str) -> bool:
    return not address.startswith("127.") and address != "::1"


def places(line: str) -> list[Path]:
    """The files that a traced call has written to, made or moved."""
    call = line.partition(" ")[2].strip()
    matched = WRITTEN.match(call)
    if not matched or not CREATES.search(call):
        return []
    found = PLACE.findall(matched[1])
    return [Path(folder or "/", name) for folder, name in found]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["llama_cpp", "openvino", "sentence_encoder"])
def test_nothing_is_written_elsewhere_and_nobody_elsewhere_is_called(
    engine: str, home: Path, tmp_path: Path
) -> None:
    weights = place_weights(home, engine)
    changed = weights.stat().st_mtime_ns
    seedbed(home, "models", "pull", MODEL)
    key = json.loads(seedbed(home, "keys", "create", "--name", "k", "--json"))["key"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    trace, elsewhere = tmp_path / "trace", tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = ["strace", "-f", "-y", "-qq", "-e", CALLS, "-e", "signal=none", "-o", str(trace)]
    command += [sys.executable, "-m", "seedbed", "serve", "--port", str(port)]
    variables = environment(home) | {"HOME": str(elsewhere), "TMPDIR": str(elsewhere)}
    served = Served(home, port, key)
    with subprocess.Popen(command, env=variables, cwd=elsewhere) as run, served.clients:
        try:
            served.wait()
            ask(served.client(), engine)
        finally:
            server = home / "run" / f"server-{port}.json"
            if server.exists():
                os.kill(served.server_pid(), signal.SIGTERM)
            run.wait(timeout=300)
    lines = trace.read_text(errors="replace").splitlines()
    assert any("127.0.0.1" in line for line in lines), "the trace saw the engine being called"
    assert {a for line in lines for a in CALLED.findall(line) if is_outside(a)} == set()
    written = {place for line in lines for place in places(line)}
    assert any(place.is_relative_to(home) for place in written), "the trace saw the home"
    assert {place for place in written if not is_ours(place, home)} <= {weights}
    assert weights.stat().st_mtime_ns == changed, "a library opens it for writing, and writes not"
    assert list(elsewhere.iterdir()) == []


def ask(client: OpenAI, engine: str) -> None:
    """Ask for all that the engine does by ways of its own."""
    if engine == "sentence_encoder":
        assert client.embeddings.create(model=MODEL, input=["hello world"]).data[0].embedding
        return
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Say hello."}]
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    for extra in ({}, {"response_format": form}):
        answer = client.chat.completions.create(
            model=MODEL, messages=asked, max_tokens=40, extra_body=extra
        )
        assert answer.usage
        assert answer.usage.completion_tokens > 0


def is_ours(place: Path, home: Path) -> bool:
    if place.is_relative_to(home) or str(place).startswith(HARMLESS):
        return True
    cached = "__pycache__" in place.parts
    return place.is_relative_to(CHECKOUT) and (cached or ".venv" in place.parts)
