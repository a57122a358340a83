"""The command line as a user meets it: words in, text on two streams and a status out."""

import hashlib
import json
import socket
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from seedbed.app.house import build_house
from seedbed.app.server import build_app
from seedbed.cli import main
from seedbed.cli.house import House
from seedbed.core.access import Scope
from seedbed.core.ask import Feature
from seedbed.core.model import Model, Upstream
from seedbed.kit.clock import SystemClock
from seedbed.settings import read_settings
from seedbed.store.catalogue import write_card
from tests.api.running import make_key, served

WEIGHTS = bytes(3 << 20)


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error, of a command with `--json`."""
        return json.loads(self.err)["error"]


class Seedbed(Protocol):
    """Run a command with those words, and others of `SEEDBED_*` for this once."""

    def __call__(
        self, *words: str, typed: str = "", change: Callable[[House], House] = ..., **variables: str
    ) -> Said: ...


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What servers in this process log is not what commands print."""
    with capture_logs():
        yield


@pytest.fixture
def port() -> int:
    """A port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@pytest.fixture
def environment(home: Path, port: int) -> dict[str, str]:
    return {
        "SEEDBED_HOME": str(home),
        "SEEDBED_MODELS": "scripted",
        "SEEDBED_PORT": str(port),
        "SEEDBED_WORKERS": "0",
    }


@pytest.fixture
def seedbed(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Seedbed]:
    houses: list[House] = []

    def run(
        *words: str,
        typed: str = "",
        change: Callable[[House], House] = lambda house: house,
        **variables: str,
    ) -> Said:
        def build() -> House:
            houses.append(build_house(environment | variables))
            return change(houses[-1])

        monkeypatch.setattr(sys, "argv", ["seedbed", *words])
        with CliRunner().isolation(input=typed) as (out, err, _), pytest.raises(SystemExit) as end:
            main.run(build)
        status = end.value.code
        assert isinstance(status, int)
        return Said(status, out.getvalue().decode(), err.getvalue().decode())

    yield run
    for house in houses:
        house.client.close()
        house.neighbour.close()


@pytest.fixture
def server(environment: dict[str, str], home: Path, port: int) -> Iterator[str]:
    """A server of this home with the model `scripted`, and a key to it that chat finds."""
    settings, _ = read_settings(environment)
    house = build_house(environment)
    app = build_app(settings, clock=SystemClock(), daemon=house.daemon(port))
    house.key_file.write_text(make_key(home, Scope.ADMIN, name="admin") + "\n")
    with served(app, port) as url:
        yield url
    house.client.close()
    house.neighbour.close()


@pytest.fixture
def card(home: Path) -> None:
    """A model of the user's own, whose weights a wheel `seedbed-test-tiny` carries."""
    (home / "catalogue").mkdir(parents=True)
    (home / "catalogue" / "tiny.toml").write_text(
        f"""
        title = "Tiny"
        engines = ["scripted"]
        window = 64
        parameters = 1
        licence = "MIT"
        [source]
        package = "seedbed-test-tiny"
        version = "1.0"
        [[files]]
        name = "tiny.bin"
        member = "seedbed_test_tiny/tiny.bin"
        bytes = {len(WEIGHTS)}
        sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
        """
    )


_PRICE = """
[[price]]
model = "{model}"
currency = "{currency}"
since = {since}
until = {until}
source = "their page"
per_million = {{ input_fresh = "1" }}
"""


def priced(home: Path, *lines: str, model: str = "far", currency: str = "USD") -> None:
    """A file of prices: each line has the first day of one and its last."""
    (home / "prices").mkdir(parents=True, exist_ok=True)
    spans = [line.split() for line in lines]
    (home / "prices" / "a.toml").write_text(
        "".join(
            _PRICE.format(model=model, currency=currency, since=since, until=until)
            for since, until in spans
        )
    )


@pytest.fixture
def far(home: Path) -> None:
    """The card of a model that others serve, without a price of its own."""
    upstream = Upstream("https://a.example/v1", "openai", "large", None, frozenset({Feature.CHAT}))
    (home / "catalogue").mkdir(parents=True)
    card = Model("far", "Far", ("remote",), 1000, 0, "unknown", upstream=upstream)
    write_card(home / "catalogue" / "far.toml", card)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where pip looks for wheels, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wheel(index: Path) -> None:
    info = "seedbed_test_tiny-1.0.dist-info"
    with zipfile.ZipFile(index / "seedbed_test_tiny-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("seedbed_test_tiny/tiny.bin", WEIGHTS)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: seedbed-test-tiny\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
