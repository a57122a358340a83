"""Media as upstreams take them: an address that they fetch themselves, or the bytes in base64.

Floor 3.
"""

import base64
from dataclasses import dataclass

from seedbed.core.errors import RequestMalformed
from seedbed.core.message import Media

_MAGIC = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"ID3": "audio/mpeg",
    b"%PDF": "application/pdf",
}
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}


@dataclass(frozen=True, slots=True)
class Inline:
    """A medium's type and its bytes in base64."""

    kind: str
    data: str

    @property
    def uri(self) -> str:
        """Both as one address."""
        return f"data:{self.kind};base64,{self.data}"


def located(media: Media) -> str | Inline:
    """The address of a medium, or the medium itself.

    Raises:
        RequestMalformed: it is neither, or its bytes are of no known type.
    """
    source = media.source
    if isinstance(source, bytes):
        return Inline(_kind(media, source), base64.b64encode(source).decode())
    if source.startswith("data:"):
        head, _, data = source.partition(",")
        kind, _, coding = head.removeprefix("data:").partition(";")
        if coding != "base64" or not kind:
            raise _malformed("A data address holds a type and base64: data:TYPE;base64,...")
        return Inline(kind, data)
    if source.startswith(("https://", "http://")):
        return source
    raise _malformed(f"An upstream cannot fetch the {media.kind} {source[:80]!r}.")


def _kind(media: Media, data: bytes) -> str:
    told = media.options.get("media_type")
    if isinstance(told, str):
        return told
    if data[:4] == b"RIFF" and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return kind
    raise _malformed(f"The bytes of the {media.kind} are of no known type.")


def _malformed(what: str) -> RequestMalformed:
    return RequestMalformed(what, hint="Send it as a URL or as base64.", field="messages")
