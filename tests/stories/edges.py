"""A server process for the stories about hard edges, without weights.

Its model says a word for each byte of standard input. It prints its port, and at the end how many
answers were settled, and how. `python -m tests.stories.edges HOME GRACE [CONNECTIONS] [CERT KEY]`.
"""

import os
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio

from seedbed.api.limits import Limits
from seedbed.api.openai.write import problem
from seedbed.api.secrecy import secure
from seedbed.api.server import make_server, room_for
from seedbed.api.stopping import Stopping
from seedbed.core.access import Scope
from seedbed.core.ask import Ask
from seedbed.core.event import Event, Finished, Started, Stop, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import build, make_key

WINDOW = 100_000


class Paced(Scripted):
    """Says `word` for each `w` of standard input, and ends at an `e`."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        yield Started(ask.model)
        words = 0
        while True:
            await anyio.wait_readable(sys.stdin)
            if os.read(sys.stdin.fileno(), 1) == b"e":
                break
            words += 1
            yield TextDelta("word ")
        yield Finished(Stop.END, Usage(input_fresh=1, output_visible=words))


def main() -> None:
    home, grace, connections, *files = sys.argv[1:]
    clock = SystemClock()
    stopping = Stopping()
    Path(home).mkdir(exist_ok=True)
    engines = {
        "paced": Paced("paced", window=WINDOW),
        "scripted": Scripted("scripted", window=WINDOW),
    }
    app = build(engines, home=Path(home), clock=clock, stopping=stopping)
    certificate, key = files or ("", "")
    tls = secure("127.0.0.1", certificate=certificate, key=key, in_the_clear=False)
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = make_server(
        app,
        limits=Limits(connections=room_for(int(connections))),
        problem=problem,
        stopping=stopping,
        grace=float(grace),
        tls=tls,
    )
    key = make_key(Path(home), Scope.MODELS)
    print(listening.getsockname()[1], key, flush=True)  # noqa: T201 - what the story waits for
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
