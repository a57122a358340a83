"""The keeper of an operator's own server: its words, its signs of life, and its end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seedbed.engines.base import worker
from seedbed.engines.workers.llama_binary import arguments
from tests.engines.fake_llama_server import write_program

LEAST = ["--model", "m.gguf", "--window", "512", "--places", "2", "--threads", "3"]
ANSWERS = """
import http.server, os, sys
class Health(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Health.asked += 1
        well = 2 <= Health.asked <= 3
        self.send_response(200 if well else 503)
        self.end_headers()
        if Health.asked == 6:
            os._exit(7)
port = int(sys.argv[sys.argv.index("--port") + 1])
sys.stderr.write(f"pid {os.getpid()} key {os.environ['LLAMA_API_KEY']}\\n")
sys.stderr.flush()
http.server.HTTPServer(("127.0.0.1", port), Health).serve_forever()
"""


def value(line: list[str], option: str) -> str:
    return line[line.index(option) + 1]


def test_our_options_are_told_in_the_programs_own_words() -> None:
    line = arguments(LEAST, port=9)
    assert (value(line, "--ctx-size"), value(line, "--parallel")) == ("1024", "2")
    assert (value(line, "--threads"), value(line, "--n-gpu-layers")) == ("3", "0")
    assert (value(line, "--host"), value(line, "--port")) == ("127.0.0.1", "9")
    assert value(line, "--batch-size") == "512"
    assert "--no-prefill-assistant" in line
    assert not {"--lora", "--mmproj", "--embedding", "--reranking", "--pooling"} & set(line)


def test_adapters_projector_and_layers_are_passed_on() -> None:
    more = ["--adapter", "x=a", "--adapter", "y=b", "--projector", "p", "--layers", "99"]
    line = arguments([*LEAST, *more], port=9)
    assert [line[at + 1] for at, word in enumerate(line) if word == "--lora"] == ["a", "b"]
    assert "--lora-init-without-apply" in line
    assert (value(line, "--mmproj"), value(line, "--n-gpu-layers")) == ("p", "99")


def test_prompts_are_kept_in_places_and_in_the_folder_that_is_told_alone() -> None:
    line = arguments(LEAST, port=9)
    assert value(line, "--cache-ram") == "0"
    assert "--slot-save-path" not in line
    told = arguments([*LEAST, "--prefixes", "/kv"], port=9)
    assert value(told, "--slot-save-path") == "/kv"


def test_a_model_that_reads_is_started_as_one() -> None:
    line = arguments([*LEAST, "--task", "embed", "--pooling", "mean"], port=9)
    assert "--embedding" in line
    assert (value(line, "--ubatch-size"), value(line, "--pooling")) == ("512", "mean")
    assert "--reranking" in arguments([*LEAST, "--task", "rank"], port=9)


@contextmanager
def kept(program: Path) -> Generator[subprocess.Popen[str]]:
    made = worker(
        "llama_binary", key="k3y", server=program, model="m", window=8, places=1, threads=1
    )
    process = subprocess.Popen(
        made.argv,
        env={"PATH": os.defpath, **made.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def child_of(process: subprocess.Popen[str]) -> int:
    assert process.stderr
    word, pid, _, key = process.stderr.readline().split()
    assert (word, key) == ("pid", "k3y")
    return int(pid)


def ended(pid: int) -> bool:
    """Wait until a process of another parent has ended."""
    while Path(f"/proc/{pid}/stat").exists():
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
    return True


@pytest.mark.slow
def test_it_greets_when_the_program_is_well_and_is_silent_when_it_is_not(tmp_path: Path) -> None:
    with kept(write_program(tmp_path / "server", body=ANSWERS)) as process:
        child_of(process)
        assert process.stdout
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        assert process.stdout.readline() == "\n"
        assert process.stdout.read() == ""  # until the program ended, after which it ends
        assert process.wait() == 7


@pytest.mark.slow
def test_the_program_ends_when_standard_input_closes(tmp_path: Path) -> None:
    with kept(write_program(tmp_path / "server", body=ANSWERS)) as process:
        child = child_of(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait() == 0
        assert ended(child)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_program_ends_when_its_keeper_is_killed(tmp_path: Path) -> None:
    with kept(write_program(tmp_path / "server", body=ANSWERS)) as process:
        child = child_of(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert ended(child)


@pytest.mark.slow
def test_a_program_that_ends_at_once_is_told_by_its_status(tmp_path: Path) -> None:
    with kept(write_program(tmp_path / "server", body="raise SystemExit(3)")) as process:
        assert process.wait() == 3
        assert process.stdout
        assert process.stdout.read() == ""
