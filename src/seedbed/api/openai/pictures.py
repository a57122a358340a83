"""Pictures in OpenAI's words: whole, or as they are painted.

Floor 6. Dropped by name: which of the tokens that were read were pictures; in a stream what it
cost, since an event is of one picture (the ledger has it under the `x-request-id`). A picture that
failed while others came has no word: whole it is told in `seedbed`, in a stream by an error behind
all that came.
"""

from collections.abc import Mapping
from typing import cast

import msgspec

from seedbed.api.images.size import told_size
from seedbed.api.openai import write
from seedbed.core.event import (
    Event,
    Failed,
    Finished,
    Painted,
    PaintFailed,
    Previewed,
    Reply,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.core.value import value
from seedbed.kit import sse

FIELDS: Mapping[str, str] = {
    "format": "output_format",
    "previews": "partial_images",
    "refs": "image",
}
"""What these calls name the neutral fields."""


@value
class Frame:
    """What is told with each picture: as what `kind` of event, when it was asked for, and how."""

    kind: str
    created: int
    by_link: bool = False
    size: str = "auto"
    quality: str = "auto"
    background: str = "auto"
    format: str = "png"


class PictureWriter:
    """Writes pictures whose `data` is the text that the caller is given."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._used = self._told = Usage()
        self._failed: list[PaintFailed] = []

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        painted = [one for one in reply.pictures if isinstance(one, Painted)]
        failed = [one for one in reply.pictures if isinstance(one, PaintFailed)]
        frame, first = self._frame, painted[0]
        body: dict[str, object] = {
            "created": frame.created,
            "data": [_picture(one, by_link=frame.by_link) for one in painted],
            "size": told_size(first.width, first.height),
            "output_format": _format(first),
            "background": "transparent" if frame.background == "transparent" else "opaque",
            "usage": told_usage(reply.usage),
        }
        if frame.quality != "auto":
            body["quality"] = frame.quality
        own = cast("dict[str, object]", write.cost(reply.entry).get("seedbed", {}))
        if failed:
            told = [{"index": one.ordinal, "code": one.code, "message": one.why} for one in failed]
            own |= {"failed": told}
        if first.notes:
            own |= {"notes": list(first.notes)}
        return msgspec.json.encode(body | ({"seedbed": own} if own else {}))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case UsageNow(usage=usage):
                self._used = usage
            case Previewed():
                return self._preview(event)
            case Painted():
                return self._completed(event)
            case PaintFailed():
                self._failed.append(event)
            case Finished():
                return b"".join(_failure(one) for one in self._failed)
            case Failed(error=error):
                return sse.frame(write.error_body(error, FIELDS))
            case _:
                pass
        return b""

    def _preview(self, event: Previewed) -> bytes:
        frame = self._frame
        told: dict[str, object] = {
            "b64_json": _quoted(event.data),
            "partial_image_index": event.index,
            "output_format": frame.format,
            "size": frame.size,
        }
        return self._event("partial_image", told)

    def _completed(self, event: Painted) -> bytes:
        used = Usage(
            input_fresh=self._used.input - self._told.input,
            output_visible=self._used.output - self._told.output,
        )
        self._told = self._used
        told: dict[str, object] = {
            "size": told_size(event.width, event.height),
            "output_format": _format(event),
            "usage": told_usage(used),
        }
        if event.notes:
            told["seedbed"] = {"notes": list(event.notes)}
        return self._event("completed", _picture(event, by_link=self._frame.by_link) | told)

    def _event(self, name: str, told: dict[str, object]) -> bytes:
        frame, kind = self._frame, f"{self._frame.kind}.{name}"
        head = {"type": kind, "created_at": frame.created}
        looks = {"quality": frame.quality, "background": frame.background}
        return named(kind, head | told | looks)


def named(name: str, data: Mapping[str, object]) -> bytes:
    """One event with its name."""
    return b"event: %b\n" % name.encode() + sse.frame(msgspec.json.encode(data))


def told_usage(used: Usage) -> dict[str, object]:
    """Tokens, as calls tell them that paint."""
    return {
        "input_tokens": used.input,
        "input_tokens_details": {"text_tokens": used.input, "image_tokens": 0},
        "output_tokens": used.output,
        "output_tokens_details": {"image_tokens": used.output, "text_tokens": 0},
        "total_tokens": used.input + used.output,
    }


def given(picture: Painted, *, by_link: bool) -> dict[str, object]:
    """What the caller is given of a picture, under its name."""
    return {"url" if by_link else "b64_json": _quoted(picture.data)}


def _picture(picture: Painted, *, by_link: bool) -> dict[str, object]:
    revised = {"revised_prompt": picture.revised} if picture.revised else {}
    return given(picture, by_link=by_link) | revised


def _quoted(text: bytes) -> msgspec.Raw:
    """A text that has nothing to escape, as JSON, without looking at each letter of it."""
    return msgspec.Raw(b'"%b"' % text)


def _format(picture: Painted) -> str:
    return picture.media.rpartition("/")[2]


def _failure(failed: PaintFailed) -> bytes:
    told = {"message": failed.why, "type": "server_error", "param": None, "code": failed.code}
    return sse.frame(msgspec.json.encode({"error": told}))
