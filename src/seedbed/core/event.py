"""What a model answers: a stream of events, and the reply that is the stream folded.

Floor 1. A stream is `Started`, then deltas, then exactly one of `Finished` and `Failed`; where the
ask is refused or the engine fails before it began, `Failed` is all there is. A stream never raises
a `SeedbedError`. There is no second, whole-answer path: `Reply.of` folds the same events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.message import Call, Part, Reasoning, Text
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.core.value import value

_T = TypeVar("_T")


class Stop(StrEnum):
    """Why an answer ended."""

    END = "end"
    SEQUENCE = "sequence"
    LENGTH = "length"
    CALL = "call"
    FILTER = "filter"


@value
class Started:
    """The engine has taken the ask."""

    model: str


@value
class Likely:
    """A token, how likely it was (natural logarithm), and the likeliest in its place."""

    text: str
    logprob: float
    top: tuple["Likely", ...] = ()


@value
class Wire:
    """The bytes that an event came as, for a door of the same dialect to forward.

    `form` names the dialect and the kind of piece; a door that writes other forms passes over it.
    Where several events came in one piece, the first carries it and the others carry one without
    data, which says that they are told already.
    """

    form: str
    data: bytes


CHAT_CHOICES = "openai.chat.choices"
"""The `choices` of a piece of a streamed chat in OpenAI's words, in one line."""
CHAT_WHOLE = "openai.chat.whole"
"""The `choices` of a whole chat in OpenAI's words."""


@value
class TextDelta:
    """Some more words, made of `tokens` tokens; `likely` tells each, where that was asked for."""

    text: str
    tokens: int = 1
    likely: tuple[Likely, ...] = ()
    wire: Wire | None = None


@value
class ReasoningDelta:
    """Some more thought."""

    text: str
    tokens: int = 1
    wire: Wire | None = None


@value
class CallDelta:
    """Some more of the call with that ordinal; `id` and `name` come with its first delta."""

    ordinal: int
    arguments: str
    id: str = ""
    name: str = ""
    tokens: int = 1
    wire: Wire | None = None


@value
class Embedded:
    """The vector of one text: 32-bit floats, little-endian, of length one."""

    ordinal: int
    vector: bytes


@value
class Ranked:
    """How well one text answers the question; more is better, and only the order means anything."""

    ordinal: int
    score: float


@value
class UsageNow:
    """What has been used so far. An engine sends it once the prompt has been read, at least."""

    usage: Usage


@value
class Finished:
    """The answer is whole. The gateway adds the entry that it was settled with.

    Its `wire`, where there is one, is of the whole answer.
    """

    stop: Stop
    usage: Usage
    entry: Entry | None = None
    wire: Wire | None = None


@value
class Failed:
    """The answer ends here and is not whole."""

    error: SeedbedError
    entry: Entry | None = None


Event: TypeAlias = (
    Started
    | TextDelta
    | ReasoningDelta
    | CallDelta
    | Embedded
    | Ranked
    | UsageNow
    | Finished
    | Failed
)


@value
class Reply:
    """A whole answer: parts for an `Ask`, vectors for an `EmbedAsk`, scores for a `RerankAsk`."""

    model: str
    parts: tuple[Part, ...]
    stop: Stop
    usage: Usage
    entry: Entry | None = None
    likely: tuple[Likely, ...] = ()
    vectors: tuple[bytes, ...] = ()
    scores: tuple[float, ...] = ()
    wire: Wire | None = None

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
        fold = Fold()
        for event in events:
            fold.take(event)
        return fold.reply()


class Fold:
    """An answer as far as it has come."""

    def __init__(self) -> None:
        self._model = ""
        self._end: Finished | Failed | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, Call] = {}
        self._likely: list[Likely] = []
        self._vectors: dict[int, bytes] = {}
        self._scores: dict[int, float] = {}

    def take(self, event: Event) -> None:
        """Add one event; `UsageNow` adds nothing, since the end tells it again."""
        match event:
            case TextDelta():
                self._text.append(event.text)
                self._likely += event.likely
            case ReasoningDelta():
                self._reasoning.append(event.text)
            case Started():
                self._model = event.model
            case Finished() | Failed():
                self._end = event
            case CallDelta():
                self._calls[event.ordinal] = _longer(self._calls.get(event.ordinal), event)
            case Embedded():
                self._vectors[event.ordinal] = event.vector
            case Ranked():
                self._scores[event.ordinal] = event.score
            case _:
                pass

    def reply(self) -> Reply:
        """The whole of it.

        Raises:
            SeedbedError: the one that it ended with.
            EngineFailed: it has not ended.
        """
        end = self._end
        if isinstance(end, Failed):
            raise end.error
        if end is None:
            raise EngineFailed(self._model, why="the stream was cut off before its end")
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        parts: list[Part] = [Reasoning(reasoning)] if reasoning else []
        parts += [Text(text)] if text else []
        parts += _in_order(self._calls)
        return Reply(
            self._model,
            tuple(parts),
            end.stop,
            end.usage,
            end.entry,
            likely=tuple(self._likely),
            vectors=_in_order(self._vectors),
            scores=_in_order(self._scores),
            wire=end.wire,
        )


def _in_order(found: Mapping[int, _T]) -> tuple[_T, ...]:
    return tuple(found[ordinal] for ordinal in sorted(found)) if found else ()


def _longer(call: Call | None, delta: CallDelta) -> Call:
    if call is None:
        return Call(delta.id, delta.name, delta.arguments)
    return replace(call, arguments=call.arguments + delta.arguments)
