"""What a tool is: a name, a schema, and what it gives when it is called.

Floor 5. A new tool is one file beside this one, and a line where the registry is made.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias

from seedbed.core.access import Principal
from seedbed.core.ask import Tool
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Found
from seedbed.core.message import Part, Text
from seedbed.core.value import value

Progress: TypeAlias = Callable[[float, float | None, str], Awaitable[None]]
"""Hears that so much is done of so much, where that is known, and a word on it."""


@value
class Said:
    """What a call brought: parts, or one sentence that says what went wrong; of a search what was
    `found`, too.
    """

    parts: tuple[Part, ...]
    is_error: bool = False
    found: tuple[Found, ...] = ()

    @property
    def text(self) -> str:
        """The words alone."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))

    @classmethod
    def wrong(cls, error: SeedbedError | str) -> "Said":
        """What went wrong, for whoever called: a model can mend it as a person can."""
        return cls((Text(str(error)),), is_error=True)


class HouseTool(Protocol):
    """One tool of the house. `schema` is a JSON schema of its arguments, an object."""

    name: str
    description: str
    schema: Mapping[str, object]

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Do it, on the caller's behalf and at the caller's cost.

        Raises:
            SeedbedError: it cannot be done; whoever has called is told the sentence.
        """
        ...


class Toolbox(Protocol):
    """Tools that can be called now."""

    @property
    def tools(self) -> Sequence[Tool]:
        """Those, as a model is told of them."""
        ...

    @property
    def fault(self) -> str:
        """Why there are none, where that is so."""
        ...

    async def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        principal: Principal,
        progress: Progress,
    ) -> Said:
        """Call one of them. Whatever goes wrong is told, and nothing is raised."""
        ...


class Source(Protocol):
    """Where tools come from: the house itself, or a server elsewhere. Of one without a label nobody
    is told what tools it has.
    """

    label: str

    def open(self, principal: Principal) -> AbstractAsyncContextManager[Toolbox]:
        """Its tools, for whoever asks, for as long as the block lasts."""
        ...


async def unheard(done: float, total: float | None, note: str) -> None:
    """For those who do not want to hear how far it is."""
    del done, total, note
