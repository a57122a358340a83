"""What an engine is.

Floor 3. An engine turns an ask into events for one model. It does not queue, retry, price or choose
among deployments, and it starts no process: `seedbed.serving` does all five. It knows one
implementation and no door.

To add one, write `seedbed/engines/<kind>.py` with `make(spec)`, and `lacks(machine)`, which says in
a few words what a machine lacks to run it, or `None`; the contract suite in
`tests/engines/test_contract.py` finds it by its file.
"""

import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from seedbed.core.ask import (
    Ask,
    CountAsk,
    EmbedAsk,
    Feature,
    ImageAsk,
    RerankAsk,
    SceneAsk,
    TokenizeAsk,
)
from seedbed.core.event import Event
from seedbed.core.film import VideoAsk
from seedbed.core.model import Model
from seedbed.core.sound import ListenAsk, SpeechAsk
from seedbed.core.usage import Usage
from seedbed.store.kv import SavedPrefixes


@dataclass(frozen=True, slots=True)
class Spec:
    """What an engine is made from: the card, the files (where it has any), and its share here.

    `weights` is the file that is loaded, or for a model of several files the first of them;
    `adapters` are by their names.
    `layers` go to a graphics processor, where the engine was built for one; `server` is a program
    of the operator's that is used in place of ours; `secret` is for an upstream, and `proxies` are
    the variables that name the machine's proxies on the way there, such as `https_proxy`.
    `prefixes` are what engines of this machine have read before. With `lookup` tokens are guessed
    ahead from the prompt, which answers that copy gain by. `fonts` are folders of the user's own.
    """

    model: Model
    weights: Path | None
    places: int
    threads: int
    projector: Path | None = None
    adapters: Mapping[str, Path] = field(default_factory=dict[str, Path])
    layers: int = 0
    server: Path | None = None
    secret: str | None = None
    proxies: Mapping[str, str] = field(default_factory=dict[str, str])
    prefixes: SavedPrefixes | None = None
    lookup: bool = False
    fonts: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A process that an engine needs beside it.

    The process prints one line of JSON, an object of strings, on its standard output when it is
    ready, and ends by itself when its standard input is closed: so it never outlives the server,
    however that dies. From then on it prints a line at least every `BEAT_SECONDS` seconds, by which
    its keeper knows that it is alive. Secrets go in `environment`, which is added to a nearly empty
    one. `graphics` is the share of its weights that lie on graphics processors, between 0 and 1.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    graphics: float = 0.0


BEAT_SECONDS = 5.0
"""How often a program says that it is alive."""


Value: TypeAlias = str | int | Path | None


def worker(name: str, *, key: str, **options: Value | tuple[Value, ...]) -> Program:
    """A program of ours from `engines/workers`, with its options, and its key kept off the line.

    An option that is `None` is left out; of a tuple each value is given by itself.
    """
    argv = [sys.executable, "-m", f"seedbed.engines.workers.{name}"]
    for option, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                argv += [f"--{option}", str(one)]
    return Program(tuple(argv), {"SEEDBED_ENGINE_KEY": key})


class Engine(Protocol):
    """Serves one model, in the ways that its features name."""

    @property
    def features(self) -> frozenset[Feature]:
        """What it serves."""
        ...

    @property
    def program(self) -> Program | None:
        """The process that must run before it is asked, or none."""
        ...

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take what the program said when it was ready. Called again after each restart.

        Raises:
            EngineFailed: the greeting is not one of this engine's program.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Generator(Protocol):
    """An engine with `Feature.CHAT` or `Feature.COMPLETION`."""

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Yield one stream as `seedbed.core.event` describes it.

        Every fault ends in `Failed`, never in an exception: `PromptTooLong` before anything else;
        `EngineUnreachable` only where nothing was begun, so that asking again is safe;
        `EngineFailed` for the rest, a stream that is cut off included.

        Closing the generator early stops the work after at most one further step of the engine.
        """
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a prompt took, and by dialect what whoever answers it must be told beside."""

    usage: Usage
    handed: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )


@runtime_checkable
class Reader(Protocol):
    """An engine that can read a prompt for another one to answer."""

    async def read(self, ask: Ask) -> Read:
        """Read a prompt and leave what came of it where the other finds it.

        Raises:
            SeedbedError: it could not be read.
        """
        ...


@runtime_checkable
class Embedder(Protocol):
    """An engine with `Feature.EMBEDDING`."""

    def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, an `Embedded` for each text, and the end, as `generate` does."""
        ...


@runtime_checkable
class Ranker(Protocol):
    """An engine with `Feature.RERANK`."""

    def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, a `Ranked` for each text, and the end, as `generate` does."""
        ...


@runtime_checkable
class Painter(Protocol):
    """An engine with `Feature.IMAGES`."""

    def paint(self, ask: ImageAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, a `Painted` or a `PaintFailed` for each picture, and the end, as
        `generate` does.

        Before each `Painted` a `UsageNow` tells all that was used by then, with that picture. Where
        none came about, the end is `Failed`.
        """
        ...


@runtime_checkable
class Filmmaker(Protocol):
    """An engine with `Feature.VIDEOS`."""

    def film(self, ask: VideoAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, a `FilmProgress` for each part of the work, one `Filmed`, and the end,
        as `generate` does.

        Before the `Filmed` a `UsageNow` tells all that was used. What the ask goes by comes as
        bytes, or as an address.
        """
        ...


@runtime_checkable
class Speaker(Protocol):
    """An engine with `Feature.SPEECH`."""

    def speak(self, ask: SpeechAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, a `Spoken` of plain sound for each piece, and the end, as `generate`
        does.

        Before each `Spoken` a `UsageNow` tells all that was used by then, with that piece.
        """
        ...


@runtime_checkable
class Listener(Protocol):
    """An engine with `Feature.LISTENING`."""

    def listen(self, ask: ListenAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, for each piece of the sound its words as `TextDelta`s and then a
        `Heard`, and the end, as `generate` does.

        The sound is plain. The first `UsageNow` tells how much of it there is.
        """
        ...


@runtime_checkable
class Counter(Protocol):
    """An engine with `Feature.TOKENS`. Neither verb takes time from its answers, or uses anything.

    One that has words for one of the two alone refuses the other with `FeatureUnserved`.
    """

    def tokenize(self, ask: TokenizeAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, a `Tokenized` for each text, and the end, as `generate` does.

        Names of control tokens in a text are read as such; what a model wants put around a text is
        not among its tokens.
        """
        ...

    def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """Yield `Started`, one `Counted`, and the end, as `generate` does.

        It is as many as the same ask would be told as its input; for a prompt that is longer than
        the window it may be about as many.
        """
        ...


@runtime_checkable
class Drafter(Protocol):
    """An engine with `Feature.SCENES`."""

    def check(self, ask: SceneAsk) -> AsyncGenerator[Event]:
        """Yield `Started` and the end, as `generate` does: `SceneUndrawable` where any place of the
        Scene could not be drawn. It draws and uses nothing.
        """
        ...
