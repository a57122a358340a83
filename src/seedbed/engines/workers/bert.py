"""What a BERT encoder is made of, wherever its numbers come from.

Floor 3. Plain arrays: the readers of files make this, and the graph is built from it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]


class BadWeights(ValueError):
    """The files are not a whole encoder; the sentence says where."""


class Tokenizer(Protocol):
    """Turns a text into the numbers of its tokens."""

    def encode(self, text: str, *, question: bool) -> list[int]:
        """The tokens as the model reads them, those that it was trained to see around them too.

        Empty where nothing of the text is left to read.
        """
        ...

    def tokens(self, text: str) -> list[int]:
        """The tokens of the text alone."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """A matrix of shape (outputs, inputs), and what is added to its outputs."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Norm:
    """The scale and the shift of a layer norm."""

    scale: Floats
    shift: Floats


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: attention and what follows it, each added to what came in and normed."""

    query: Linear
    key: Linear
    value: Linear
    attended: Linear
    attended_norm: Norm
    up: Linear
    down: Linear
    down_norm: Norm


@dataclass(frozen=True, slots=True)
class Bert:
    """An encoder whose vector of a text is the mean over its tokens.

    `words` looks rows up in the table of tokens, shape (tokens, width), which stays in the file.
    `places` are the rows of the positions, with the row of the first text's kind added, shape
    (positions, width). `layers` may be read one at a time, once.
    """

    heads: int
    epsilon: float
    words: Callable[[Sequence[int]], Floats]
    places: Floats
    first: Norm
    layers: Iterable[Layer]

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.places.shape[1])
