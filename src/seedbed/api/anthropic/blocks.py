"""From Anthropic's blocks to parts.

Floor 6. A document or a find of words becomes text, its title and its context before it; what only
its maker can read goes on unread. No block says how a picture is to be looked at.
"""

from collections.abc import Iterator, Sequence

import msgspec

from seedbed.api.anthropic import wire
from seedbed.api.anthropic.seal import Sealer
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.message import HIDDEN, Call, Media, MediaKind, Part, Reasoning, Result, Text
from seedbed.core.value import value
from seedbed.tools.menu import plain

DIALECT = "anthropic"


@value
class Blocks:
    """Reads blocks; thoughts among them must be as this house sealed them."""

    sealer: Sealer

    def parts(self, content: str | Sequence[wire.Block], where: str) -> tuple[Part, ...]:
        """The parts of a content; `where` names its field.

        Raises:
            RequestMalformed: a thought was changed.
            FieldUnserved: a block wants what is not served.
        """
        if isinstance(content, str):
            return (Text(content),)
        parts: list[Part] = []
        for at, block in enumerate(content):
            parts += self._block(block, f"{where}[{at}]")
        return tuple(parts)

    def _block(self, block: wire.Block, where: str) -> Iterator[Part]:
        match block:
            case wire.TextBlock(text=text):
                yield Text(text)
            case wire.ToolUseBlock() | wire.McpToolUseBlock():
                yield _call(block)
            case wire.ToolResultBlock() | wire.McpToolResultBlock():
                id_, wrong = block.tool_use_id, block.is_error
                inner = self.parts(block.content or "", f"{where}.content")
                yield Result(id_, inner if block.content else (), is_error=bool(wrong))
            case wire.McpListingBlock():
                pass  # what a server has is looked up anew
            case wire.ThinkingBlock():
                yield self._thought(block, where)
            case wire.RedactedThinkingBlock(data=data):
                yield Reasoning("", seal=HIDDEN + data.encode())
            case wire.ImageBlock(source=source):
                yield _medium(MediaKind.IMAGE, source)
            case wire.SearchResultBlock():
                _refuse_citations(block.citations, where)
                words = "".join(text.text for text in block.content)
                yield Text("\n".join((block.title, block.source, words)))
            case document:
                yield from self._document(document, where)

    def _thought(self, block: wire.ThinkingBlock, where: str) -> Reasoning:
        text, seal = block.thinking, block.signature.encode()
        if not self.sealer.is_ours(seal):
            return Reasoning(text, seal=seal or None)
        if not self.sealer.proves(seal, text):
            raise RequestMalformed(
                f"The thought in {where!r} is not as it was told: its signature is of another.",
                hint="Send thinking blocks back unchanged, or leave them out.",
                field=where,
            )
        return Reasoning(text)

    def _document(self, block: wire.DocumentBlock, where: str) -> Iterator[Part]:
        _refuse_citations(block.citations, where)
        heading = "\n".join(words for words in (block.title, block.context) if words)
        if heading:
            yield Text(f"{heading}\n")
        match block.source:
            case wire.TextSource(data=text):
                yield Text(text)
            case wire.ContentSource(content=content):
                yield from self.parts(content, f"{where}.source.content")
            case source:
                yield _medium(MediaKind.FILE, source)


def _call(block: wire.ToolUseBlock | wire.McpToolUseBlock) -> Call:
    """A call; a server's tool has the name that models are told for it."""
    name = plain(block.name) if isinstance(block, wire.McpToolUseBlock) else block.name
    return Call(block.id, name, msgspec.json.encode(block.input).decode())


def _medium(kind: MediaKind, source: wire.Base64Source | wire.UrlSource | wire.FileSource) -> Media:
    if isinstance(source, wire.Base64Source):
        return Media(kind, f"data:{source.media_type};base64,{source.data}")
    return Media(kind, source.url if isinstance(source, wire.UrlSource) else source.file_id)


def _refuse_citations(citations: wire.Citations | None, where: str) -> None:
    if citations and citations.enabled:
        because = "answers do not say what they quote."
        raise FieldUnserved(f"{where}.citations.enabled", value="true", because=because)
