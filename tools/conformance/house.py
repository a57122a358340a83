"""A house for the length of a measurement, with what the vendors' tests take to be there.

Its models are the fakes that ship, and answer to the vendors' names by their cards.
"""

import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import httpx2
from anyio.from_thread import start_blocking_portal

from seedbed.api.limits import Limits
from seedbed.api.openai.write import problem
from seedbed.api.server import make_server
from seedbed.api.stopping import Stopping
from seedbed.app.server import build_app
from seedbed.app.worker import working
from seedbed.core.access import Scope
from seedbed.engines import scripted
from seedbed.engines.base import Spec
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from seedbed.settings import Settings
from seedbed.store.catalogue import SHIPPED, read_catalogue
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.naming import write_names

PROJECT = "test"
WORDS, PAINTER, FILMMAKER, VOICE, LISTENER = (
    "scripted",
    "scripted-painter",
    "scripted-filmmaker",
    "scripted-voice",
    "scripted-listener",
)
_KNOWN_AS: Mapping[str, str] = {
    WORDS: "gpt-6-astra gpt-5.6-sol gpt-5.6 gpt-5.5 gpt-5.4 gpt-5.2 gpt-5.1 gpt-5 gpt-4.1 gpt-4o "
    "gpt-4o-2024-08-06 gpt-4o-mini gpt-3.5-turbo-instruct text-embedding-3-small "
    "text-embedding-ada-002 model model_id string before_id after_id "
    "claude-opus-5-5 claude-opus-4-8 claude-opus-4-6 claude-sonnet-5-5 claude-haiku-5-5 "
    "claude-fable-5-1 claude-1.3 seed-1-6-250615 doubao-seed-1-6 doubao-embedding-vision-250615",
    PAINTER: "gpt-image-1 gpt-image-1.5 gpt-image-2 gpt-image-2.5-flare dall-e-3",
    FILMMAKER: "sora-2 sora-2-pro ep-20251209175451-tctqz",
    VOICE: "tts-1 gpt-4o-mini-tts",
    LISTENER: "gpt-4o-transcribe gpt-transcribe whisper-1",
}
"""What models the vendors' tests and examples name, and the fake that answers for them."""


@dataclass(frozen=True, slots=True)
class House:
    """Where it is, a key to it, and its home."""

    url: str
    key: str
    home: Path

    @contextmanager
    def worker(self) -> Generator[None]:
        """Have jobs done while the block lasts."""
        settings = Settings(home=self.home, server=self.url)
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(working(settings, {})),
        ):
            yield


@contextmanager
def house(make: Callable[[Spec], Scripted] = scripted.make) -> Generator[House]:
    """A house on loopback, with a home of its own that goes with it.

    Its words come from an engine that `make` gives.
    """
    with TemporaryDirectory() as folder, patch.object(scripted, "make", make):
        home = Path(folder)
        _write_cards(home / "catalogue")
        key = _make_key(home)
        with _served(Settings(home=home, models=tuple(_KNOWN_AS), log_requests=False)) as url:
            yield House(url, key, home)


def _write_cards(folder: Path) -> None:
    """More names for the shipped cards."""
    shipped = read_catalogue(SHIPPED)
    for name, known_as in _KNOWN_AS.items():
        write_names(folder, shipped, name, known_as.split())


def _make_key(home: Path) -> str:
    now = int(SystemClock().wall() * 1e6)
    with closing(open_database(home / "seedbed.db")) as database:
        scopes = frozenset({Scope.MODELS})
        return Keys(database).create("test", user="u", project=PROJECT, scopes=scopes, now=now)[1]


@contextmanager
def _served(settings: Settings) -> Generator[str]:
    app = build_app(settings, clock=SystemClock())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = make_server(app, limits=Limits(), problem=problem, stopping=Stopping(), grace=5)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            httpx2.get(f"{url}/healthz", timeout=60)  # answered only once the start-up is done
            yield url
        finally:
            server.should_exit = True
            thread.join()
