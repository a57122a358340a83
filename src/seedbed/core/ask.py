"""What is asked of a model: one neutral value, whichever door it came through.

Floor 1. The doors translate their vendor's words into this and the engines translate it onwards.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from seedbed.core.check import Check
from seedbed.core.feature import Feature, Priority
from seedbed.core.film import VideoAsk
from seedbed.core.message import (
    Call,
    Media,
    Message,
    Opaque,
    Part,
    Reasoning,
    Result,
    Text,
)
from seedbed.core.sound import ListenAsk, SpeechAsk
from seedbed.core.value import value


@value
class Tool:
    """A function that the model may call. `schema` is a JSON schema of its arguments."""

    name: str
    description: str = ""
    schema: Mapping[str, object] = field(default_factory=dict[str, object])
    strict: bool = False


@value
class ToolPolicy:
    """Whether the model may or must call, and which. An empty `only` means any."""

    mode: Literal["auto", "none", "required"] = "auto"
    only: tuple[str, ...] = ()
    parallel: bool = True


@value
class Format:
    """The form of the answer: free text, any JSON, JSON of one schema, or text of one pattern.

    `pattern` is a regular expression that the whole answer matches, in the syntax of RE2; or a
    grammar in GBNF, whose start is `root`.
    """

    kind: Literal["text", "json", "schema", "regex", "grammar"] = "text"
    name: str = ""
    schema: Mapping[str, object] = field(default_factory=dict[str, object])
    strict: bool = False
    pattern: str = ""


@value
class ReasoningPolicy:
    """How much the model may think before it answers; `None` leaves it to the model.

    After `budget` tokens of thought the engine ends it, and the model answers with what it has.
    """

    mode: Literal["auto", "on", "off"] = "auto"
    effort: str | None = None
    budget: int | None = None


@value
class Limits:
    """Where the answer ends: after so many tokens, or at one of these texts."""

    output: int | None = None
    stop: tuple[str, ...] = ()


@value
class Sampling:
    """How tokens are drawn; `None` leaves a value to the model's own default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    choices: int = 1
    logprobs: int | None = None


@value
class Memory:
    """What an engine may use again of what it computed before.

    Prefixes are shared by who has the same `owner`; none means all. With `fresh` nothing is used
    again: what is there was asked by others, and must not show in the time that an answer takes.
    """

    owner: str = ""
    fresh: bool = False


