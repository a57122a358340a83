"""What has been said in the rounds of one answer: to the model, by it, and by the tools.

Floor 5. Pure: it makes the order of each round, and of the events that come those that go out.
"""

from collections.abc import Sequence
from dataclasses import replace

from seedbed.core.access import Principal
from seedbed.core.ask import Ask, ToolPolicy
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    Fold,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.message import Call, Message, Result, Role
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.core.value import changed
from seedbed.serving.account import Order
from seedbed.serving.attempts import together
from seedbed.tools.menu import Dish, Menu
from seedbed.tools.tool import Said

_CALLED = frozenset({Stop.CALL, Stop.END})
"""How an answer ends whose calls are whole."""


class Talk:
    """One answer so far."""

    def __init__(self, order: Order, ask: Ask, menu: Menu) -> None:
        self._order, self._menu = order, menu
        self._ask = changed(ask, tools=(*ask.tools, *menu.tools))
        self._messages = list(ask.messages)
        self._used, self._entries = Usage(), list[Entry]()
        self._fold, self._others = Fold(), dict[int, int]()
        self._here: set[int] = set()
        self._calls: Sequence[Call] = ()
        self._is_begun = False
        self.is_over = False

    @property
    def principal(self) -> Principal:
        """Who pays."""
        return self._order.principal

    @property
    def has_others(self) -> bool:
        """Whether this round has calls that are the caller's to make."""
        return bool(self._others)

    def order(self, number: int, *, is_last: bool) -> Order:
        """The order of a round. Whoever must call a tool need not call one again and again, and
        the last round has none.
        """
        self._fold, self._here, self._others, self._calls = Fold(), set(), {}, ()
        policy = self._ask.tool_policy
        if number > 1 and policy.mode == "required":
            policy = ToolPolicy("auto", (), policy.parallel)
        if is_last:
            policy = ToolPolicy("none")
        ask = changed(self._ask, messages=tuple(self._messages), tool_policy=policy)
        id_ = self._order.request_id
        return replace(self._order, ask=ask, request_id=id_ if number == 1 else f"{id_}-{number}")

    def take(self, event: Event) -> Sequence[Event]:
        """Hear an event of the model's, and give what of it goes out."""
        self._fold.take(event)
        match event:
            case Started():
                is_first, self._is_begun = not self._is_begun, True
                return [event] if is_first else []
            case TextDelta() | ReasoningDelta():
                return [event if event.wire is None else changed(event, wire=None)]
            case CallDelta():
                return self._called(event)
            case UsageNow(usage=usage):
                return [UsageNow(self._used + usage)]
            case Finished() | Failed():
                return self._ended(event)
            case _:
                return [event]

    def calls(self) -> list[tuple[Call, Dish]]:
        """The calls of this round that are the house's to make."""
        found = ((call, self._menu.find(call.name)) for call in self._calls)
        return [(call, dish) for call, dish in found if dish is not None]

    def say(self, call: Call) -> None:
        """A call that the model had made before."""
        self._messages.append(Message(Role.ASSISTANT, (call,)))

    def hear(self, call: Call, said: Said) -> None:
        """What a call brought."""
        result = Result(call.id, said.parts, said.is_error)
        self._messages.append(Message(Role.TOOL, (result,)))

    def end(self, stop: Stop, met: str | None = None) -> Finished:
        """The end of all rounds, with what they used together."""
        self.is_over = True
        entry = together(self._order.request_id, self._entries)
        return Finished(stop, self._used, entry, met=met)

    def _called(self, delta: CallDelta) -> Sequence[Event]:
        """Calls of the caller's go out, numbered among themselves."""
        if delta.name and self._menu.find(delta.name):
            self._here.add(delta.ordinal)
        if delta.ordinal in self._here:
            return []
        ordinal = self._others.setdefault(delta.ordinal, len(self._others))
        return [changed(delta, ordinal=ordinal, wire=None)]

    def _ended(self, event: Finished | Failed) -> Sequence[Event]:
        if event.entry is not None:
            self._entries.append(event.entry)
        if isinstance(event, Failed):
            self.is_over = True
            return [Failed(event.error, together(self._order.request_id, self._entries))]
        self._used += event.usage
        reply = self._fold.reply()
        self._calls = reply.calls
        if not self._here or event.stop not in _CALLED:
            return [self.end(event.stop, event.met)]
        self._messages.append(Message(Role.ASSISTANT, reply.parts))
        return []
