"""The fake film-maker that ships: bands of colours that move, made of a hash, without sound.

Floor 3. For tests, and for trying a client without a model. What would change a film changes its
colours, and the same ask has the same film. It counts words as tokens. Where the ask leaves it a
choice, a film has a second of 24 frames, 480 lines and the shape 16:9.
"""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from itertools import islice

import anyio

from seedbed.core.errors import FieldUnserved, PromptTooLong, SeedbedError
from seedbed.core.event import (
    Event,
    Failed,
    Filmed,
    FilmProgress,
    Finished,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.feature import Feature
from seedbed.core.film import ADAPTIVE, SLOWEST, VideoAsk, film_tokens, frame_size
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec
from seedbed.kit.machine import Machine
from seedbed.kit.media.mp4 import mp4
from seedbed.kit.media.png import moving

MEDIA = "video/mp4"
PARTS = 4
"""How often it tells how far it is."""


class ScriptedFilmmaker:
    """Films what is asked. With an `error` it fails with that, after the first part if it `begins`.

    With `waits` it goes on from there only once that is set. `steps` counts the parts made, so that
    a test can tell that closing early stopped the work.
    """

    features = frozenset({Feature.VIDEOS})
    program: Program | None = None

    def __init__(
        self,
        model: str,
        *,
        window: int,
        error: SeedbedError | None = None,
        begins: bool = False,
        waits: anyio.Event | None = None,
    ) -> None:
        self._model, self._window = model, window
        self._error, self._begins, self.waits = error, begins, waits
        self.steps = 0
        self.asked: list[VideoAsk] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    async def film(self, ask: VideoAsk) -> AsyncGenerator[Event]:
        """Yield how far it is, and the film."""
        self.asked.append(ask)
        early = None if self._begins else self._error
        if (error := self._refusal(ask) or early) is not None:
            yield Failed(error)
            return
        yield Started(self._model)
        usage = Usage(input_fresh=len(ask.prompt.split()))
        yield UsageNow(usage)
        for part in range(1, PARTS + 1):
            await anyio.lowlevel.checkpoint()
            self.steps += 1
            yield FilmProgress(part / PARTS, "frames")
            if self.waits is not None:
                await self.waits.wait()
            if self._error is not None:
                yield Failed(self._error)
                return
        filmed = await anyio.to_thread.run_sync(_filmed, ask)
        tokens = film_tokens(filmed.width, filmed.height, filmed.fps, filmed.seconds)
        usage += Usage(output_visible=tokens, film_milliseconds=round(filmed.seconds * 1_000))
        yield UsageNow(usage)
        yield filmed
        yield Finished(Stop.END, usage)

    async def aclose(self) -> None:
        """Nothing to close."""

    def _refusal(self, ask: VideoAsk) -> SeedbedError | None:
        words = len(ask.prompt.split())
        if words >= self._window:
            return PromptTooLong(self._model, tokens=words, window=self._window)
        if ask.sound:
            return FieldUnserved("sound", value="true", because="its films are silent.")
        if ask.scene is not None:
            return FieldUnserved("scene", value="{...}", because="it films no scenes.")
        return None


def _filmed(ask: VideoAsk) -> Filmed:
    fps = ask.fps or SLOWEST
    count = ask.frames or round((1.0 if ask.seconds is None else ask.seconds) * fps) + 1
    ratio = "16:9" if ask.ratio in {None, ADAPTIVE} else str(ask.ratio)
    width, height = ask.size or frame_size(ask.tier or "480p", ratio)
    said = ask.prompt, ask.refs, ask.seed, ask.camera_fixed, ask.watermark
    colours = hashlib.sha256(repr(said).encode()).digest()
    frames = list(islice(moving(colours, width, height), count))
    film = mp4(frames, width, height, fps, kind=b"png ")
    return Filmed(film, MEDIA, width, height, count / fps, fps)


def lacks(machine: Machine) -> str | None:
    """Nothing: it runs wherever Python does."""
    del machine


def make(spec: Spec) -> ScriptedFilmmaker:
    """A film-maker without a script."""
    return ScriptedFilmmaker(spec.model.name, window=spec.model.window)
