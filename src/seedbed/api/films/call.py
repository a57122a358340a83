"""`POST /seedbed/films`: a film is made, told while it comes, and kept for the project.

Floor 6. The neutral ask as it is written, for jobs and for programs of this house; vendors' doors
of films submit jobs that ask here. A stream tells `progress` from 0 to 1, and in its last event the
`film` and what it used.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.dialect import Dialect, Reading
from seedbed.api.openai import wire, write
from seedbed.api.openai.body import read_body
from seedbed.api.openai.manner import OpenAi
from seedbed.core.event import Event, Failed, Filmed, FilmProgress, Finished, Reply
from seedbed.core.film import SLOWEST, Codec, VideoAsk, film_tokens
from seedbed.core.message import Media, MediaKind
from seedbed.core.money import Entry
from seedbed.core.scene.form import read_scene
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import timeline
from seedbed.core.usage import Usage
from seedbed.jobs.film import PATH
from seedbed.kit import sse

MOST_REFS = 32
"""As many as a Scene refers to at most."""
LONGEST, MOST_FRAMES, LARGEST_SIDE = 60, 1_800, 4_096
"""Of a film: seconds, frames, and pixels of a side."""
Role: TypeAlias = Literal[
    "first_frame",
    "last_frame",
    "reference_image",
    "reference_video",
    "reference_audio",
    "face",
    "voice",
]
Ratio: TypeAlias = Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "adaptive"]
Tier: TypeAlias = Literal["480p", "720p", "1080p", "4k"]
Side: TypeAlias = Annotated[int, msgspec.Meta(ge=16, le=LARGEST_SIDE)]
Consent: TypeAlias = Annotated[str, msgspec.Meta(max_length=200)]
Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]
Rate: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=60)]
Seconds: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=LONGEST)]
Span: TypeAlias = tuple[
    Annotated[int, msgspec.Meta(ge=0)], Annotated[int, msgspec.Meta(ge=1, le=MOST_FRAMES)]
]
Frames: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MOST_FRAMES)]


class Ref(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What a film goes by: an address, a data URI, an artifact's hash, or a file's id. Somebody's
    `face` or `voice` has the id of the `consent` to use it; whatever names one needs it to hold.
    """

    kind: MediaKind
    source: Annotated[str, msgspec.Meta(min_length=1)]
    role: Role
    consent: Consent = ""


class FilmBody(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The body."""

    model: wire.Name
    prompt: str
    refs: Annotated[list[Ref], msgspec.Meta(max_length=MOST_REFS)] = []
    seconds: Seconds | None = None
    frames: Frames | None = None
    size: tuple[Side, Side] | None = None
    tier: Tier | None = None
    ratio: Ratio | None = None
    fps: Rate | None = None
    sound: bool | None = None
    seed: Seed | None = None
    camera_fixed: bool = False
    watermark: bool = False
    scene: dict[str, object] | None = None
    span: Span | None = None
    codec: Codec = "h264"
    mark: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{0,32}$")] = ""
    extra: dict[str, dict[str, object]] = {}
    stream: bool = False


class FilmCall(OpenAi):
    """A film is made."""

    fields: Mapping[str, str] = {}

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for a film."""
        del request_id, now
        film, _ = read_body(body, FilmBody)
        writer = FilmWriter()
        return Reading(ask_of(film), writer, writer if film.stream else None)


class FilmWriter:
    """Writes a film: where it is kept, and what it used."""

    def __init__(self) -> None:
        self._film: Filmed | None = None

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        return msgspec.json.encode(_told(reply.film, reply.usage, reply.entry))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case FilmProgress():
                told: object = {"progress": event.done, "what": event.what}
            case Filmed():
                self._film = event
                return b""
            case Finished():
                told = _told(self._film, event.usage, event.entry)
            case Failed(error=error):
                return sse.frame(write.error_body(error, FilmCall.fields))
            case _:
                return b""
        return sse.frame(msgspec.json.encode(told))


CALLS: Mapping[tuple[str, str], Dialect] = {("POST", PATH): FilmCall()}


def ask_of(film: FilmBody) -> VideoAsk:
    """The ask in a body that was typed.

    Raises:
        SceneMalformed: the scene in it is none.
    """
    refs = tuple(Media(ref.kind, ref.source, _options(ref)) for ref in film.refs)
    told = {name: getattr(film, name) for name in _SAME}
    if film.scene is not None:
        told |= _bounds(film, read_scene(film.scene))
    return VideoAsk(film.model, film.prompt, refs, **told)


def _options(ref: Ref) -> dict[str, str]:
    return {"role": ref.role} | ({"consent": ref.consent} if ref.consent else {})


def _bounds(film: FilmBody, scene: Scene) -> dict[str, object]:
    """What a Scene tells of its film, by which the ask is bounded before it is drawn."""
    canvas = scene.canvas
    fps = film.fps or canvas.fps or SLOWEST
    size = film.size or (None if film.tier else (canvas.width, canvas.height))
    frames = timeline(replace(scene, canvas=replace(canvas, fps=fps))).frames
    return {"size": size, "fps": fps, "frames": None if film.span else frames}


def written(ask: VideoAsk) -> dict[str, object]:
    """An ask whose `refs` are no bytes, as the body that it would be read from again."""
    refs = [
        Ref(ref.kind, str(ref.source), **ref.options)  # type: ignore[arg-type]  # as they are made
        for ref in ask.refs
    ]
    told = {name: getattr(ask, name) for name in _SAME}
    found: dict[str, object] = msgspec.to_builtins(
        FilmBody(model=ask.model, prompt=ask.prompt, refs=refs, **told)
    )
    return found


_SAME = (
    *("seconds", "frames", "size", "tier", "ratio", "fps", "sound", "seed"),
    *("camera_fixed", "watermark", "scene", "span", "codec", "mark", "extra"),
)
"""What an ask and a body call the same."""


def _told(film: Filmed | None, used: Usage, entry: Entry | None) -> dict[str, object]:
    if film is None:
        raise AssertionError("an engine that ends without a fault has made its film")
    shape = {"width": film.width, "height": film.height, "seconds": film.seconds, "fps": film.fps}
    tokens = film_tokens(film.width, film.height, film.fps, film.seconds)
    return {
        "film": {"hash": film.hash, "media": film.media, **shape, "sound": film.sound},
        "usage": {"input_tokens": used.input, "output_tokens": used.output, "film_tokens": tokens},
        **write.cost(entry),
    }
