"""What draws, in a process of its own, started with `python -m`.

Floor 3. Listens on a free port of the loopback and greets with it. A caller opens a connection for
each order, sends it in one line of JSON, and reads lines; closing the connection ends the work
after the frame under way. The process ends when its standard input closes.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import cv2
import msgspec

from seedbed.core.errors import SceneMalformed, SceneUndrawable, SeedbedError
from seedbed.engines.drafting.draftsman import Draftsman
from seedbed.engines.drafting.wire import LONGEST_LINE, Broken, Line, Order, Wrong
from seedbed.engines.workers.parent import end_with_parent, greet
from seedbed.kit.media.errors import MediumFault

_BREAKS = (
    MediumFault,
    cv2.error,
    RuntimeError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    OSError,
    MemoryError,
)
"""What a library that finds a fault raises; it ends one order, and not the process."""


class Gone(Exception):
    """Who ordered it has left."""


class Caller:
    """Who ordered one drawing; told from the thread that draws."""

    def __init__(self, loop: asyncio.AbstractEventLoop, writer: asyncio.StreamWriter) -> None:
        self._loop, self._writer = loop, writer
        self.is_gone = False

    def tell(self, line: Line) -> None:
        """Send one line, and wait until it is on its way.

        Raises:
            Gone: nobody listens any more.
        """
        asyncio.run_coroutine_threadsafe(self._send(line), self._loop).result()

    async def _send(self, line: Line) -> None:
        if self.is_gone:
            raise Gone
        self._writer.write(msgspec.json.encode(line) + b"\n")
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise Gone from error


class Worker:
    """Draws what is ordered, so many at once."""

    def __init__(self, draftsman: Draftsman, *, places: int, key: str) -> None:
        self._draftsman, self._key = draftsman, key
        self._threads = ThreadPoolExecutor(places)

    async def serve(self) -> None:
        """Greet, and answer until the process ends."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=LONGEST_LINE)
        host, port = server.sockets[0].getsockname()
        greet(host=host, port=str(port))
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        caller = Caller(loop, writer)
        try:
            order = msgspec.json.decode(await reader.readline(), type=Order)
            if order.key == self._key:
                drawing = loop.run_in_executor(self._threads, self._draw, order, caller.tell)
                leaving = asyncio.create_task(reader.read())
                await asyncio.wait({drawing, leaving}, return_when=asyncio.FIRST_COMPLETED)
                caller.is_gone = leaving.done()
                await drawing
                leaving.cancel()
        except (ConnectionError, ValueError, msgspec.MsgspecError):
            pass  # whoever speaks so is not our engine, or has gone
        finally:
            writer.close()

    def _draw(self, order: Order, tell: Callable[[Line], None]) -> None:
        try:
            self._draftsman.draw(order, tell)
        except Gone:
            pass
        except SeedbedError as error:
            _tell(tell, _wrong(error))
        except _BREAKS as error:
            _tell(tell, Broken(f"{type(error).__name__}: {error}"[:300]))


def _tell(tell: Callable[[Line], None], line: Line) -> None:
    with suppress(Gone):
        tell(line)


def _wrong(error: SeedbedError) -> Wrong:
    if isinstance(error, SceneMalformed | SceneUndrawable):
        return Wrong(str(error.facts["at"]), str(error.facts["why"]), error.hint)
    return Wrong("", error.what, error.hint, str(error.facts.get("field") or "prompt"))


def main(words: Sequence[str]) -> None:
    """Serve until standard input closes."""
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--places", type=int, required=True, help="drawings at once")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="a folder of them")
    options = parser.parse_args(words)
    key = os.environ["SEEDBED_ENGINE_KEY"]  # noqa: TID251 - its only way in
    cv2.setNumThreads(1)  # its threads would take more than they bring: places draw side by side
    worker = Worker(Draftsman.ready(options.fonts), places=options.places, key=key)
    asyncio.run(worker.serve())


if __name__ == "__main__":
    main(sys.argv[1:])
