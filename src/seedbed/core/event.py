"""What a model answers: a stream of events, and the reply that is the stream folded.

Floor 1. A stream is `Started`, then deltas, then exactly one of `Finished` and `Failed`; where the
ask is refused or the engine fails before it began, `Failed` is all there is. A stream never raises
a `SeedbedError`. There is no second, whole-answer path: `Reply.of` folds the same events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from seedbed.core.ask import Tool
from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.message import Call, Part, Reasoning, Text
from seedbed.core.money import Entry
from seedbed.core.sound import Heard, Spoken
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
    """Some more thought. One with a `seal` ends a thought, which that seal proves unchanged, or is:
    `seedbed.core.message.hidden`.
    """

    text: str
    tokens: int = 1
    wire: Wire | None = None
    seal: bytes | None = None


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
class Previewed:
    """A picture as far as it has come, as a file's bytes; `index` numbers those of one picture."""

    ordinal: int
    index: int
    data: bytes


@value
class Painted:
    """A picture, as the bytes of a file of that `media` type; `revised` is the prompt as the model
    rewrote it, if it did, and `notes` tell what of the prompt it does not show.
    """

    ordinal: int
    data: bytes
    width: int
    height: int
    media: str = "image/png"
    revised: str = ""
    notes: tuple[str, ...] = ()


@value
class PaintFailed:
    """A picture that did not come about, while others may: our own code, and what happened."""

    ordinal: int
    code: str
    why: str


@value
class FilmProgress:
    """How much of a film is `done`, from 0 to 1, and `what` is done now."""

    done: float
    what: str = ""


@value
class Filmed:
    """A film, as the bytes of a file of that `media` type; its length is in `seconds`.

    Behind the road that keeps films, `data` is empty and `hash` names the artifact.
    """

    data: bytes
    media: str
    width: int
    height: int
    seconds: float
    fps: float
    sound: bool = False
    hash: str = ""


@value
class Tokenized:
    """The tokens of one text, as the model's own tokenizer numbers them.

    `offsets` says from which character to which each token goes, the end excluded; it is empty
    where the engine does not know.
    """

    ordinal: int
    tokens: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...] = ()


@value
class Counted:
    """How many tokens the prompt has."""

    tokens: int


class ToolPhase(StrEnum):
    """How far a call is that this house makes itself."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    ASKED = "asked"
    """It waits for somebody's word, and is not made before."""


@value
class ToolsListed:
    """The tools that a server has for this ask."""

    server: str
    tools: tuple[Tool, ...] = ()


@value
class Found:
    """A passage that a search found, with what is known of its file; the score is from 0 to 1."""

    file: str
    name: str
    attributes: Mapping[str, object]
    score: float
    text: str


@value
class ToolRan:
    """A call that this house makes itself, between two rounds of the model: told when it begins and
    when it has ended, under one ordinal. `output` and `error` are for the model and for people;
    `approval` is the id under which somebody was asked for it before. A search of files has no
    server, and what was `found`.
    """

    ordinal: int
    server: str
    name: str
    arguments: str
    output: str = ""
    error: str = ""
    phase: ToolPhase = ToolPhase.BEGUN
    approval: str = ""
    found: tuple[Found, ...] = ()


@value
class UsageNow:
    """What has been used so far. An engine sends it once the prompt has been read, at least."""

    usage: Usage


@value
class Finished:
    """The answer is whole. The gateway adds the entry that it was settled with.

    Its `wire`, where there is one, is of the whole answer. `met` is the stop text that ended it,
    where the engine tells.
    """

    stop: Stop
    usage: Usage
    entry: Entry | None = None
    wire: Wire | None = None
    met: str | None = None


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
    | Previewed
    | Painted
    | PaintFailed
    | FilmProgress
    | Filmed
    | Spoken
    | Heard
    | Tokenized
    | Counted
    | ToolsListed
    | ToolRan
    | UsageNow
    | Finished
    | Failed
)


@value
class Reply:
    """A whole answer: parts for an `Ask`, vectors for an `EmbedAsk`, scores for a `RerankAsk`,
    pictures for an `ImageAsk`, the film for a `VideoAsk`, the sound for a `SpeechAsk`, what was
    heard for a `ListenAsk`, the texts' tokens for a `TokenizeAsk`, and for a `CountAsk` how many
    there are.
    """

    model: str
    parts: tuple[Part, ...]
    stop: Stop
    usage: Usage
    entry: Entry | None = None
    likely: tuple[Likely, ...] = ()
    vectors: tuple[bytes, ...] = ()
    scores: tuple[float, ...] = ()
    pictures: tuple[Painted | PaintFailed, ...] = ()
    film: Filmed | None = None
    sound: bytes = b""
    heard: tuple[Heard, ...] = ()
    tokenized: tuple[Tokenized, ...] = ()
    counted: int = 0
    wire: Wire | None = None
    met: str | None = None

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
        self._sealed: list[Part] = []
        self._calls: dict[int, Call] = {}
        self._likely: list[Likely] = []
        self._made: dict[int, Embedded | Ranked | Painted | PaintFailed | Tokenized] = {}
        self._sound: list[bytes] = []
        self._heard: list[Heard] = []
        self._only: Counted | Filmed | None = None

    def take(self, event: Event) -> None:
        """Add one event; `UsageNow` adds nothing, since the end tells it again, and what the house
        did itself is no part of what the model said.
        """
        match event:
            case TextDelta():
                self._text.append(event.text)
                self._likely += event.likely
            case ReasoningDelta():
                self._think(event)
            case Started():
                self._model = event.model
            case Finished() | Failed():
                self._end = event
            case CallDelta():
                self._calls[event.ordinal] = _longer(self._calls.get(event.ordinal), event)
            case Embedded() | Ranked() | Painted() | PaintFailed() | Tokenized():
                self._made[event.ordinal] = event
            case Spoken():
                self._sound.append(event.data)
            case Heard():
                self._heard.append(event)
            case Counted() | Filmed():
                self._only = event
            case _:
                pass

    def _think(self, delta: ReasoningDelta) -> None:
        self._reasoning.append(delta.text)
        if delta.seal is not None:
            self._sealed.append(Reasoning("".join(self._reasoning), seal=delta.seal))
            self._reasoning.clear()

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
        parts = [*self._sealed, Reasoning(reasoning)] if reasoning else self._sealed.copy()
        parts += [Text(text)] if text else []
        parts += _in_order(self._calls)
        made, only = _in_order(self._made), self._only
        return Reply(
            self._model,
            tuple(parts),
            end.stop,
            end.usage,
            end.entry,
            likely=tuple(self._likely),
            vectors=tuple([one.vector for one in made if type(one) is Embedded]),
            scores=tuple([one.score for one in made if type(one) is Ranked]),
            pictures=tuple([one for one in made if isinstance(one, Painted | PaintFailed)]),
            film=only if isinstance(only, Filmed) else None,
            sound=b"".join(self._sound),
            heard=tuple(self._heard),
            tokenized=tuple([one for one in made if type(one) is Tokenized]),
            counted=only.tokens if isinstance(only, Counted) else 0,
            wire=end.wire,
            met=end.met,
        )


def _in_order(found: Mapping[int, _T]) -> tuple[_T, ...]:
    return tuple(found[ordinal] for ordinal in sorted(found)) if found else ()


def _longer(call: Call | None, delta: CallDelta) -> Call:
    if call is None:
        return Call(delta.id, delta.name, delta.arguments)
    return replace(call, arguments=call.arguments + delta.arguments)
