"""A `llama-server` of the operator's own, kept by a process of ours, started with `python -m`.

Floor 3. Takes the options of `llama_server.py`, and `--server`, the program. It gives the program a
free port of the loopback, waits until it answers there, greets, and says that it is alive only
while `/health` answers. It ends when its standard input closes or the program ends, and the program
ends with it.
"""

import argparse
import ctypes
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from seedbed.engines.base import BEAT_SECONDS
from seedbed.engines.workers import adapters

_LOADING_SECONDS = 0.1
"""How long to wait between two looks at a program that still loads."""
_PATIENCE_SECONDS = 10.0
"""How long an answer to `/health` may take."""
_STEP = "512"
"""Tokens of prompts that are read in one step, as in `llama_server.py`."""
_PR_SET_PDEATHSIG = 1


def main(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Keep the program until standard input closes; returns the status that it ended with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    options, rest = parser.parse_known_args(words)
    model, found = adapters.given(rest)
    try:
        adapters.check_files(model, found)
    except adapters.BadAdapter as bad:
        sys.exit(str(bad))
    port = _free_port()
    given = dict(environment)
    given["LLAMA_API_KEY"] = given.pop("SEEDBED_ENGINE_KEY")
    program = subprocess.Popen(  # noqa: S603 - the operator chose it
        [options.server, *arguments(rest, port=port)],
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads yet
    )
    threading.Thread(target=_wait_and_end, args=(program,), daemon=True).start()
    greeting = {"url": f"http://127.0.0.1:{port}", "build": _build(Path(options.server))}
    check = partial(adapters.check_answers, greeting["url"], given["LLAMA_API_KEY"], [*found])
    _keep(program, port, greeting, check)
    return program.wait()


def arguments(words: Sequence[str], *, port: int) -> list[str]:
    """Our options in the program's own words."""
    parser = argparse.ArgumentParser()
    for name in ("model", "projector", "pooling", "prefixes"):
        parser.add_argument(f"--{name}")
    for name in ("window", "places", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--adapter", action="append", default=[])
    parser.add_argument("--task", default="generate")
    options = parser.parse_args(words)
    line = ["--host", "127.0.0.1", "--port", str(port), "--model", options.model]
    line += ["--ctx-size", str(options.window * options.places), "--parallel", str(options.places)]
    line += ["--threads", str(options.threads), "--threads-batch", str(options.threads)]
    line += ["--n-gpu-layers", str(options.layers), "--jinja", "--slots"]
    line.append("--no-prefill-assistant")
    _, found = adapters.given(words)
    for path in found.values():
        line += ["--lora", str(path)]
    if found:
        line.append("--lora-init-without-apply")
    # What it keeps of prompts beside its places forgets whose they were, and with which adapter.
    line += ["--cache-ram", "0"]
    if options.prefixes:
        line += ["--slot-save-path", options.prefixes]
    if options.projector:
        line += ["--mmproj", options.projector]
    if options.task == "generate":
        line += ["--batch-size", _STEP]
    else:
        window = str(options.window)
        line += ["--embedding", "--batch-size", window, "--ubatch-size", window]
    if options.task == "rank":
        line.append("--reranking")
    if options.pooling:
        line += ["--pooling", options.pooling]
    return line


def _build(server: Path) -> str:
    """What tells one build from another; its own number is often missing."""
    with server.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(
    program: subprocess.Popen[bytes],
    port: int,
    greeting: Mapping[str, str],
    check: Callable[[], None],
) -> None:
    """Greet once it answers as it should, and give signs of life for as long as it answers."""
    while program.poll() is None and not _answers(port):
        time.sleep(_LOADING_SECONDS)
    if program.poll() is None:
        try:
            check()
        except adapters.BadAdapter as bad:
            program.kill()
            program.wait()
            sys.exit(str(bad))
        _say(msgspec.json.encode(greeting).decode())
    while program.poll() is None:
        if _answers(port):
            _say("")
        with_end = time.monotonic() + BEAT_SECONDS / 2
        while program.poll() is None and time.monotonic() < with_end:
            time.sleep(_LOADING_SECONDS)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait_and_end(program: subprocess.Popen[bytes]) -> None:
    """End both as soon as standard input is closed."""
    sys.stdin.read()
    program.kill()
    os._exit(0)


def _end_with_parent() -> None:
    """Have the kernel end the program when this process ends, however it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))  # noqa: TID251 - its key comes this way
