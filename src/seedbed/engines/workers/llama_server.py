"""llama.cpp's own server, in a process of its own, started with `python -m`.

Floor 3. Reads its options from the command line and its key from `SEEDBED_ENGINE_KEY`, listens on a
free port of the loopback, prints `{"url": ...}` when it is ready, and ends when its standard input
closes. Nothing here is imported by the server: the library alone holds over 100 MB.
"""

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import xllamacpp

from seedbed.engines.workers.parent import end_with_parent, greet
from seedbed.kit.gguf import read_head

_STEP = 512
"""Tokens of prompts that are read in one step; only between steps does it notice who has left."""
_POOLING = {
    "mean": xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN,
    "rank": xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK,
}


def main(words: Sequence[str]) -> None:
    """Serve until standard input closes."""
    end_with_parent()
    key = os.environ["SEEDBED_ENGINE_KEY"]  # noqa: TID251 - its only way in
    params = parameters(words, key=key)
    read_head(Path(params.model.path))  # of a damaged file the library says nothing that helps
    server = xllamacpp.Server(params)
    greet(url=server.listening_address)
    threading.Event().wait()


def parameters(words: Sequence[str], *, key: str) -> xllamacpp.CommonParams:
    """What the server is started with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens a place may hold")
    parser.add_argument("--places", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--layers", type=int, default=0, help="layers on a graphics processor")
    parser.add_argument("--projector")
    parser.add_argument("--adapter", action="append", default=[])
    parser.add_argument("--task", choices=["generate", "embed", "rank"], default="generate")
    parser.add_argument("--pooling", choices=["mean"])
    options = parser.parse_args(words)

    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.n_batch = _STEP
    params.n_ctx = options.window * options.places
    params.n_parallel = options.places
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.n_threads_http = options.places + 2
    params.n_gpu_layers = options.layers
    params.mmproj.path = options.projector or ""
    params.lora_adapters = [_adapter(path) for path in options.adapter]
    params.endpoint_slots = True  # what each place is doing; only whoever has the key is told
    # A message of the model's own that stands last is answered, and not gone on with.
    params.prefill_assistant = False
    params.offline = True
    params.ui = False
    if options.task != "generate":
        params.embedding = True
        params.n_batch = params.n_ubatch = options.window  # such models read a text in one step
    if pooling := "rank" if options.task == "rank" else options.pooling:
        params.pooling_type = _POOLING[pooling]
    return params


def _adapter(path: str) -> xllamacpp.CommonAdapterLoraInfo:
    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path, adapter.scale = path, 1.0
    return adapter


if __name__ == "__main__":
    main(sys.argv[1:])
