"""How much a model may think, in Anthropic's words.

Floor 6. Left out, it is the model's own way, as with the vendor. A thought that is `summarized` is
told whole, for nobody summarizes it.
"""

from collections.abc import Mapping

from seedbed.api.anthropic import wire
from seedbed.api.openai.body import missing
from seedbed.core.ask import ReasoningPolicy
from seedbed.core.errors import FieldUnserved

BUDGETS: Mapping[str, int] = {"low": 1024, "medium": 4096}
"""The most tokens of thought that an effort allows; any other leaves it to the model."""
_USUAL_EFFORT = "high"
"""How much is thought where that is left to the model: the vendor's own measure."""

_AS_IT_LIKES = ReasoningPolicy()


def read_thought(body: wire.CountBody) -> ReasoningPolicy:
    """Whether to think, and for how many tokens at most.

    Raises:
        RequestMalformed: thought is wanted, and no budget is told.
        FieldUnserved: it is wanted between calls alone.
    """
    thinking = body.thinking
    if thinking is body.output_config is None:
        return _AS_IT_LIKES
    effort = body.output_config.effort if body.output_config else None
    kind = thinking.type if thinking else None
    if kind == "between_tools":
        because = "a model thinks before all that it says, or not at all."
        raise FieldUnserved("thinking.type", value='"between_tools"', because=because)
    if kind == "disabled":
        return ReasoningPolicy("off")
    if thinking and kind == "enabled":
        if thinking.budget_tokens is None:
            raise missing("thinking.budget_tokens", "thinking is enabled")
        return ReasoningPolicy("on", effort, thinking.budget_tokens)
    if kind == "adaptive":
        effort = effort or _USUAL_EFFORT
    return ReasoningPolicy("auto", effort, BUDGETS.get(effort or ""))


def is_told(body: wire.CountBody) -> bool:
    """Whether the answer shall show what was thought."""
    return not (body.thinking and body.thinking.display == "omitted")
