"""The studio: each order is done by a process of its own, that is ended when nobody waits for it.

Floor 5. So the worker of the house imports no library of films, a fault of one ends one order, and
all its memory is given back.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, cast

import anyio
import msgspec

from seedbed.core.errors import EngineFailed, RequestMalformed, StoreUnusable
from seedbed.kit.beginning import whole
from seedbed.kit.film.quiet import QUIET
from seedbed.media.studio.orders import LINES, Brought, Done, Order, Wrong

Tell: TypeAlias = Callable[[float, str], Awaitable[None]]
"""Hears how much is done, from 0 to 1, and what is done now."""
_MODULE = "seedbed.media.studio.process"
_LONGEST_LINE = 1 << 24
_MOST_SAID = 2_000


class Studio:
    """Does orders, so many at once."""

    def __init__(self, *, at_once: int = 1, module: str = _MODULE) -> None:
        self._places = anyio.CapacityLimiter(at_once)
        self._module = module

    async def do(self, order: Order, tell: Tell) -> Mapping[str, object]:
        """What came of an order.

        Raises:
            RequestMalformed: it cannot be done as it was ordered.
            StoreUnusable: the disk is full.
            EngineFailed: its process broke.
        """
        async with self._places:
            beginning = asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._module),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", **QUIET},
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
            process = await whole(beginning)
            try:
                return await self._followed(process, order, tell)
            finally:
                await _end(process)

    async def _followed(self, process: Process, order: Order, tell: Tell) -> Mapping[str, object]:
        hand = cast(asyncio.StreamWriter, process.stdin)
        hand.write(msgspec.json.encode(order) + b"\n")
        complaint = asyncio.create_task(cast(asyncio.StreamReader, process.stderr).read())
        try:
            async for line in cast(asyncio.StreamReader, process.stdout):
                match LINES.decode(line):
                    case Done(share, what):
                        await tell(share, what)
                    case Brought(facts):
                        return facts
                    case Wrong(why, is_full):
                        raise _refused(why, is_full=is_full)
            said = (await complaint).decode(errors="replace")[-_MOST_SAID:].strip()
            why = f"its process ended ({said.splitlines()[-1] if said else 'without a word'})"
            raise EngineFailed("studio", why=why)
        except msgspec.MsgspecError as error:
            why = f"its process said what cannot be read ({error})"
            raise EngineFailed("studio", why=why) from error
        finally:
            complaint.cancel()


def _refused(why: str, *, is_full: bool) -> RequestMalformed | StoreUnusable:
    if is_full:
        hint = "Make room; a film that is a job goes on by itself."
        what = f"The result cannot be written: {why}."
        return StoreUnusable(what, hint=hint, reason=why, path="")
    hint = "Look at what was asked for, and at the files that it refers to."
    return RequestMalformed(f"The studio cannot do it: {why}.", hint=hint)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    cast(asyncio.StreamWriter, process.stdin).close()
    with anyio.CancelScope(shield=True):
        await process.communicate()  # so that no pipe stays open
