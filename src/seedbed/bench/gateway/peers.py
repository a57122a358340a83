"""Other gateways, where they are installed: set up to do no more than ours does.

Floor 5.
"""

import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from seedbed.bench.gateway import words
from seedbed.bench.gateway.programs import started
from seedbed.bench.gateway.targets import Start, Startup, Target, free_port

_SHARE = 0.04


def version_of(program: str, environment: Mapping[str, str]) -> str:
    """What the program calls its version, the last word of what it says of that."""
    argv = [program, "--version"]
    told = subprocess.run(  # noqa: S603 - a program that the operator named
        argv, env=environment, capture_output=True, text=True, check=False
    )
    return (told.stdout.split() or ["unknown"])[-1]


@contextmanager
def litellm(
    program: str, behind: Target, work: Path, environment: Mapping[str, str]
) -> Generator[tuple[Target, Start]]:
    """LiteLLM's proxy: one worker, one key, no database, and so no ledger."""
    port, key = free_port(), "sk-bench-of-a-gateway"
    served = {
        "model": f"openai/{words.MODEL}",
        "api_base": f"http://127.0.0.1:{behind.port}/v1",
        "api_key": "none",
    }
    config = {
        "model_list": [{"model_name": words.MODEL, "litellm_params": served}],
        "general_settings": {"master_key": key},
    }
    file, log = work / "litellm.yaml", work / "litellm.log"
    file.write_bytes(msgspec.json.encode(config))  # which is YAML, too
    argv = [program, "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--num_workers", "1"]
    alone = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # it would fetch prices from the network
    began = time.perf_counter()
    with started(argv, environment={**environment, **alone}, log=log) as process:
        target = Target("litellm", port, process.pid, key, share=_SHARE)
        startup = Startup(process, log, began=began)
        yield target, startup.watch(target, ready="/health/readiness")
