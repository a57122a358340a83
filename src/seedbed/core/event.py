"""What a model answers: a stream of events, and the reply that is the stream folded.

Floor 1. A stream is `Started`, then deltas, then exactly one of `Finished` and `Failed`; where the
ask is refused or the engine fails before it began, `Failed` is all there is. A stream never raises
a `SeedbedError`. There is no second, whole-answer path: `Reply.of` folds the same events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.message import Call, Part, Reasoning, Text
from seedbed.core.money import Entry
from seedbed.core.usage import Usage


class Stop(StrEnum):
    """Why an answer ended."""

    END = "end"
    SEQUENCE = "sequence"
    LENGTH = "length"
    CALL = "call"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Started:
    """The engine has taken the ask."""

    model: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Some more words, made of `tokens` tokens."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """Some more thought."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class CallDelta:
    """Some more of the call with that ordinal; `id` and `name` come with its first delta."""

    ordinal: int
    arguments: str
    id: str = ""
    name: str = ""
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class UsageNow:
    """What has been used so far. An engine sends it once the prompt has been read, at least."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole. The gateway adds the entry that it was settled with."""

    stop: Stop
    usage: Usage
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer ends here and is not whole."""

    error: SeedbedError
    entry: Entry | None = None


Event: TypeAlias = Started | TextDelta | ReasoningDelta | CallDelta | UsageNow | Finished | Failed


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    model: str
    parts: tuple[Part, ...]
    stop: Stop
    usage: Usage
    entry: Entry | None = None

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def reasoning(self) -> str:
        """The thought alone."""
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls alone, in order."""
        return tuple(part for part in self.parts if isinstance(part, Call))

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Reply":
        """Fold a whole stream.

        Raises:
            SeedbedError: the one that the stream ended with.
            EngineFailed: the stream was cut off before it ended.
        """
        model, reasoning, text = "", "", ""
        calls: dict[int, Call] = {}
        for event in events:
            match event:
                case Started(model=model):
                    pass
                case TextDelta(text=more):
                    text += more
                case ReasoningDelta(text=more):
                    reasoning += more
                case CallDelta():
                    calls[event.ordinal] = _longer(calls.get(event.ordinal), event)
                case UsageNow():
                    pass
                case Failed(error=error):
                    raise error
                case Finished(stop=stop, usage=usage, entry=entry):  # pragma: no branch - the last
                    parts: list[Part] = [Reasoning(reasoning)] if reasoning else []
                    parts += [Text(text)] if text else []
                    parts += [calls[ordinal] for ordinal in sorted(calls)]
                    return cls(model, tuple(parts), stop, usage, entry)
        raise EngineFailed(model, why="the stream was cut off before its end")


def _longer(call: Call | None, delta: CallDelta) -> Call:
    if call is None:
        return Call(delta.id, delta.name, delta.arguments)
    return replace(call, arguments=call.arguments + delta.arguments)
