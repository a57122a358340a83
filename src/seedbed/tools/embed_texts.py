"""The tool `embed_texts`: a vector for each text.

Floor 5.
"""

import json
import struct
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from seedbed.core.access import Principal
from seedbed.core.ask import EmbedAsk
from seedbed.core.message import Text
from seedbed.serving.once import Generate
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.asking import ask
from seedbed.tools.tool import Progress, Said


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    model: Annotated[str, msgspec.Meta(description="A name from list_models, of a model of texts.")]
    texts: Annotated[list[str], msgspec.Meta(min_length=1, max_length=256)]
    purpose: Annotated[
        Literal["query", "passage"],
        msgspec.Meta(description="Whether the texts are questions, or what answers them."),
    ] = "passage"
    dimensions: Annotated[int, msgspec.Meta(ge=1)] | None = None


class EmbedTexts:
    """Asks for vectors by the one road."""

    name = "embed_texts"
    description = "Turn texts into vectors, one for each, as a list of lists of numbers."
    schema = schema_of(_Arguments)

    def __init__(self, generate: Generate) -> None:
        self._generate = generate

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Ask.

        Raises:
            SeedbedError: the arguments cannot be read, or there was no whole answer.
        """
        del progress
        wish = read(arguments, _Arguments)
        texts = EmbedAsk(wish.model, tuple(wish.texts), wish.purpose, wish.dimensions)
        reply = await ask(self._generate, texts, principal)
        return Said((Text(json.dumps([_numbers(vector) for vector in reply.vectors])),))


def _numbers(vector: bytes) -> list[float]:
    """To as many places as 32 bits hold."""
    return [float(f"{number:.7g}") for (number,) in struct.iter_unpack("<f", vector)]
