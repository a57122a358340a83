"""What is written in one turn of the loop is sent at once, and nothing of it is lost."""

import asyncio
from typing import Any

import pytest

from seedbed.api.gathering import Gathering

pytestmark = pytest.mark.anyio


class Wire(asyncio.Transport):
    """A transport that remembers what was done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[object] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("aborted")

    def write_eof(self) -> None:
        self.done.append("ended")

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return 5

    def is_closing(self) -> bool:
        return "closed" in self.done

    def pause_reading(self) -> None:
        self.done.append("paused")

    def resume_reading(self) -> None:
        self.done.append("resumed")

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (name, default)


def gathering() -> tuple[Wire, Gathering]:
    wire = Wire()
    return wire, Gathering(wire, asyncio.get_running_loop())


async def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    wire, transport = gathering()
    transport.write(b"head ")
    transport.write(b"body")
    assert (wire.done, transport.get_write_buffer_size()) == ([], 9 + 5)
    await asyncio.sleep(0)
    transport.write(b"more")
    await asyncio.sleep(0)
    assert wire.done == [b"head body", b"more"]


@pytest.mark.parametrize("last", ["closed", "ended"])
async def test_an_end_comes_after_all_that_was_written(last: str) -> None:
    wire, transport = gathering()
    transport.write(b"a")
    assert transport.can_write_eof()
    if last == "closed":
        transport.close()
    else:
        transport.write_eof()
    await asyncio.sleep(0)
    assert wire.done == [b"a", last]
    assert transport.is_closing() == (last == "closed")


async def test_who_aborts_sends_nothing_more() -> None:
    wire, transport = gathering()
    transport.write(b"a")
    transport.abort()
    await asyncio.sleep(0)
    assert wire.done == ["aborted"]


async def test_what_was_gathered_for_a_caller_who_has_gone_is_dropped() -> None:
    wire, transport = gathering()
    transport.write(b"a")
    wire.close()
    await asyncio.sleep(0)
    assert wire.done == ["closed"]


async def test_all_else_is_the_transports() -> None:
    wire, transport = gathering()
    transport.pause_reading()
    transport.resume_reading()
    assert wire.done == ["paused", "resumed"]
    assert transport.get_extra_info("peername", 1) == ("peername", 1)
