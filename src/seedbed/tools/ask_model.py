"""The tool `ask_model`: a question to any model of the house, paid like every other.

Floor 5.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from seedbed.core.access import Principal
from seedbed.core.ask import Ask, Limits, Sampling
from seedbed.core.event import Event, TextDelta
from seedbed.core.message import Message, Role, Text
from seedbed.serving.once import Generate
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.asking import ask
from seedbed.tools.tool import Progress, Said

_EACH = 32
"""Pieces of an answer between two words on how far it is."""


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    model: Annotated[str, msgspec.Meta(description="A name from list_models.")]
    prompt: Annotated[str, msgspec.Meta(description="What the model is asked.")]
    system: Annotated[str, msgspec.Meta(description="What it is told before.")] = ""
    max_tokens: Annotated[int, msgspec.Meta(ge=1, description="Where its answer ends.")] | None = (
        None
    )
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None


class AskModel:
    """Asks by the one road."""

    name = "ask_model"
    description = "Ask a model of this house, and get its answer. It is paid from your budget."
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
        pieces = 0

        async def see(event: Event) -> None:
            nonlocal pieces
            if isinstance(event, TextDelta):
                pieces += 1
                if pieces % _EACH == 0:
                    await progress(pieces, None, "writing")

        wish = _ask(read(arguments, _Arguments))
        return Said((Text((await ask(self._generate, wish, principal, see)).text),))


def _ask(wish: _Arguments) -> Ask:
    said = [Message(Role.SYSTEM, (Text(wish.system),))] if wish.system else []
    return Ask(
        wish.model,
        (*said, Message(Role.USER, (Text(wish.prompt),))),
        limits=Limits(wish.max_tokens),
        sampling=Sampling(temperature=wish.temperature),
    )
