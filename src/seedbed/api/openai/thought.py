"""How much a model may think, in three vendors' words.

Floor 6. OpenAI's `reasoning_effort`, Ark's `thinking` and vLLM's `chat_template_kwargs` may come
together: any that says no wins, and a number of tokens goes before an effort.
"""

from collections.abc import Mapping

from seedbed.api.openai import wire
from seedbed.core.ask import ReasoningPolicy

BUDGETS: Mapping[str, int | None] = {
    "minimal": 256,
    "low": 1024,
    "medium": 4096,
    "high": None,
    "xhigh": None,
    "max": None,
}
"""The most tokens of thought that each effort allows; `None` leaves it to the model."""


_AS_IT_LIKES = ReasoningPolicy()


def read_thought(chat: wire.ChatBody) -> ReasoningPolicy:
    """Whether to think, and for how many tokens at most."""
    if chat.reasoning_effort is chat.thinking is chat.chat_template_kwargs is None:
        return _AS_IT_LIKES
    effort, thinking, words = chat.reasoning_effort, chat.thinking, chat.chat_template_kwargs
    kind = thinking.type if thinking else "auto"
    budget = thinking.budget_tokens if thinking else None
    switch = words.enable_thinking if words else None
    if effort == "none" or kind == "disabled" or budget == 0 or switch is False:
        return ReasoningPolicy("off")
    if budget is None and effort:
        budget = BUDGETS[effort]
    wanted = bool(effort) or kind == "enabled" or bool(switch)
    return ReasoningPolicy("on" if wanted else "auto", effort, budget)
