"""Volcengine Ark's words: OpenAI's, with others for thought and for its films.

Floor 3. Vectors come from its `/embeddings`; it has no words for scores, patterns, grammars or
plain completions.
"""

from seedbed.core.ask import Ask, Feature
from seedbed.engines.upstreams.base import Served
from seedbed.engines.upstreams.openai import OpenAi, effort_of

_EFFORTS = {"xhigh": "high", "max": "high"}
"""Efforts of others, in the highest that there is here."""


class Ark(OpenAi):
    """Ark's dialect."""

    name = "ark"
    can = frozenset(
        {
            Feature.CHAT,
            Feature.EMBEDDING,
            Feature.TOOLS,
            Feature.JSON,
            Feature.SCHEMA,
            Feature.REASONING,
            Feature.MEDIA,
            Feature.LOGPROBS,
        }
    )

    def __init__(self, served: Served) -> None:
        super().__init__(served)
        self.limit = "max_completion_tokens"  # `max_tokens` leaves out those of thought here

    def thought(self, text: str) -> dict[str, object]:
        """Earlier thought goes back to the model that had it."""
        return {"reasoning_content": text} if text else {}

    def reasoning(self, ask: Ask) -> dict[str, object]:
        """Whether to think is said apart from how much."""
        effort = effort_of(ask)
        if ask.reasoning.mode == "off" or effort == "none":
            return {"thinking": {"type": "disabled"}}
        told: dict[str, object] = {}
        if ask.reasoning.mode == "on":
            told["thinking"] = {"type": "enabled"}
        if effort:
            told["reasoning_effort"] = _EFFORTS.get(effort, effort)
        return told

    @property
    def streaming(self) -> dict[str, object]:
        """That a stream is wanted, with the usage so far in each chunk."""
        options = {"include_usage": True, "chunk_include_usage": True}
        return {"stream": True, "stream_options": options}
