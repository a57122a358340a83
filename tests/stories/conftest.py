"""A whole house for a story: a real server process, a real engine process, a tiny real model."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from openai import OpenAI

from tests.engines import tiny_bert
from tests.engines.tiny import write_tiny_llama
from tests.engines.tiny_bert import write_tiny_e5

MODEL = "smollm2-135m"
"""The starter's name, so that the docs' code runs as it stands; its weights are random here."""
WINDOW = 40_000
"""Long enough that an answer is still under way when something is killed."""


@dataclass
class Served:
    """A server that was brought up, and how to reach it."""

    home: Path
    port: int
    key: str
    clients: ExitStack = field(default_factory=ExitStack)
    """What was opened to ask it, and is closed with it."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def client(self) -> OpenAI:
        client = OpenAI(base_url=self.base_url, api_key=self.key, max_retries=0)
        return self.clients.enter_context(client)

    def seedbed(self, *words: str) -> str:
        """What a command prints."""
        return seedbed(self.home, *words)

    def server_pid(self) -> int:
        return json.loads((self.home / "run" / f"server-{self.port}.json").read_bytes())["pid"]

    def wait(self) -> None:
        """Wait until models can be asked."""
        for _ in range(3_000):
            try:
                if httpx2.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError("the server never was ready")

    def engine_pid(self) -> int:
        """The process of the engine's latest life, as the log tells it."""
        lines = (self.home / "logs" / "server.log").read_text().splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [e["pid"] for e in events if e["event"] == "engine.ready"][-1]


def seedbed(home: Path, *words: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "seedbed", *words],
        env=environment(home),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def environment(home: Path) -> dict[str, str]:
    """Settings of a small house. A busy machine makes it slow, and not another story."""
    return os.environ | {
        "SEEDBED_ENGINE_WITHIN_SECONDS": "600",
        "SEEDBED_GRACE_SECONDS": "600",
        "SEEDBED_HOME": str(home),
        "SEEDBED_MODELS": MODEL,
        "SEEDBED_PLACES": "2",
        "SEEDBED_THREADS": "1",
        "SEEDBED_WORKERS": "0",
    }


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    """A house brought up by `seedbed up`, and taken down whatever has become of it."""
    place_weights(home)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = json.loads(seedbed(home, "up", "--port", str(port), "--json"))
    house = Served(home, port, told["key"])
    with house.clients:
        yield house
    run = home / "run" / f"server-{port}.json"
    if run.exists():
        os.kill(json.loads(run.read_bytes())["pid"], signal.SIGKILL)


def place_weights(home: Path, engine: str = "llama_cpp") -> Path:
    """Put a tiny model of the operator's own beside the home, under the starter's name."""
    folder = home.parent / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    if engine == "sentence_encoder":
        weights, window = write_tiny_e5(folder / "tiny.bin"), tiny_bert.WINDOW
    else:
        weights, window = write_tiny_llama(folder / "tiny.gguf", window=WINDOW), WINDOW
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    card = home / "catalogue" / f"{MODEL}.toml"
    card.parent.mkdir(parents=True)
    card.write_text(
        f'title = "Random weights"\nengines = ["{engine}"]\nwindow = {window}\n'
        f'parameters = 0\nlicence = "Apache-2.0"\n[source]\npath = "{folder}"\n[[files]]\n'
        f'name = "{weights.name}"\nmember = "{weights.name}"\nbytes = {weights.stat().st_size}\n'
        f'sha256 = "{digest}"\n'
    )
    return weights
