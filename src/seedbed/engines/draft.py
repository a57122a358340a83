"""The drawing engine: pictures and films drawn from a Scene as clean illustrations, on a processor.

Floor 3. It needs no model. What it draws is a draft by name, a storyboard and an animatic, and the
structure for engines that paint. A prompt is planned into a Scene by rule; a picture is changed as
one (`drafting/editing/`). It runs in a process of its own (`workers/draft.py`), since what draws
and encodes takes the whole of a core.
"""

import hashlib
import importlib.util
import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import cast

import anyio
import msgspec
from anyio.streams.buffered import BufferedByteReceiveStream

from seedbed.core.ask import PICTURE_SIDES, ImageAsk, SceneAsk, picture_tokens
from seedbed.core.errors import (
    EngineFailed,
    EngineUnreachable,
    FieldUnserved,
    PromptTooLong,
    RequestMalformed,
    SceneUndrawable,
    SeedbedError,
)
from seedbed.core.event import (
    Event,
    Failed,
    Filmed,
    FilmProgress,
    Finished,
    Painted,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.feature import Feature
from seedbed.core.film import ADAPTIVE, VideoAsk, film_tokens, frame_size
from seedbed.core.message import Media
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec, worker
from seedbed.engines.drafting.wire import (
    LINES,
    LONGEST_LINE,
    Begun,
    Broken,
    Drawn,
    Line,
    Made,
    Order,
    Sound,
    Wrong,
)
from seedbed.kit.film.quiet import QUIET
from seedbed.kit.machine import Machine

_CONNECT_SECONDS = 5
_NEEDED = ("av", "skia", "typst", "cv2")
_USUAL_SECONDS, _USUAL_FPS = 5.0, 24


class Draft:
    """One process that draws."""

    features = frozenset({Feature.IMAGES, Feature.IMAGE_EDIT, Feature.VIDEOS, Feature.SCENES})

    def __init__(self, model: str, *, window: int, program: Program | None, key: str) -> None:
        self.program = program
        self._model, self._window, self._key = model, window, key
        self.place = ("", 0)
        """Where the process listens: host and port."""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take the address that the process listens on."""
        try:
            self.place = greeting["host"], int(greeting["port"])
        except (KeyError, ValueError) as error:
            why = f"its program greeted with {dict(greeting)!r}"
            raise EngineFailed(self._model, why=why) from error

    async def paint(self, ask: ImageAsk) -> AsyncGenerator[Event]:
        """Yield the pictures, one after the other; each is of a seed of its own."""
        if (refusal := self._refusal(ask)) is not None:
            yield Failed(refusal)
            return
        usage, notes = Usage(input_fresh=len(ask.prompt.split())), tuple[str, ...]()
        for ordinal in range(ask.count if ask.exact else 1):
            async for line in self._lines(_still(self._key, ask, ordinal)):
                if isinstance(line, SeedbedError):
                    yield Failed(line)
                    return
                if isinstance(line, Begun):
                    notes = line.notes
                    if not ordinal:
                        yield Started(self._model)
                        yield UsageNow(usage)
                if isinstance(line, Made):
                    tokens = picture_tokens(line.width, line.height)
                    usage += Usage(output_visible=tokens, images=1)
                    yield UsageNow(usage)
                    size = line.width, line.height
                    yield Painted(ordinal, line.data, *size, line.media, notes=notes)
        yield Finished(Stop.END, usage)

    async def film(self, ask: VideoAsk) -> AsyncGenerator[Event]:
        """Yield how far it is, and the film, or the frames of it that are asked for."""
        if (refusal := self._refusal(ask)) is not None:
            yield Failed(refusal)
            return
        usage = Usage(input_fresh=len(ask.prompt.split()))
        order, frames = _moving(self._key, ask), 1
        fps = order.fps or _USUAL_FPS
        async for line in self._lines(order):
            match line:
                case SeedbedError():
                    yield Failed(line)
                    return
                case Begun():
                    yield Started(self._model)
                    yield UsageNow(usage)
                    frames, fps = line.frames, _fps(line.scene)
                case Drawn(drawn):
                    yield FilmProgress(drawn / frames, "frames")
                case Made():
                    film, used = _filmed(line, frames / fps, fps)
                    usage += used
                    yield UsageNow(usage)
                    yield film
                case _:
                    pass
        yield Finished(Stop.END, usage)

    async def check(self, ask: SceneAsk) -> AsyncGenerator[Event]:
        """Yield whether a Scene can be drawn whole; nothing of it is."""
        scene = dict(ask.scene)
        film = "fps" in cast("Mapping[str, object]", scene["canvas"])
        async for line in self._lines(Order(key=self._key, film=film, scene=scene, check=True)):
            if isinstance(line, SeedbedError):
                yield Failed(line)
                return
        yield Started(self._model)
        yield Finished(Stop.END, Usage())

    async def aclose(self) -> None:
        """Nothing is kept open between asks."""

    def _refusal(self, ask: ImageAsk | VideoAsk) -> SeedbedError | None:
        words = len(ask.prompt.split())
        if words >= self._window:
            return PromptTooLong(self._model, tokens=words, window=self._window)
        if not words and ask.scene is None:
            hint = "Say what is to be seen, or send a Scene."
            return RequestMalformed("The prompt is empty.", hint=hint, field="prompt")
        return _refusal_of_film(ask) if isinstance(ask, VideoAsk) else _refusal_of_still(ask)

    async def _lines(self, order: Order) -> AsyncGenerator[Line | SeedbedError]:
        """What the process says, and last what went wrong, if anything did."""
        try:
            with anyio.fail_after(_CONNECT_SECONDS):
                stream = await anyio.connect_tcp(*self.place)
        except (OSError, TimeoutError) as error:
            yield EngineUnreachable(self._model, why=f"no connection ({error})")
            return
        async with stream:
            try:
                await stream.send(msgspec.json.encode(order) + b"\n")
                lines = BufferedByteReceiveStream(stream)
                while True:
                    line = LINES.decode(await lines.receive_until(b"\n", LONGEST_LINE))
                    yield self._error(line) or line
                    if isinstance(line, Sound | Made | Wrong | Broken):
                        return
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                yield EngineFailed(self._model, why="it stopped in mid-drawing")
            except (msgspec.MsgspecError, anyio.DelimiterNotFound) as error:
                yield EngineFailed(self._model, why=f"it sent what cannot be read ({error})")

    def _error(self, line: Line) -> SeedbedError | None:
        match line:
            case Wrong(at, why, hint) if at:
                return SceneUndrawable(at, why=why, hint=hint)
            case Wrong(_, why, hint, field):
                return RequestMalformed(why, hint=hint, field=field)
            case Broken(why):
                return EngineFailed(self._model, why=why)
            case _:
                return None


def _refusal_of_still(ask: ImageAsk) -> SeedbedError | None:
    bases = [one for one in ask.refs if not _is_mask(one)]
    if ask.refs and ask.scene is None and not bases:
        because = "a mask alone marks a place of no picture."
        return FieldUnserved("refs", value="of a mask", because=because)
    if ask.background != "transparent" or ask.format != "jpeg":
        return None
    because = "JPEG has no clear ground; PNG and WebP have."
    return FieldUnserved("background", value="'transparent'", because=because)


def _refusal_of_film(ask: VideoAsk) -> SeedbedError | None:
    if ask.refs and ask.scene is None:
        because = "it films a prompt or a Scene; send the Scene in which they lie."
        return FieldUnserved("refs", value=f"of {len(ask.refs)}", because=because)
    if not ask.sound or ask.span is not None:
        return None
    because = "it draws; a job of the kind film puts the sound beside."
    return FieldUnserved("sound", value="true", because=because)


def _still(key: str, ask: ImageAsk, ordinal: int) -> Order:
    side = PICTURE_SIDES[ask.tier or "1K"]
    is_edit = bool(ask.refs) and ask.scene is None
    bases, masks = ([one for one in ask.refs if _is_mask(one) is which] for which in (False, True))
    return Order(
        key=key,
        prompt=ask.prompt,
        scene=None if ask.scene is None else dict(ask.scene),
        base=_hash(bases[0]) if is_edit else "",
        mask=_hash(masks[0]) if is_edit and masks else "",
        laid=tuple(map(_hash, bases[1:])) if is_edit else (),
        side=side if ask.tier else 0,
        size=ask.size or (None if ask.scene is not None or is_edit else (side, side)),
        seed=(ask.seed or 0) + ordinal,
        format=ask.format or "png",
        label=ask.watermark,
        clear=ask.background == "transparent",
        pictures=_pictures(ask.refs),
    )


def _moving(key: str, ask: VideoAsk) -> Order:
    ratio = "16:9" if ask.ratio in {None, ADAPTIVE} else str(ask.ratio)
    is_drafted = ask.scene is not None
    size = ask.size or (
        None if is_drafted and not ask.tier else frame_size(ask.tier or "720p", ratio)
    )
    fps = ask.fps or (None if is_drafted else _USUAL_FPS)
    seconds = ask.frames / (fps or _USUAL_FPS) if ask.frames else ask.seconds
    return Order(
        key=key,
        film=True,
        prompt=ask.prompt,
        scene=None if ask.scene is None else dict(ask.scene),
        span=ask.span,
        size=size,
        seconds=seconds or (None if is_drafted else _USUAL_SECONDS),
        fps=fps,
        seed=ask.seed or 0,
        codec=ask.codec or "h264",
        mark=ask.mark,
        label=ask.watermark and ask.span is None,
        pictures=_pictures(ask.refs),
    )


def _filmed(made: Made, seconds: float, fps: int) -> tuple[Filmed, Usage]:
    """A film that was made, and what it counts."""
    size = made.width, made.height
    tokens, milliseconds = film_tokens(*size, fps, seconds), round(seconds * 1_000)
    used = Usage(output_visible=tokens, film_milliseconds=milliseconds)
    return Filmed(made.data, made.media, *size, seconds, fps), used


def _pictures(refs: tuple[Media, ...]) -> dict[str, bytes]:
    """The pictures that came with an ask, by the hash that each came under."""
    return {_hash(ref): ref.source for ref in refs if isinstance(ref.source, bytes)}


def _hash(ref: Media) -> str:
    source = ref.source if isinstance(ref.source, bytes) else ref.source.encode()
    return str(ref.options.get("artifact") or hashlib.sha256(source).hexdigest())


def _is_mask(ref: Media) -> bool:
    return ref.options.get("role") == "mask"


def _fps(scene: Mapping[str, object]) -> int:
    canvas = cast("Mapping[str, int]", scene["canvas"])
    return canvas.get("fps", _USUAL_FPS)


def lacks(machine: Machine) -> str | None:
    """The libraries that draw, which are an extra."""
    del machine
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    return f"the extra `films` ({', '.join(missing)})" if missing else None


def make(spec: Spec) -> Draft:
    """The engine and its program; the card names no weights."""
    key = secrets.token_urlsafe(32)
    program = worker("draft", key=key, places=spec.places, fonts=spec.fonts)
    program = replace(program, environment={**program.environment, **QUIET})
    return Draft(spec.model.name, window=spec.model.window, program=program, key=key)
