"""Pictures in Ark's words: whole, or each as it is painted.

Floor 6. The vendor's client ends where it reads of a picture that failed, and so failures come
behind all successes, right before the end. The time is told as `created` and as `created_at`, since
the vendor's documents have one and its client the other. Dropped by name: previews, our own code of
a failure, and what the model made of the prompt.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api.ark import write
from seedbed.api.images.size import told_size
from seedbed.api.openai.pictures import given, named
from seedbed.api.openai.write import DONE, cost
from seedbed.core.ask import ImageAsk
from seedbed.core.event import Event, Failed, Finished, Painted, PaintFailed, Reply
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.kit import sse

FIELDS: Mapping[str, str] = {
    "format": "output_format",
    "guidance": "guidance_scale",
    "refs": "image",
}
"""What this call names the neutral fields."""
_FAILED = "InternalServiceError"
"""What is told of a picture that failed by itself, in the vendor's words."""


class ArkPictures:
    """Writes pictures whose `data` is the text that the caller is given."""

    def __init__(self, ask: ImageAsk, request_id: str, now: int, *, by_link: bool) -> None:
        self._head = {"model": ask.model, "created": now, "created_at": now}
        self._refs, self._request_id, self._by_link = len(ask.refs), request_id, by_link
        self._failed: list[PaintFailed] = []

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer; a picture that failed has its error in its place."""
        data = [self._picture(one) for one in reply.pictures]
        return msgspec.json.encode(
            self._head | {"data": data} | self._spent(reply.usage, reply.entry)
        )

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case Painted():
                return self._each("partial_succeeded", event)
            case PaintFailed():
                self._failed.append(event)
            case Finished():
                failed = [self._each("partial_failed", one) for one in self._failed]
                spent = self._spent(event.usage, event.entry)
                return b"".join(failed) + self._event("completed", spent) + DONE
            case Failed(error=error):
                return sse.frame(write.error_body(error, self._request_id, FIELDS))
            case _:
                pass
        return b""

    def _each(self, name: str, one: Painted | PaintFailed) -> bytes:
        return self._event(name, {"image_index": one.ordinal} | self._picture(one))

    def _event(self, name: str, told: dict[str, object]) -> bytes:
        kind = f"image_generation.{name}"
        return named(kind, {"type": kind} | self._head | told)

    def _picture(self, one: Painted | PaintFailed) -> dict[str, object]:
        if isinstance(one, PaintFailed):
            return {"error": {"code": _FAILED, "message": one.why}}
        size = told_size(one.width, one.height)
        form = one.media.rpartition("/")[2]
        own = {"seedbed": {"notes": list(one.notes)}} if one.notes else {}
        return given(one, by_link=self._by_link) | {"size": size, "output_format": form, **own}

    def _spent(self, used: Usage, entry: Entry | None) -> dict[str, object]:
        told: dict[str, object] = {"generated_images": used.images, "output_tokens": used.output}
        told["total_tokens"] = used.output  # the vendor counts nothing that is read
        if self._refs:
            told["input_images"] = self._refs
        return {"usage": told} | cost(entry)
