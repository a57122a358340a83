"""One medium as the parts that a model takes in its place.

Floor 4. What it is is told by its first bytes, and not by what it is said to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seedbed.core.artifact import PLAIN, is_kept
from seedbed.core.errors import FeatureUnserved
from seedbed.core.message import Media, MediaKind, Part, Text
from seedbed.core.value import changed
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Piece
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.sources import Sources

Taken: TypeAlias = frozenset[MediaKind] | None
"""Which media a model takes; with `None` it is elsewhere, and fetches and reads all by itself."""

_LETTERS = 400_000
"""The most letters of a file of words."""


@dataclass(frozen=True, slots=True)
class Making:
    """Makes the media of one ask into what its model takes."""

    model: str
    sources: Sources
    workshop: Workshop
    limits: MediaLimits
    takes: Taken

    async def make(self, media: Media) -> Sequence[Part]:
        """The parts in its place. Of a picture or film that is not taken nothing is looked at.

        Raises:
            MediumFault: it cannot be had, or not be read.
            FeatureUnserved: the model takes no such thing, and nothing that it could become.
            ArtifactUnknown: it is not the project's.
        """
        if self.takes is None:
            return (await self._sent(media),)
        is_shown = MediaKind.IMAGE in self.takes
        if media.kind is MediaKind.AUDIO or (media.kind is not MediaKind.FILE and not is_shown):
            raise FeatureUnserved(self.model, media.kind.value)
        data = await self.sources.bytes_of(media)
        if not data:
            raise MediumFault("it is empty")
        kind = media_type_of(data)
        if media.kind is MediaKind.VIDEO:
            return await self._film(media, data, kind)
        if media.kind is MediaKind.FILE and not (kind.startswith("image/") and is_shown):
            return await self._document(media, data, kind, is_shown=is_shown)
        return await self._picture(media, data, kind)

    async def _sent(self, media: Media) -> Media:
        """The same for a model elsewhere, which knows no artifacts of ours."""
        if not (isinstance(media.source, str) and is_kept(media.source)):
            return media
        data = await self.sources.bytes_of(media)
        options = {**media.options, "media_type": media_type_of(data) or PLAIN}
        return changed(media, source=data, options=options)

    async def _picture(self, media: Media, data: bytes, kind: str) -> Sequence[Part]:
        if not kind.startswith("image/"):
            raise MediumFault(f"it is {kind or 'of no known kind'}, and no picture")
        (piece,) = await self.workshop.make(data, self.limits.picture(media.options))
        return (_shown(piece),)

    async def _film(self, media: Media, data: bytes, kind: str) -> Sequence[Part]:
        order = self.limits.film(kind, media.options)
        pieces = await self.workshop.make(data, order)
        count = sum(not piece.is_last for piece in pieces)
        made: list[Part] = [Text(f"A film, of which these are {count} frames:")]
        for piece in pieces:
            if piece.is_last:
                made.append(Text("Here the film breaks off."))
            else:
                made += (Text(f"At {piece.at:.1f} s:"), _shown(piece))
        return made

    async def _document(
        self, media: Media, data: bytes, kind: str, *, is_shown: bool
    ) -> Sequence[Part]:
        name = media.options.get("filename")
        title = f"The document {name}" if isinstance(name, str) else "A document"
        if kind == "text/plain":
            words = data.decode()
            if len(words) > _LETTERS:
                raise MediumFault(f"it has more than {_LETTERS:,} letters")
            return (Text(f"{title}:\n{words}\n"),)
        if kind != "application/pdf":
            raise MediumFault(f"it is {kind or 'of no known kind'}, and neither a PDF nor words")
        pieces = await self.workshop.make(data, self.limits.document(pictured=is_shown))
        if not is_shown and not any(piece.words for piece in pieces):
            raise MediumFault("it has no words, and the model takes no pictures of its pages")
        made = list[Part]()
        for number, piece in enumerate(pieces, 1):
            made.append(Text(f"{title}, page {number} of {len(pieces)}:\n{piece.words}\n"))
            if is_shown:
                made.append(_shown(piece))
        return made


def _shown(piece: Piece) -> Media:
    return Media(MediaKind.IMAGE, piece.picture)
