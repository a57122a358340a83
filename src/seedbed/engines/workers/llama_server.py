"""llama.cpp's own server, in a process of its own, started with `python -m`.

Floor 3. Reads its options from the command line and its key from `SEEDBED_ENGINE_KEY`, listens on a
free port of the loopback, prints `{"url": ...}` when it is ready, and ends when its standard input
closes. Nothing here is imported by the server: the library alone holds over 100 MB.
"""

import argparse
import json
import os
import sys

import xllamacpp


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens a place may hold")
    parser.add_argument("--places", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()

    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [os.environ["SEEDBED_ENGINE_KEY"]]  # noqa: TID251 - its only way in
    params.n_ctx = options.window * options.places
    params.n_parallel = options.places
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.n_threads_http = options.places + 2
    params.endpoint_slots = False
    params.offline = True
    params.ui = False

    server = xllamacpp.Server(params)
    print(json.dumps({"url": server.listening_address}), flush=True)  # noqa: T201 - the greeting
    sys.stdin.read()
    os._exit(0)  # its threads do not end by themselves while a stream is open


if __name__ == "__main__":
    main()
