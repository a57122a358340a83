"""What is asked for at `/v1/videos`: a form or JSON becomes an ask for a film.

Floor 6. Without a model it is the usual one; what is left out is what the vendor takes: four
seconds, 720x1280; or as a Scene has it. `seed`, `fps`, `sound`, `codec`, `scene`, a draft of the
film in parts, and `finish`, what becomes of it once it is made, are ours; so is the id of the
`consent` to use the picture, in a form beside it. Fields that are not known here are passed over.
"""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from seedbed.api.files.form import read_fields
from seedbed.api.films.call import LARGEST_SIDE, LONGEST, Consent, Rate, Seed
from seedbed.api.films.films import Films
from seedbed.api.images.form import read_form
from seedbed.api.images.size import read_size
from seedbed.api.intake import LONGEST_BODY, body
from seedbed.api.openai import wire
from seedbed.api.openai.body import missing, read_body
from seedbed.core.errors import RequestMalformed
from seedbed.core.film import Codec, VideoAsk
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.form import read_scene
from seedbed.kit.media.sniffing import media_type_of

_FORM = "multipart/form-data"
_USUAL_SECONDS, _USUAL_SIZE = 4.0, "720x1280"
_PICTURE = "input_reference"
NEEDED = VideoAsk("", "")
"""What a model must be able to do that is not named."""
Body = TypeVar("Body", bound=msgspec.Struct)


class Reference(msgspec.Struct):
    """A picture to begin with: its address or data URI, or the id of a file."""

    image_url: str | None = None
    file_id: str | None = None
    consent: Consent = ""


class VideoBody(msgspec.Struct, kw_only=True):
    """The body; in a form the picture may be a file."""

    prompt: wire.Words
    model: wire.Name | None = None
    seconds: str | int | float | None = None
    size: str | None = None
    seed: Seed | None = None
    fps: Rate | None = None
    sound: bool | None = None
    codec: Codec = "h264"
    scene: dict[str, object] | None = None
    finish: dict[str, object] | None = None
    input_reference: Reference | None = None
    consent: Consent = ""


class RemixBody(msgspec.Struct):
    """The body of a film that is made anew."""

    prompt: wire.Words


async def read_sent(request: Request, kind: type[Body]) -> tuple[Body, bytes | None]:
    """The body as it is typed, and the picture in it, where it is a form that has one.

    Raises:
        RequestMalformed: it is neither a form nor JSON, or a field is missing or wrong.
        RequestTooLarge, CodingUnserved: as of any body.
    """
    sent = await body(request.receive, dict(request.scope["headers"]), limit=LONGEST_BODY)
    if not request.headers.get("content-type", "").startswith(_FORM):
        return read_body(sent, kind)[0], None
    form = read_form(sent)
    return read_fields(form.fields, kind), next(iter(form.files.get(_PICTURE, ())), None)


def read_ask(said: VideoBody, model: str) -> VideoAsk:
    """The ask in a body that was typed, without what it goes by.

    Raises:
        RequestMalformed: a field is out of range.
        SceneMalformed: the scene is none.
    """
    if said.scene is not None:
        read_scene(said.scene)
    left = said.scene is not None and said.size is None
    return VideoAsk(
        model,
        said.prompt,
        seconds=None if said.scene is not None else _seconds(said.seconds),
        size=None if left else _size(said.size),
        seed=said.seed,
        fps=said.fps,
        sound=said.sound,
        codec=said.codec,
        scene=said.scene,
    )


async def read_refs(
    films: Films, project: str, said: VideoBody, picture: bytes | None, *, id_: str
) -> tuple[Media, ...]:
    """What a film with that id begins with, if it is said.

    Raises:
        RequestMalformed: it is no picture that can be had, or a consent is there without one.
        ObjectUnknown: the file is not the project's.
    """
    source = said.input_reference
    if picture is not None:
        shown = await films.keep(id_, picture, media_type_of(picture) or "image/png", project)
    elif source is None:
        if said.consent:
            raise missing(_PICTURE, "a consent is there, and no picture that it is for")
        return ()
    elif (named := source.file_id or source.image_url) is not None:
        shown = await films.source(id_, named, _PICTURE, project)
    else:
        raise missing(f"{_PICTURE}.image_url", "it names a picture, or `file_id` does")
    consent = said.consent or (source.consent if source else "")
    options = {"role": "first_frame"} | ({"consent": consent} if consent else {})
    return (Media(MediaKind.IMAGE, shown, options),)


def _seconds(said: str | float | None) -> float:
    try:
        seconds = _USUAL_SECONDS if said is None else float(said)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        raise RequestMalformed(
            f"Field 'seconds' is {str(said)[:20]!r}.",
            hint=f'Send a number such as "4", and {LONGEST} at most.',
            field="seconds",
        )
    return seconds


def _size(said: str | None) -> tuple[int, int]:
    size = read_size(said or _USUAL_SIZE)
    if max(size) > LARGEST_SIDE:
        raise RequestMalformed(
            f"Field 'size' is {said!r}.",
            hint=f"A side of a film has {LARGEST_SIDE:,} pixels at most.",
            field="size",
        )
    return size