@value
class Ask:
    """One request for an answer.

    With `raw` the model continues the words of the one message as they are, without its chat
    template. With `whole` nobody sees the answer before its end, so an upstream may be asked for
    it in one piece. `deadline` is in seconds from the moment the gateway takes the ask. The answer
    counts as whole if it passes the `checks`. `extra` keeps, by dialect, what a door read and did
    not understand.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_policy: ToolPolicy = ToolPolicy()
    format: Format = Format()
    reasoning: ReasoningPolicy = ReasoningPolicy()
    limits: Limits = Limits()
    sampling: Sampling = Sampling()
    raw: bool = False
    whole: bool = False
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None
    memory: Memory = Memory()
    checks: tuple[Check, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    extra: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )

    @property
    def needs(self) -> frozenset[Feature]:
        """The features without which the answer would mean something else."""
        needed = {_COMPLETION if self.raw else _CHAT}
        if self.tools and self.tool_policy.mode != "none":
            needed.add(Feature.TOOLS)
        if self.format.kind != "text":
            needed.add(Feature(self.format.kind))
        if self.reasoning.mode == "on":
            needed.add(Feature.REASONING)
        if self.sampling.logprobs is not None:
            needed.add(Feature.LOGPROBS)
        if self.sampling.choices > 1:
            needed.add(Feature.CHOICES)
        for message in self.messages:
            for part in message.parts:
                if feature := _NEEDED.get(type(part)):
                    needed.add(feature)
        return frozenset(needed)

    @property
    def most_input(self) -> int | None:
        """A bound on the prompt's tokens, or `None` where only the window bounds it (media).

        No tokenizer makes more tokens than there are bytes. What a chat template adds is allowed
        for by 64 tokens a message, 128 a tool, and 256 for a system text of its own.
        """
        bound = 256 + 64 * len(self.messages)
        for message in self.messages:
            for part in message.parts:
                size = len(part.text.encode()) if type(part) is Text else _bytes(part)
                if size is None:
                    return None
                bound += size
        for tool in self.tools:
            bound += 4 * (len(tool.name) + len(tool.description) + len(repr(tool.schema)) + 32)
        form = self.format
        if form.kind != "text":
            bound += 4 * (len(form.name) + len(repr(form.schema)) + len(form.pattern))
        return bound

    @property
    def most_output(self) -> int | None:
        """The most tokens that the answer may have, or `None` where only the window bounds it."""
        return self.limits.output


@value
class EmbedAsk:
    """One request for vectors, one for each text.

    `purpose` matters to models that were trained with it: a question and the passage that answers
    it are put close together. `dimensions` shortens the vectors, where the model allows it.
    """

    model: str
    texts: tuple[str, ...]
    purpose: Literal["query", "passage"] = "passage"
    dimensions: int | None = None
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None

    @property
    def needs(self) -> frozenset[Feature]:
        """The one feature that it is about."""
        return frozenset({Feature.EMBEDDING})

    @property
    def most_input(self) -> int | None:
        """A bound on the tokens of all texts together."""
        return sum(len(text.encode()) + 16 for text in self.texts)

    @property
    def most_output(self) -> int | None:
        """Vectors are no tokens."""
        return 0


@value
class RerankAsk:
    """One request for scores: how well each text answers the question."""

    model: str
    question: str
    texts: tuple[str, ...]
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None

    @property
    def needs(self) -> frozenset[Feature]:
        """The one feature that it is about."""
        return frozenset({Feature.RERANK})

    @property
    def most_input(self) -> int | None:
        """A bound on the tokens of all pairs together."""
        question = len(self.question.encode())
        return sum(question + len(text.encode()) + 32 for text in self.texts)

    @property
    def most_output(self) -> int | None:
        """Scores are no tokens."""
        return 0


PICTURE_SIDES = {"1K": 1_024, "2K": 2_048, "3K": 3_072, "4K": 4_096}
"""The tiers of pictures: each has as many pixels as a square of that side, more or less."""
LARGEST_PICTURE = 4_096 * 4_096
"""Pixels of a picture at most."""
_PIXELS_PER_TOKEN = 256
_UNEVEN = 1.125
"""By how much a picture may have more pixels than the square of its tier, in other shapes."""
_READ_OF_A_PICTURE = 16_384
"""Tokens that a picture to go by is read as, at most."""


def picture_tokens(width: int, height: int) -> int:
    """What a picture is counted as: a token for each 256 pixels.

    >>> picture_tokens(1024, 1024), picture_tokens(1, 1)
    (4096, 1)
    """
    return -(-width * height // _PIXELS_PER_TOKEN)


@value
class ImageAsk:
    """One request for pictures.

    `refs` are pictures to go by, of which each has its `role` among its options: `base`, which is
    changed, or `mask`, which says by what is clear where. With `exact` there are `count` pictures,
    else as many as the model finds right, and no more than that. A picture has `size` in pixels, or
    as many as its `tier` tells in a shape of the model's choice. While one is painted, `previews`
    of it are shown. With a `watermark` it is seen that a model made them. `scene` is a draft of
    them in parts, as JSON. What is `None` is left to the model.
    """

    model: str
    prompt: str
    refs: tuple[Media, ...] = ()
    count: int = 1
    exact: bool = True
    size: tuple[int, int] | None = None
    tier: Literal["1K", "2K", "3K", "4K"] | None = None
    quality: str | None = None
    background: str | None = None
    seed: int | None = None
    guidance: float | None = None
    format: Literal["png", "jpeg", "webp"] | None = None
    previews: int = 0
    watermark: bool = False
    scene: Mapping[str, object] | None = None
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None
    extra: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )

    @property
    def needs(self) -> frozenset[Feature]:
        """To paint; to paint from pictures, and of a Scene, where it has some."""
        edit = {Feature.IMAGE_EDIT} if self.refs else set[Feature]()
        drawn = {Feature.SCENES} if self.scene is not None else set[Feature]()
        return frozenset({Feature.IMAGES, *edit, *drawn})

    @property
    def most_input(self) -> int:
        """A bound on the tokens of the prompt and of the pictures to go by."""
        return len(self.prompt.encode()) + 64 + _READ_OF_A_PICTURE * len(self.refs)

    @property
    def most_output(self) -> int:
        """The most tokens that the pictures are counted as."""
        if self.size is not None:
            return self.count * picture_tokens(*self.size)
        side = PICTURE_SIDES[self.tier or "4K"]
        return self.count * round(picture_tokens(side, side) * _UNEVEN)


@value
class TokenizeAsk:
    """One request for the model's own tokens of each text. It costs nothing."""

    model: str
    texts: tuple[str, ...]
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None

    @property
    def needs(self) -> frozenset[Feature]:
        """The one feature that it is about."""
        return frozenset({Feature.TOKENS})

    @property
    def most_input(self) -> int | None:
        """A bound on the tokens of all texts together."""
        return sum(len(text.encode()) + 16 for text in self.texts)

    @property
    def most_output(self) -> int | None:
        """Nothing is written."""
        return 0


