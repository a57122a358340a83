"""llama.cpp's own server, in a process of its own, started with `python -m`.

Floor 3. Reads its options from the command line and its key from `SEEDBED_ENGINE_KEY`, listens on a
free port of the loopback, prints `{"url": ...}` when it is ready, and ends when its standard input
closes. Nothing here is imported by the server: the library alone holds over 100 MB.
"""

import argparse
import importlib.metadata
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import xllamacpp

from seedbed.engines.workers import adapters
from seedbed.engines.workers.parent import end_with_parent, give_up, greet
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
    model, found = adapters.given(words)
    try:
        adapters.check_files(model, found)
        server = xllamacpp.Server(params)
        adapters.check_answers(server.listening_address, key, list(found))
    except adapters.BadAdapter as bad:
        give_up(str(bad))
    build = f"xllamacpp {importlib.metadata.version('xllamacpp')}"
    greet(url=server.listening_address, build=build)
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
    parser.add_argument("--prefixes", help="the folder of saved prefixes")
    parser.add_argument("--adapter", action="append", default=[], help="NAME=PATH")
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
    _, found = adapters.given(words)
    params.lora_adapters = [_adapter(path) for path in found.values()]
    # What it keeps of prompts beside its places forgets whose they were, and with which adapter.
    params.cache_ram_mib = 0
    params.slot_save_path = f"{options.prefixes}/" if options.prefixes else ""
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


def _adapter(path: Path) -> xllamacpp.CommonAdapterLoraInfo:
    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path, adapter.scale = str(path), 0.0  # each request says which it wants
    return adapter


if __name__ == "__main__":
    main(sys.argv[1:])
