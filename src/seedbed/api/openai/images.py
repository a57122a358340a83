"""`POST /v1/images/generations` and `/v1/images/edits`: pictures are painted, or painted anew.

Floor 6. Without `response_format` a picture is told in base64; to who asks for a `dall-e`, by a
link, as its vendor does. Passed over: `user`, `moderation` (nothing is moderated here), `style`
vivid and `input_fidelity` low, which are the vendor's own defaults. `seed` and `scene`, a draft of
the picture in parts, are ours. Refused by name: what is in `_UNSERVED`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seedbed.api.dialect import ByRequest, Reading
from seedbed.api.files.form import read_fields
from seedbed.api.images.delivery import Delivery, Gallery, base_of
from seedbed.api.images.form import read_form
from seedbed.api.images.size import read_size
from seedbed.api.openai import wire
from seedbed.api.openai.body import Refused, missing, read_body, refuse
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.pictures import FIELDS, Frame, PictureWriter
from seedbed.api.openai.usual import Usual
from seedbed.core.ask import ImageAsk
from seedbed.core.errors import PathUnserved, RequestMalformed
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.form import read_scene
from seedbed.core.value import changed

_MOST = 10
_MOST_REFS = 16
_UNSERVED: Refused = {
    "output_compression": ((100,), "pictures are told as they were painted"),
    "style": (("vivid",), "no engine takes it"),
    "input_fidelity": (("low",), "no engine takes it"),
}
_LINKED = "dall-e-"
_LEFT_TO_THE_MODEL = frozenset({None, "auto"})
Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=(1 << 31) - 1)]


class ImageBody(msgspec.Struct, kw_only=True):
    """The body of both; that of an edit has pictures beside it."""

    model: wire.Name | None = None
    prompt: wire.Words
    n: Annotated[int, msgspec.Meta(ge=1, le=_MOST)] | None = None
    size: str | None = None
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"] | None = (
        None
    )
    background: Literal["transparent", "opaque", "auto"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    output_compression: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    response_format: Literal["url", "b64_json"] | None = None
    style: str | None = None
    input_fidelity: str | None = None
    partial_images: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    stream: bool | None = None
    seed: Seed | None = None
    scene: dict[str, object] | None = None
    moderation: str | None = None
    user: str | None = None


def _usual_form(model: str) -> str:
    """How a picture is told where the caller does not say: as under the name that they asked by."""
    return "url" if model.startswith(_LINKED) else "b64_json"


class Generations(OpenAi):
    """Pictures are painted. Links lead below `base`, where the caller sees this house."""

    fields = FIELDS
    kind = "image_generation"

    def __init__(self, gallery: Gallery, usual: Usual, base: str) -> None:
        self._gallery, self._usual, self._base = gallery, usual, base

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for pictures."""
        del request_id
        image, unknown = read_body(body, ImageBody)
        return self._reading(image, (), unknown, now)

    def _reading(
        self, image: ImageBody, refs: tuple[Media, ...], unknown: Mapping[str, object], now: int
    ) -> Reading:
        ask = _ask(image, refs, unknown)
        if image.model is None:
            ask = changed(ask, model=self._usual.model_for(ask))
        by_link = (image.response_format or _usual_form(ask.model)) == "url"
        frame = Frame(
            self.kind,
            now,
            by_link=by_link,
            size=image.size or "auto",
            quality=image.quality or "auto",
            background=image.background or "auto",
            format=image.output_format or "png",
        )
        writer = PictureWriter(frame)
        way = Delivery(self._gallery, self._base, by_link=by_link)
        return Reading(ask, writer, writer if image.stream else None, way)


class Edits(Generations):
    """Pictures are painted anew, as a prompt says."""

    kind = "image_edit"

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a form with pictures in it."""
        del request_id
        form = read_form(body)
        refs = tuple(
            Media(MediaKind.IMAGE, data, {"role": role})
            for field, role in (("image", "base"), ("mask", "mask"))
            for data in form.files.get(field, ())
        )
        if not form.files.get("image"):
            raise missing("image", "an edit changes a picture")
        if len(refs) > _MOST_REFS:
            raise RequestMalformed(
                f"Field 'image' has more pictures than are taken: there are {len(refs)} in all.",
                hint=f"Send {_MOST_REFS} at most, the mask among them.",
                field="image",
            )
        return self._reading(read_fields(form.fields, ImageBody), refs, {}, now)


def calls(gallery: Gallery, usual: Usual) -> Mapping[tuple[str, str], ByRequest]:
    """The model calls, by method and path."""
    return {
        ("POST", "/v1/images/generations"): ByRequest(
            lambda scope: Generations(gallery, usual, base_of(scope))
        ),
        ("POST", "/v1/images/edits"): ByRequest(
            lambda scope: Edits(gallery, usual, base_of(scope))
        ),
    }


def routes() -> list[Route]:
    """What the vendor has, and nothing here answers."""

    async def vary(request: Request) -> Response:
        because = "no engine varies a picture without a prompt; /v1/images/edits takes both."
        raise PathUnserved(request.url.path, because=because)

    return [Route("/v1/images/variations", vary, methods=["POST"])]


def _ask(image: ImageBody, refs: tuple[Media, ...], unknown: Mapping[str, object]) -> ImageAsk:
    """The ask in a body that was typed.

    Raises:
        RequestMalformed: the size is none.
        SceneMalformed: the scene is none.
        FieldUnserved: it wants what is not served.
    """
    refuse(image, _UNSERVED)
    size = None if image.size in _LEFT_TO_THE_MODEL else read_size(str(image.size))
    if image.scene is not None:
        canvas = read_scene(image.scene).canvas
        size = size or (canvas.width, canvas.height)
    return ImageAsk(
        image.model or "",
        image.prompt,
        refs,
        image.n or 1,
        size=size,
        quality=None if image.quality in _LEFT_TO_THE_MODEL else image.quality,
        background=None if image.background in _LEFT_TO_THE_MODEL else image.background,
        seed=None if image.seed == -1 else image.seed,
        format=image.output_format,
        previews=(image.partial_images or 0) if image.stream else 0,
        scene=image.scene,
        extra={"openai": unknown} if unknown else {},
    )