@value
class CountAsk:
    """How many tokens the prompt of an ask has, without its answer. It costs nothing."""

    ask: Ask

    @property
    def model(self) -> str:
        """The model whose tokens are counted."""
        return self.ask.model

    @property
    def priority(self) -> Priority:
        """That of the ask."""
        return self.ask.priority

    @property
    def deadline(self) -> float | None:
        """That of the ask, in seconds."""
        return self.ask.deadline

    @property
    def needs(self) -> frozenset[Feature]:
        """Those of the ask, since its prompt has their words, and to be counted."""
        return self.ask.needs | {Feature.TOKENS}

    @property
    def most_input(self) -> int | None:
        """A bound on the prompt's tokens, as of the ask."""
        return self.ask.most_input

    @property
    def most_output(self) -> int | None:
        """Nothing is written."""
        return 0


@value
class SceneAsk:
    """Whether a Scene, as JSON, can be drawn whole. It costs nothing."""

    model: str
    scene: Mapping[str, object]
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None

    @property
    def needs(self) -> frozenset[Feature]:
        """The one feature that it is about."""
        return frozenset({Feature.SCENES})

    @property
    def most_input(self) -> int | None:
        """A Scene is no tokens."""
        return 0

    @property
    def most_output(self) -> int | None:
        """Nothing is drawn."""
        return 0


AnyAsk: TypeAlias = (
    Ask
    | EmbedAsk
    | RerankAsk
    | ImageAsk
    | VideoAsk
    | SpeechAsk
    | ListenAsk
    | TokenizeAsk
    | CountAsk
    | SceneAsk
)
"""What the gateway takes."""


# to look into an enum takes as long as three calls
_CHAT, _COMPLETION = Feature.CHAT, Feature.COMPLETION
_NEEDED: Mapping[type[Part], Feature] = {
    Call: Feature.TOOLS,
    Result: Feature.TOOLS,
    Media: Feature.MEDIA,
}
"""What a part of a message needs."""


def _bytes(part: Part) -> int | None:
    match part:
        case Text(text=text):
            return len(text.encode())
        case Reasoning(text=text, seal=seal):
            return len(text.encode()) + len(seal or b"")
        case Call(id=id_, name=name, arguments=arguments):
            return len(f"{id_}{name}{arguments}".encode()) + 32
        case Result(call_id=id_, parts=parts):
            sizes = [_bytes(inner) for inner in parts]
            known = [size for size in sizes if size is not None]
            return None if len(known) < len(sizes) else len(id_.encode()) + sum(known) + 32
        case Media() | Opaque():  # pragma: no branch - the last of the kinds
            return None
