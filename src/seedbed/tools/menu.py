"""What tools a model is offered: from where, under which names, and which need a word first.

Floor 5.
"""

import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import cast

from seedbed.core.access import Principal
from seedbed.core.ask import Tool
from seedbed.core.value import changed, value
from seedbed.tools.tool import Said, Source, Toolbox, unheard

_NOT_NAMED = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64


def plain(name: str) -> str:
    """A tool's name as every model takes it.

    >>> plain("files.read")
    'files_read'
    """
    return _NOT_NAMED.sub("_", name)[:_LONGEST_NAME]


def never(_: str) -> bool:
    """Of no tool."""
    return False


@value
class Offer:
    """The tools of one source: all, or the `allowed`. Of those that `asks` names, no call is made
    before somebody has allowed it.
    """

    source: Source
    allowed: Container[str] | None = None
    asks: Callable[[str], bool] = never


@value
class Dish:
    """One tool on the menu, under the name that its source knows."""

    server: str
    name: str
    box: Toolbox
    asks: bool

    async def call(self, arguments: str, principal: Principal) -> Said:
        """Call it with what the model wrote."""
        try:
            given: object = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            return Said.wrong("The arguments are no JSON object. Write one that the schema allows.")
        words = cast(Mapping[str, object], given)
        return await self.box.call(self.name, words, principal, unheard)


class Menu:
    """All that is offered, by the names that the model is told; none of them is one of `taken`."""

    def __init__(self, taken: Sequence[str]) -> None:
        self._taken = set(taken)
        self._dishes: dict[str, Dish] = {}
        self.tools: list[Tool] = []
        """As the model is told of them."""

    def add(self, offer: Offer, box: Toolbox) -> tuple[Tool, ...]:
        """Put an offer on it; gives what was, under the names that its source knows."""
        label = offer.source.label
        added = [tool for tool in box.tools if offer.allowed is None or tool.name in offer.allowed]
        for tool in added:
            name = self._named(label, tool.name)
            self._taken.add(name)
            self._dishes[name] = Dish(label, tool.name, box, offer.asks(tool.name))
            self.tools.append(changed(tool, name=name))
        return tuple(added)

    def find(self, name: str) -> Dish | None:
        """What the model means by a name, where that is here."""
        return self._dishes.get(name)

    def of(self, server: str, name: str) -> tuple[str, Dish] | None:
        """A tool of a server, with the name that the model was told for it."""
        for told, dish in self._dishes.items():
            if (dish.server, dish.name) == (server, name):
                return told, dish
        return None

    def _named(self, label: str, name: str) -> str:
        """A name that every model takes and that nothing else has."""
        told = plain(name)
        if told not in self._taken:
            return told
        base = _NOT_NAMED.sub("_", f"{label}_{name}")[: _LONGEST_NAME - 4]
        ends = ("", *(f"_{number}" for number in range(2, 1000)))
        return next(base + end for end in ends if base + end not in self._taken)
