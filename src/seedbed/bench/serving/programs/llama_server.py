"""llama.cpp's own server as it comes, over HTTP: told its file, its threads and its places.

Floor 5. Of a window that is not told it would give each place a part of the model's alone.
"""

import sys
import threading

import xllamacpp

from seedbed.engines.workers.parent import end_with_parent, greet


def main(weights: str, window: int, places: int, threads: int) -> None:
    """Serve until standard input closes."""
    end_with_parent()
    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = window * places
    params.n_parallel = places
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.offline = True
    server = xllamacpp.Server(params)
    greet(url=server.listening_address)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
