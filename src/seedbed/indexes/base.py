"""The contract of every index: passages of documents are put, found and dropped.

Floor 3. One index is one file beside this one. A store is a collection that is searched as one; its
documents have names. Vectors are 32-bit floats, little-endian, of length one.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from seedbed.core.value import value


@value
class Passage:
    """A piece of a document, with the vector of its meaning."""

    text: str
    vector: bytes


@value
class Sought:
    """What is looked for: words, and the vector of their meaning."""

    text: str
    vector: bytes


@value
class Weights:
    """How much it counts at what rank a passage is by its meaning, and at what rank by its words.

    Neither is below 0, and one is above.
    """

    meaning: float = 1.0
    words: float = 1.0


@value
class Hit:
    """A passage that was found: of which document, the how manieth of it, and how good it is.

    The score is from 0 to 1: the share of what a passage has that is the first by everything.
    """

    name: str
    place: int
    text: str
    score: float


@value
class Wish:
    """At most so many hits, in the documents of these names alone."""

    most: int
    among: Collection[str]
    weights: Weights = Weights()


class Index(Protocol):
    """Where passages are found."""

    async def put(self, store: str, name: str, passages: Sequence[Passage]) -> None:
        """Keep a document, in the place of what was there under its name. It is found from then on,
        by every process of this machine, and lasts.

        Raises:
            StoreUnusable: it cannot be kept.
        """
        ...

    async def find(self, store: str, sought: Sequence[Sought], wish: Wish) -> list[Hit]:
        """The best passages for all that is sought together, the best first.

        Raises:
            StoreUnusable: it cannot be read.
        """
        ...

    async def texts(self, store: str, name: str) -> list[str]:
        """The passages of a document, in their order; none, where it is not there.

        Raises:
            StoreUnusable: it cannot be read.
        """
        ...

    async def stores(self) -> list[str]:
        """The stores that there are.

        Raises:
            StoreUnusable: they cannot be read.
        """
        ...

    async def drop(self, store: str, name: str | None = None) -> None:
        """Forget a document, or the whole store; what is not there is forgotten already.

        Raises:
            StoreUnusable: it cannot be changed.
        """
        ...
