"""A fake `llama-server`: the library's own server behind that program's command line.

It stands for a program of the operator's own, which a test cannot bring.
"""

import argparse
import os
import sys
import threading
from pathlib import Path

import xllamacpp


def main() -> None:
    """Serve as the real program would, as far as the options here go."""
    parser = argparse.ArgumentParser()
    for name in ("host", "model", "mmproj", "pooling"):
        parser.add_argument(f"--{name}")
    for name in (
        "port",
        "ctx-size",
        "parallel",
        "threads",
        "threads-batch",
        "n-gpu-layers",
        "batch-size",
    ):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--jinja", action="store_true")
    parser.add_argument("--slots", action="store_true")
    parser.add_argument("--no-prefill-assistant", action="store_true")
    parser.add_argument("--lora", action="append", default=[])
    parser.add_argument("--lora-init-without-apply", action="store_true")
    parser.add_argument("--cache-ram", type=int, default=0)
    parser.add_argument("--slot-save-path", default="")
    options = parser.parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.hostnames = [options.host]
    params.port = options.port
    params.api_keys = [os.environ["LLAMA_API_KEY"]]
    params.n_ctx = options.ctx_size
    params.n_batch = options.batch_size
    params.n_parallel = options.parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.ui = False
    params.cache_ram_mib = options.cache_ram
    params.slot_save_path = options.slot_save_path and f"{options.slot_save_path}/"
    params.lora_adapters = [_adapter(path) for path in options.lora]
    server = xllamacpp.Server(params)
    sys.stdout.write(f"the fake listens at {server.listening_address}\n")
    sys.stdout.flush()
    threading.Event().wait()


def _adapter(path: str) -> xllamacpp.CommonAdapterLoraInfo:
    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path, adapter.scale = path, 1.0
    return adapter


def write_program(path: Path, *, body: str = "") -> Path:
    """Write a program that runs this file, or a body in its place."""
    run = f"import runpy; runpy.run_path({__file__!r}, run_name='__main__')"
    path.write_text(f"#!{sys.executable}\n{body or run}\n")
    path.chmod(0o755)
    return path


if __name__ == "__main__":
    main()
