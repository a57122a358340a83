"""What lives as long as a server does: its port, its engines' processes, its books, its observers.

Floor 7.
"""

import errno
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import structlog

from seedbed.core.errors import PortTaken, SettingRefused, StoreUnusable
from seedbed.serving.daemon import Daemon
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter
from seedbed.serving.observing import Observer
from seedbed.serving.tracing import Tracing
from seedbed.settings import (
    Settings,
)
from seedbed.store.database import Database

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Take the port, before anything is built behind it.

    Raises:
        PortTaken: another program has it.
        SettingRefused: nobody can listen there.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # at once: until somebody listens, others may bind here, too
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        raise SettingRefused(
            f"The server cannot listen on {host}:{port}: {error.strerror}.",
            hint="Choose another address with SEEDBED_HOST, or another port with SEEDBED_PORT.",
        ) from error
    return listening


def daemon_of(settings: Settings, port: int | None, client: httpx2.Client) -> Daemon:
    """The server in the background, at a port or at the settings' own."""
    return Daemon(
        settings.home,
        host=settings.host,
        port=port or settings.port,
        client=client,
        speaks_tls=bool(settings.certificate),
    )


@asynccontextmanager
async def running(
    deployments: list[LiveDeployment],
    meter: Meter,
    database: Database,
    *more: Callable[[], Coroutine[Any, Any, None]],
) -> AsyncGenerator[None]:
    """Run the engines' processes, the meter and whatever more while the block lasts; then close the
    books.
    """
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(meter.run)
            for live in deployments:
                if live.supervisor:
                    tasks.start_soon(live.supervisor.run)
            for each in more:
                tasks.start_soon(each)
            yield
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup:
        log.exception("server.broke")
        signal.raise_signal(signal.SIGTERM)  # without its meter it must not serve
        raise
    finally:
        with anyio.CancelScope(shield=True):
            for live in deployments:
                await live.engine.aclose()
                live.remember()
            try:
                await meter.close()
            except StoreUnusable as error:
                log.error("ledger.unwritten", why=error.reason, entries=meter.unwritten)
            finally:
                database.close()


@asynccontextmanager
async def observed(observer: Observer, traces: Tracing | None) -> AsyncGenerator[None]:
    """Hand on what happens while the block lasts, and at its end the rest."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(observer.run)
        if traces:
            tasks.start_soon(traces.run)
        yield
        tasks.cancel_scope.cancel()
    observer.flush()
    if traces:
        await traces.close()


@asynccontextmanager
async def beside(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Do something while the block lasts."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        yield
        tasks.cancel_scope.cancel()
