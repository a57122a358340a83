"""What a dialect is: one vendor's words for a model call, there and back.

Floor 3. A dialect turns an ask into the body of a request, and what comes back into pieces. It does
no I/O and keeps no secret. To add one, write a file beside this one, and name its class where the
engine names the others.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias, TypeVar

import msgspec

from seedbed.core.ask import Ask, EmbedAsk, Feature, RerankAsk
from seedbed.core.event import CallDelta, ReasoningDelta, Stop, TextDelta, Wire
from seedbed.core.usage import Usage
from seedbed.core.value import value

_T = TypeVar("_T")


class Unreadable(ValueError):
    """What an upstream sent is not of its dialect; the sentence says where."""


@value
class Served:
    """A model as both sides call it, its window in tokens, and what was found to be served.

    With `salts` it is told who may share prefixes.
    """

    name: str
    theirs: str
    window: int
    serves: frozenset[Feature]
    salts: bool = False


@value
class Request:
    """What is sent: a path below the upstream's address, and a body for JSON."""

    path: str
    body: Mapping[str, object]


@value
class Told:
    """Tokens as the upstream counted them so far; with `whole`, those of the answer among them."""

    usage: Usage
    whole: bool


@value
class Ended:
    """The upstream said why the answer ended, and maybe at which stop text; `wire` is what a whole
    answer came as.
    """

    stop: Stop
    wire: Wire | None = None
    met: str | None = None


@value
class Named:
    """The upstream said which model answers, in its own words."""

    model: str


@value
class Broken:
    """The upstream gave up in mid-answer, in its own words."""

    said: str


@value
class Over:
    """Nothing that follows belongs to the answer."""


Delta: TypeAlias = TextDelta | ReasoningDelta | CallDelta
Piece: TypeAlias = Delta | Named | Told | Ended | Broken | Over


class Reader(Protocol):
    """Reads one answer. Deltas count no tokens: no upstream tells them."""

    def read(self, data: bytes) -> Sequence[Piece]:
        """What the data of one event of a stream means.

        Raises:
            Unreadable: it is not of the dialect.
        """
        ...

    def whole(self, body: bytes) -> Sequence[Piece]:
        """What an answer means that came in one piece.

        Raises:
            Unreadable: it is not of the dialect.
        """
        ...


@value
class Vectors:
    """What came for an `EmbedAsk`, by the ordinal of the text; the tokens read, and which model
    answered, where told.
    """

    vectors: Mapping[int, Sequence[float]]
    usage: Usage | None
    model: str = ""


@value
class Scores:
    """What came for a `RerankAsk`, by the ordinal of the text; the tokens read, and which model
    answered, where told.
    """

    scores: Mapping[int, float]
    usage: Usage | None
    model: str = ""


class Dialect(Protocol):
    """One vendor's words. What cannot be said in them is refused by name, never left out."""

    @property
    def can(self) -> frozenset[Feature]:
        """The features that it has words for."""
        ...

    def root(self, url: str) -> str:
        """The address that paths are put behind, from the one that a card gives."""
        ...

    def headers(self, secret: str | None) -> Mapping[str, str]:
        """What goes with every request."""
        ...

    def ask(self, ask: Ask) -> Request:
        """The request for a streamed answer, or for one in one piece where the ask is `whole`.

        Raises:
            RequestRefused: it cannot be said in these words.
        """
        ...

    def embed(self, ask: EmbedAsk) -> Request:
        """The request for vectors.

        Raises:
            FeatureUnserved: the dialect has no words for it.
        """
        ...

    def rerank(self, ask: RerankAsk) -> Request:
        """The request for scores.

        Raises:
            FeatureUnserved: the dialect has no words for it.
        """
        ...

    def count(self, ask: Ask) -> Request:
        """The request for how many tokens the prompt of an ask has.

        Raises:
            FeatureUnserved: the dialect has no words for it.
            RequestRefused: it cannot be said in these words.
        """
        ...

    def reader(self) -> Reader:
        """Reads one answer."""
        ...

    def vectors(self, body: bytes) -> Vectors:
        """Reads the answer to `embed`.

        Raises:
            Unreadable: it is not of the dialect.
        """
        ...

    def scores(self, body: bytes) -> Scores:
        """Reads the answer to `rerank`.

        Raises:
            Unreadable: it is not of the dialect.
        """
        ...

    def counted(self, body: bytes) -> int:
        """Reads the answer to `count`.

        Raises:
            Unreadable: it is not of the dialect.
        """
        ...

    def adapt(self, said: str) -> bool:
        """Learn from a refusal which of two words for the same this upstream takes.

        Returns whether the same request is worth sending again.
        """
        ...


def decode(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T:
    """The value of some JSON.

    Raises:
        Unreadable: it is no JSON, not of that shape, no UTF-8, or nested without end.
    """
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
