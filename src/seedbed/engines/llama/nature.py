"""What a model is, as the head of its file tells: what it can be asked, and how its answers end.

Floor 3. Nothing is loaded for this; only the head is read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from seedbed.core.ask import Feature
from seedbed.kit.gguf import BadGguf, Head, read_head

Task: TypeAlias = Literal["generate", "embed", "rank"]
"""What the server is started for."""

_ENCODERS = (
    "bert",
    "nomic-bert",
    "nomic-bert-moe",
    "jina-bert-v2",
    "jina-bert-v3",
    "modern-bert",
    "neo-bert",
    "eurobert",
    "gemma-embedding",
)
"""Architectures that read and do not write."""
_RANK = 4
"""The pooling type of a model that scores pairs."""
_THINKING = ("<think>", "enable_thinking", "reasoning_content", "[THINK]", "<|channel|>")
"""What stands in the templates of models that think."""
_GENERATES = frozenset({
    Feature.COMPLETION,
    Feature.JSON,
    Feature.SCHEMA,
    Feature.REGEX,
    Feature.GRAMMAR,
    Feature.LOGPROBS,
    Feature.TOKENS,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nature:
    """What matters of a model here.

    `tools` says whether its template knows them; `thinks` whether it knows thought; `switch`
    whether that can be switched off; `effort` whether it has a measure. `ends` are the tokens that
    end an answer. `pooled` is false for an encoder whose file does not say how it is pooled.
    `layers` are those that can be put on a graphics processor, what comes after the last block
    counted as one.
    """

    task: Task = "generate"
    chat: bool = True
    tools: bool = False
    thinks: bool = False
    switch: bool = False
    effort: bool = False
    ends: tuple[int, ...] = ()
    pooled: bool = True
    layers: int = 1

    def features(self, *, projector: bool) -> frozenset[Feature]:
        """What such a model serves; with a projector it reads pictures, too."""
        if self.task != "generate":
            read = Feature.EMBEDDING if self.task == "embed" else Feature.RERANK
            return frozenset({read, Feature.TOKENS})
        chat = {Feature.CHAT, Feature.TOOLS} if self.chat else set[Feature]()
        thought = {Feature.REASONING} if self.chat and self.thinks else set[Feature]()
        media = {Feature.MEDIA} if self.chat and projector else set[Feature]()
        return _GENERATES | chat | thought | media


def read_nature(path: Path) -> Nature:
    """Read it from a file.

    Raises:
        ValueError: the file is not there or is no whole GGUF.
    """
    try:
        return nature_of(read_head(path))
    except BadGguf as error:
        raise ValueError(f"{path} is no GGUF that can be loaded: {error}") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error


def nature_of(head: Head) -> Nature:
    """What a head tells."""
    pooling = head.words.get(f"{head.architecture}.pooling_type")
    layers = head.number("block_count") + 1
    if pooling is not None or head.architecture in _ENCODERS:
        task: Task = "rank" if pooling == _RANK else "embed"
        pooled = isinstance(pooling, int) and pooling > 0
        return Nature(task, chat=False, pooled=pooled, layers=layers)
    template = head.template
    ends = [head.words.get(f"tokenizer.ggml.{which}_token_id") for which in ("eos", "eot")]
    return Nature(
        chat=bool(template),
        tools="tools" in template,
        thinks=any(mark in template for mark in _THINKING),
        switch="enable_thinking" in template,
        effort="reasoning_effort" in template,
        ends=tuple(dict.fromkeys(end for end in ends if isinstance(end, int))),
        layers=layers,
    )
