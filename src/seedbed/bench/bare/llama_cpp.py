"""llama.cpp's own server, called in its process without HTTP.

Floor 5.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
import xllamacpp

from seedbed.bench.bare.turns import take_turns


class _Usage(msgspec.Struct):
    completion_tokens: int


class _Answer(msgspec.Struct):
    usage: _Usage


def main(weights: str, window: int, places: int, threads: int) -> None:
    """Serve turns with the settings that our worker takes."""
    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.n_ctx = window * places
    params.n_parallel = places
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.n_threads_http = places + 2
    server = xllamacpp.Server(params)

    def one(output: int, prompt: str) -> int:
        messages = [{"role": "user", "content": prompt}]
        body: dict[str, object] = {"messages": messages, "max_tokens": output, "temperature": 0}
        return msgspec.convert(
            server.handle_chat_completions(body), _Answer
        ).usage.completion_tokens

    with ThreadPoolExecutor(places) as pool:

        def answer(prompts: Sequence[str], output: int) -> int:
            return sum(pool.map(partial(one, output), prompts))

        take_turns(answer)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
