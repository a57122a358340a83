"""The lines between the engine and its worker, which imports the library; this file does not.

Floor 3. A caller opens a connection for each ask, sends one line of JSON and reads lines of JSON.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from seedbed.engines.formats.base import Form, Said

LONGEST_LINE = 1 << 24
"""Bytes that a line may have."""
LONGEST_STOP = 1 << 10
"""Characters that a stop text may have."""

How: TypeAlias = Literal["end", "length", "sequence"]
"""Why an answer ended, in the worker's words."""

Thinking: TypeAlias = Literal["never", "auto", "on", "off"]
"""`never` for a model that does not think."""

Rank: TypeAlias = Literal["interactive", "default", "batch"]
"""Who goes first; `batch` fills the gaps."""

Fault: TypeAlias = Literal["", "too_long", "refused", "busy", "failed"]

_Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
_Penalty: TypeAlias = Annotated[float, Meta(ge=-2, le=2)]


class Offer(msgspec.Struct, frozen=True):
    """A tool, for the chat template."""

    name: str
    description: str
    schema: dict[str, object]


class Sampled(msgspec.Struct, frozen=True, omit_defaults=True):
    """How tokens are drawn. What is left out is as llama.cpp's server has it."""

    temperature: Annotated[float, Meta(ge=0, le=100)] = 0.8
    top_p: Annotated[float, Meta(gt=0, le=1)] = 0.95
    top_k: Annotated[int, Meta(ge=0, le=1 << 30)] = 40
    min_p: _Share = 0.05
    frequency_penalty: _Penalty = 0.0
    presence_penalty: _Penalty = 0.0


class Door(msgspec.Struct):
    """What every line begins with. `count` asks for a `Count` and for nothing else; `texts` are cut
    into tokens, each told in a `Line`; of a job that is `counted` the prompt's tokens are told.
    """

    key: str
    count: bool = False
    counted: bool = False
    texts: tuple[str, ...] | None = None


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """One ask. `raw` is continued as it is; else `said` goes through the chat template. One of the
    `pictures` stands where there is a mark (`openvino_marks`).

    `markers` are texts to be told even where they are control tokens. The answer is held to the
    `form`, if there is one, from the end of the thought. The `seed` is the caller's own if it is
    `seeded`. An ask takes as long as if nobody but its `owner` had asked before, and one that is
    `fresh` as if he had not either. With `counted` the prompt is counted and not answered.
    """

    key: str
    seed: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
    seeded: bool = False
    priority: Rank = "default"
    owner: str = ""
    fresh: bool = False
    said: tuple[Said, ...] = ()
    pictures: tuple[bytes, ...] = ()
    raw: str | None = None
    tools: tuple[Offer, ...] = ()
    thinking: Thinking = "never"
    budget: Annotated[int, Meta(ge=0)] | None = None
    form: Form | None = None
    markers: tuple[str, ...] = ()
    logprobs: bool = False
    output: Annotated[int, Meta(ge=1)] | None = None
    stop: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=LONGEST_STOP)], ...], Meta(max_length=64)
    ] = ()
    sampled: Sampled = Sampled()
    counted: bool = False


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the worker answers, a line at a time.

    `output` counts the tokens made so far, and `thinking` those of them that were thought; `likely`
    tells tokens of the text with the logarithm of how likely each was, `met` which stop text ended
    the answer. `ids` are the tokens of a text that was cut, the one with that `ordinal`, and
    `offsets` where each begins and ends, where that is known.
    """

    prompt: int = 0
    thought: str = ""
    text: str = ""
    output: int = 0
    thinking: int = 0
    likely: tuple[tuple[str, float], ...] = ()
    stop: How | Literal[""] = ""
    met: str | None = None
    fault: Fault = ""
    why: str = ""
    ordinal: int | None = None
    ids: tuple[int, ...] = ()
    offsets: tuple[tuple[int, int], ...] = ()


class Count(msgspec.Struct, frozen=True):
    """What the worker has done since it began, and what it holds.

    `steps` of the library, each up to a token for each answer; `tokens` made; `answers` under way,
    `held` by the library, which forgets a cancelled one in its next step; `cache` in per cent;
    `parks`, how often a batch answer was stopped for another's sake.
    """

    steps: int
    tokens: int
    answers: int
    held: int
    cache: float
    parks: int = 0
