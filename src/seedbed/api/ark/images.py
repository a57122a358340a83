"""`POST /images/generations`: pictures are painted, from a prompt or from others as well.

Floor 6. OpenAI's client at this path asks in these words, too, and is streamed OpenAI's events,
which have the same names and mean another thing. A `watermark`, the vendor's default, is drawn by
`draft`: a word that says what made the picture. Passed over: `watermark` by all other painters, and
`optimize_prompt` and its options, which are left to the model. Refused by name: what is in
`_UNSERVED`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec
from starlette.types import Scope

from seedbed.api.ark.manner import BASES, Ark
from seedbed.api.ark.pictures import FIELDS, ArkPictures
from seedbed.api.dialect import ByRequest, Reading
from seedbed.api.images.delivery import Delivery, Gallery, base_of
from seedbed.api.images.size import read_size
from seedbed.api.openai import wire
from seedbed.api.openai.body import Refused, read_body, refuse
from seedbed.api.openai.images import Seed
from seedbed.api.openai.pictures import Frame, PictureWriter
from seedbed.core.ask import ImageAsk
from seedbed.core.message import Media, MediaKind

_MOST = 15
_TIERS: Mapping[str, Literal["1K", "2K", "3K", "4K"]] = {
    "1K": "1K",
    "2K": "2K",
    "3K": "3K",
    "4K": "4K",
}
_UNSERVED: Refused = {
    "tools": (([],), "no search is connected"),
    "layer_decomposition": ((False,), "no engine paints in layers"),
}
Address: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]


class Sequence(msgspec.Struct):
    """How many pictures there are at most, where the model finds out how many."""

    max_images: Annotated[int, msgspec.Meta(ge=1, le=_MOST)] | None = None


class PictureBody(msgspec.Struct, kw_only=True):
    """The body. `n` and `partial_images` are those of OpenAI's client."""

    model: wire.Name
    prompt: wire.Words
    image: Address | Annotated[list[Address], msgspec.Meta(max_length=14)] | None = None
    response_format: Literal["url", "b64_json"] | None = None
    size: str | None = None
    seed: Seed | None = None
    guidance_scale: Annotated[float, msgspec.Meta(ge=1, le=10)] | None = None
    sequential_image_generation: Literal["auto", "disabled"] | None = None
    sequential_image_generation_options: Sequence | None = None
    output_format: Literal["jpeg", "png"] | None = None
    stream: bool | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=_MOST)] | None = None
    partial_images: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    tools: list[object] | None = None
    layer_decomposition: bool | None = None
    watermark: bool | None = None
    optimize_prompt: bool | None = None
    optimize_prompt_options: dict[str, object] | None = None


class Pictures(Ark):
    """Pictures are painted. Links lead below `base`, where the caller sees this house."""

    fields = FIELDS

    def __init__(self, gallery: Gallery, base: str) -> None:
        self._gallery, self._base = gallery, base

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for pictures."""
        picture, unknown = read_body(body, PictureBody)
        kept = {name: value for name, value in unknown.items() if value is not None}
        ask = _ask(picture, {"ark": kept} if kept else {})
        by_link = picture.response_format != "b64_json"
        writer = ArkPictures(ask, request_id, now, by_link=by_link)
        streamer = self._streamer(picture, writer, now, by_link=by_link)
        way = Delivery(self._gallery, self._base, by_link=by_link)
        return Reading(ask, writer, streamer if picture.stream else None, way)

    def _streamer(
        self, picture: PictureBody, writer: ArkPictures, now: int, *, by_link: bool
    ) -> ArkPictures | PictureWriter:
        del self, picture, now, by_link
        return writer


class OpenAiPictures(Pictures):
    """The same for OpenAI's client, which reads its own events."""

    def _streamer(
        self, picture: PictureBody, writer: ArkPictures, now: int, *, by_link: bool
    ) -> PictureWriter:
        size, form = picture.size or "auto", picture.output_format or "png"
        frame = Frame("image_generation", now, by_link=by_link, size=size, format=form)
        return PictureWriter(frame)


def calls(gallery: Gallery) -> Mapping[tuple[str, str], ByRequest]:
    """The model calls, by method and path."""

    def choose(scope: Scope) -> Pictures:
        agent = dict(scope["headers"]).get(b"user-agent", b"")
        kind = OpenAiPictures if b"OpenAI/" in agent else Pictures
        return kind(gallery, base_of(scope))

    return {("POST", f"{base}/images/generations"): ByRequest(choose) for base in BASES}


def _ask(picture: PictureBody, extra: Mapping[str, Mapping[str, object]]) -> ImageAsk:
    """The ask in a body that was typed.

    Raises:
        RequestMalformed: the size is none.
        FieldUnserved: it wants what is not served.
    """
    refuse(picture, _UNSERVED)
    many = picture.sequential_image_generation == "auto"
    options = picture.sequential_image_generation_options or Sequence()
    shown = picture.image or []
    tier = _TIERS.get((picture.size or "").upper())
    is_open = tier is not None or picture.size in {None, "adaptive", "auto"}
    return ImageAsk(
        picture.model,
        picture.prompt,
        tuple(
            Media(MediaKind.IMAGE, one, {"role": "base"})
            for one in ([shown] if isinstance(shown, str) else shown)
        ),
        (options.max_images or _MOST) if many else picture.n or 1,
        exact=not many,
        size=None if is_open else read_size(str(picture.size)),
        tier=tier,
        seed=None if picture.seed == -1 else picture.seed,
        guidance=picture.guidance_scale,
        format=picture.output_format,
        previews=(picture.partial_images or 0) if picture.stream else 0,
        watermark=picture.watermark is not False,
        extra=extra,
    )
