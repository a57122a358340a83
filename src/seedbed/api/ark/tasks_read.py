"""What is asked of `/contents/generations/tasks`: a body becomes an ask for a film.

Floor 6. Options may stand at the end of the text, such as `--rs 720p --dur 5`; fields go before
them. What is left out is what the vendor takes: five seconds of 720p at 24 frames, in the shape of
the pictures that come along, else 16:9. A `duration` of -1 leaves it to the model. Somebody's face
or voice has the role `face` or `voice` and the id of a `consent`, which are ours. Accepted:
`safety_identifier`, which is told back. Refused by name: what is in `_UNSERVED`.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from seedbed.api.ark.wire import PictureAddress
from seedbed.api.films.call import LONGEST, MOST_REFS, Consent, Frames, Rate, Ratio, Role, Tier
from seedbed.api.films.films import Films, Wanted
from seedbed.api.job_body import read_callback
from seedbed.api.openai import wire
from seedbed.api.openai.body import Refused, refuse
from seedbed.core.access import Principal
from seedbed.core.errors import RequestMalformed
from seedbed.core.film import ADAPTIVE, VideoAsk
from seedbed.core.message import Media, MediaKind

CALLBACK = "ark"
"""The words in which a callback is told of a task."""
_USUAL_WITHIN = 172_800
_USUAL_SECONDS, _USUAL_TIER, _USUAL_RATIO, _USUAL_RATE = 5, "720p", "16:9", 24
_UNSERVED: Refused = {
    "return_last_frame": ((False,), "a film is had as it is, and nothing else of it"),
    "draft": ((False,), "no film is made in two steps"),
    "service_tier": (("default", "flex"), "there is one price"),
    "tools": (([],), "no search is connected"),
    "output_format": (("mp4",), "films are told as they were made"),
    "omni_reference_task_type": ((), "the model finds out what a reference is for"),
}
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("resolution", "rs"), "resolution"),
    **dict.fromkeys(("ratio", "rt"), "ratio"),
    **dict.fromkeys(("duration", "dur"), "duration"),
    **dict.fromkeys(("frames",), "frames"),
    **dict.fromkeys(("framespersecond", "fps"), "framespersecond"),
    **dict.fromkeys(("seed",), "seed"),
    **dict.fromkeys(("camerafixed", "cf"), "camera_fixed"),
    **dict.fromkeys(("watermark", "wm"), "watermark"),
}
"""Which field an option of the text is."""
Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=(1 << 32) - 1)]
Duration: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=LONGEST)]


class PictureItem(msgspec.Struct, tag="image_url", tag_field="type"):
    """A picture to go by; one alone is the first frame, if it does not say."""

    image_url: PictureAddress
    role: Literal["first_frame", "last_frame", "reference_image", "face"] | None = None
    consent: Consent = ""


class FilmItem(msgspec.Struct, tag="video_url", tag_field="type"):
    """A film to go by."""

    video_url: PictureAddress
    role: Literal["reference_video"] | None = None
    consent: Consent = ""


class SoundItem(msgspec.Struct, tag="audio_url", tag_field="type"):
    """A sound to go by."""

    audio_url: PictureAddress
    role: Literal["reference_audio", "voice"] | None = None
    consent: Consent = ""


Item: TypeAlias = wire.TextPart | PictureItem | FilmItem | SoundItem


class Options(msgspec.Struct, kw_only=True):
    """What may be said in the text, too."""

    resolution: Tier | None = None
    ratio: Ratio | None = None
    duration: Duration | None = None
    frames: Frames | None = None
    framespersecond: Rate | None = None
    seed: Seed | None = None
    camera_fixed: bool | None = None
    watermark: bool | None = None


class TaskBody(Options, kw_only=True):
    """The body."""

    model: wire.Name
    content: Annotated[list[Item], msgspec.Meta(min_length=1, max_length=MOST_REFS + 1)]
    generate_audio: bool | None = None
    execution_expires_after: Annotated[int, msgspec.Meta(ge=3_600, le=259_200)] | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    safety_identifier: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    callback_url: str | None = None
    return_last_frame: bool | None = None
    draft: bool | None = None
    service_tier: str | None = None
    tools: list[object] | None = None
    output_format: str | None = None
    omni_reference_task_type: str | None = None


async def read_task(
    films: Films, principal: Principal, said: TaskBody, *, id_: str, base: str
) -> Wanted:
    """The film with that id that a body asks for; a link to it leads below `base`.

    Raises:
        RequestMalformed: options or roles are amiss, or what it goes by cannot be read.
        FieldUnserved: it wants what is not served.
        ModelUnknown, FeatureUnserved: nobody films it.
        ArtifactUnknown, ObjectUnknown: what it goes by is not the project's.
    """
    refuse(said, _UNSERVED)
    url, callback = said.callback_url, None
    if url:
        callback = read_callback(url, "callback_url", words=CALLBACK, base=base)
    model = films.model(said.model)
    texts = [item.text for item in said.content if isinstance(item, wire.TextPart)]
    prompt, inline = split("\n".join(texts))
    roles = _roles([item for item in said.content if not isinstance(item, wire.TextPart)])
    refs = [await _ref(films, principal.project, item, role, id_=id_) for item, role in roles]
    within = said.execution_expires_after or _USUAL_WITHIN
    more = {"within": within, "priority": said.priority or 0, "safety": said.safety_identifier}
    ask = _ask(model, prompt, refs, _told(said) | {"sound": said.generate_audio}, _told(inline))
    return Wanted(
        *(id_, ask, within * 10**6), priority=said.priority or 0, more=more, callback=callback
    )


def split(text: str) -> tuple[str, Options]:
    """The prompt, and the options at its end.

    >>> prompt, options = split("a barn --rs 480p  --dur 4")
    >>> prompt, options.resolution, options.duration
    ('a barn', '480p', 4)

    Raises:
        RequestMalformed: an option is out of range.
    """
    found: dict[str, object] = {}
    while len(parts := text.rsplit(None, 2)) > 1 and parts[-2].startswith("--"):
        if (field := _NAMES.get(parts[-2][2:])) is None:
            break
        found.setdefault(field, parts[-1])
        text = parts[0] if len(parts) > 2 else ""
    try:
        return text, msgspec.convert(found, Options, strict=False)
    except msgspec.ValidationError as error:
        raise RequestMalformed(
            f"An option at the end of the text is amiss: {error}.",
            hint="They are such as --rs 720p --ratio 16:9 --dur 5 --seed 1 --wm false.",
            field="content",
        ) from error


def _told(options: Options) -> dict[str, Any]:
    """Those that are said."""
    names = Options.__struct_fields__
    return {name: one for name in names if (one := getattr(options, name)) is not None}


def _ask(
    model: str,
    prompt: str,
    refs: Sequence[Media],
    told: Mapping[str, Any],
    inline: Mapping[str, Any],
) -> VideoAsk:
    wish = {**inline, **told}
    duration, seed = wish.get("duration", _USUAL_SECONDS), wish.get("seed", -1)
    if duration == 0:
        raise RequestMalformed(
            "Field 'duration' is 0.", hint=f"Send 1 to {LONGEST} seconds, or -1.", field="duration"
        )
    shown = any(ref.kind is not MediaKind.AUDIO for ref in refs)
    return VideoAsk(
        model,
        prompt,
        tuple(refs),
        seconds=None if duration < 0 or "frames" in wish else float(duration),
        frames=wish.get("frames"),
        tier=wish.get("resolution", _USUAL_TIER),
        ratio=wish.get("ratio", ADAPTIVE if shown else _USUAL_RATIO),
        fps=wish.get("framespersecond", _USUAL_RATE),
        sound=wish["sound"],
        seed=None if seed < 0 else seed,
        camera_fixed=wish.get("camera_fixed", False),
        watermark=wish.get("watermark", False),
    )


_Shown: TypeAlias = PictureItem | FilmItem | SoundItem


def _roles(items: Sequence[_Shown]) -> list[tuple[_Shown, Role]]:
    """Each with its role.

    Raises:
        RequestMalformed: they do not go together.
    """
    alone = sum(isinstance(item, PictureItem) for item in items) == 1
    roles: list[tuple[_Shown, Role]] = []
    for item in items:
        match item:
            case PictureItem(role=None) if not alone:
                raise _amiss("a picture among several says no role")
            case PictureItem():
                roles.append((item, item.role or "first_frame"))
            case FilmItem():
                roles.append((item, "reference_video"))
            case SoundItem():  # pragma: no branch - the last of them
                roles.append((item, item.role or "reference_audio"))
    _check([role for _, role in roles])
    return roles


def _check(roles: Sequence[Role]) -> None:
    frames = [role for role in roles if role in {"first_frame", "last_frame"}]
    if frames and len(frames) < len(roles):
        raise _amiss("a film begins or ends with a picture, or goes by references, and not both")
    if len(set(frames)) < len(frames):
        raise _amiss("it has one first frame, and one last")
    if frames == ["last_frame"]:
        raise _amiss("a last frame wants a first one")
    if set(roles) <= {"reference_audio", "voice"} and roles:
        raise _amiss("a sound goes with a picture or a film")


def _amiss(why: str) -> RequestMalformed:
    return RequestMalformed(
        f"Field 'content' does not go together: {why}.",
        hint="Send a first_frame, both frames, or references of any kind.",
        field="content",
    )


async def _ref(films: Films, project: str, item: _Shown, role: Role, *, id_: str) -> Media:
    match item:
        case PictureItem(image_url=address):
            kind, field = MediaKind.IMAGE, "image_url"
        case FilmItem(video_url=address):
            kind, field = MediaKind.VIDEO, "video_url"
        case SoundItem(audio_url=address):  # pragma: no branch - the last of them
            kind, field = MediaKind.AUDIO, "audio_url"
    source = await films.source(id_, address.url, f"content.{field}.url", project)
    return Media(kind, source, {"role": role} | ({"consent": item.consent} if item.consent else {}))
