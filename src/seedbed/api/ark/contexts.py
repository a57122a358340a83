"""Contexts: what stands before every message of a conversation, kept under an id.

Floor 6. A `common_prefix` never changes; a `session` grows by what was said and answered, and takes
one ask at a time. What a model computed of it is found again in the engine's own prefix cache,
since the same messages stand first. Moments are in epoch microseconds, lives in seconds.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from seedbed.api.openai import wire
from seedbed.core.errors import ObjectBusy, RequestMalformed
from seedbed.core.object import Object
from seedbed.core.value import changed, value
from seedbed.kit.clock import Clock
from seedbed.store.objects import Objects

KIND = "context"
SESSION = "session"
LIFE_SECONDS = 86_400
HISTORY_TOKENS = 4_096
"""What a session remembers of what was said since its beginning, if nothing else is wished."""

_SLACK_SECONDS = 60.0
"""How much longer than an answer a session is thought to be in use, if its process was killed."""


class Exchange(msgspec.Struct):
    """What was said and answered at once, and how many tokens that is."""

    messages: list[wire.WireMessage]
    tokens: int


class Held(msgspec.Struct, kw_only=True):
    """What is kept of a context. `tokens` are those of its first `messages`; until `taken` an ask
    is at work on it.
    """

    model: str
    mode: str
    ttl: int
    truncation_strategy: dict[str, object]
    messages: list[wire.WireMessage]
    tokens: int
    exchanges: list[Exchange] = []
    taken: int = 0

    @property
    def most_history(self) -> int | None:
        """The most tokens that it remembers of exchanges; `None` where only the window bounds."""
        most = self.truncation_strategy.get("last_history_tokens")
        return most if isinstance(most, int) else None

    @property
    def rolls(self) -> bool:
        """Whether the oldest exchanges make room when the window is full."""
        return bool(self.truncation_strategy.get("rolling_tokens"))

    def before(self, kept: Sequence[Exchange]) -> list[wire.WireMessage]:
        """The messages that stand before an ask, with those exchanges."""
        return [*self.messages, *(message for one in kept for message in one.messages)]


@value
class Contexts:
    """The contexts of all projects. No answer takes longer than `longest` seconds."""

    objects: Objects
    clock: Clock
    longest: float

    async def keep(self, id_: str, project: str, held: Held) -> None:
        """Keep a new one."""
        now = self._now()
        made = Object(id_, KIND, project, now, _plain(held), until=now + held.ttl * 1_000_000)
        await self.objects.put(made)

    async def take(self, id_: str, project: str, model: str) -> Held:
        """One that an ask of a model is about to use, which begins its life anew.

        Raises:
            ObjectUnknown: the project has none of that id.
            RequestMalformed: it is another model's.
            ObjectBusy: it is a session that another ask is at work on.
        """
        now = self._now()

        def taken(found: Object) -> Object:
            held = _held(found)
            if held.model != model:
                raise _foreign(id_, held.model, model)
            if held.mode == SESSION and held.taken > now:
                raise ObjectBusy(KIND, id_)
            if held.mode == SESSION:
                held.taken = now + round((self.longest + _SLACK_SECONDS) * 1e6)
            return changed(found, body=_plain(held), until=now + held.ttl * 1_000_000)

        return _held(await self.objects.change(KIND, id_, project, taken))

    async def leave(self, id_: str, project: str, exchanges: Sequence[Exchange] | None) -> None:
        """Let the next ask have a session, with the exchanges that it has now, or as it was."""

        def left(found: Object) -> Object:
            held = _held(found)
            held.taken = 0
            if exchanges is not None:
                held.exchanges = newest(exchanges, held.most_history)
            return changed(found, body=_plain(held))

        await self.objects.change(KIND, id_, project, left)

    def _now(self) -> int:
        return round(self.clock.wall() * 1e6)


def newest(exchanges: Sequence[Exchange], most: int | None) -> list[Exchange]:
    """The newest exchanges, as many as have so many tokens together, each whole.

    What a tool brought is not kept without the call that it answers.
    """
    kept: list[Exchange] = []
    tokens = 0
    for one in reversed(exchanges):
        tokens += one.tokens
        if most is not None and tokens > most:
            break
        kept.insert(0, one)
    while len(kept) < len(exchanges) and kept and kept[0].messages[0].role == "tool":
        del kept[0]
    return kept


def _foreign(id_: str, owner: str, model: str) -> RequestMalformed:
    return RequestMalformed(
        f"The context {id_!r} is of the model {owner!r}, and {model!r} was asked.",
        hint=f"Ask {owner!r}, or create a context of {model!r}.",
        field="model",
    )


def _held(found: Object) -> Held:
    return msgspec.convert(found.body, Held)


def _plain(held: Held) -> Mapping[str, object]:
    return cast(Mapping[str, object], msgspec.to_builtins(held))
