"""An engine that answers each ask with the next of its scripts, and a server of tools to call."""

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager

import msgspec
from starlette.types import Receive, Scope, Send

from seedbed.core.ask import Ask
from seedbed.core.event import Event
from seedbed.core.message import Call, Part
from seedbed.engines.scripted import Scripted
from tests.tools.servers import make_server, serving


class Turns(Scripted):
    """Answers each ask with the next of its scripts."""

    def __init__(self, *scripts: Sequence[Part]) -> None:
        super().__init__("m", window=10_000)
        self._scripts = list(scripts)

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        self._script = self._scripts.pop(0)
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event


def use(name: str, **arguments: object) -> Call:
    return Call(f"call_{name}", name, msgspec.json.encode(arguments).decode())


@contextmanager
def guarded_server(seen: list[dict[bytes, bytes]]) -> Generator[str]:
    """The address of a server that adds; the headers of each request to it are `seen`."""
    inner = make_server().streamable_http_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            seen.append(dict(scope["headers"]))
        await inner(scope, receive, send)

    with serving(app) as url:
        yield f"{url}/mcp"
