"""How much to think, in Anthropic's words."""

import pytest

from seedbed.api.anthropic.thought import is_told, read_thought
from seedbed.api.anthropic.wire import CountBody, OutputConfig, Thinking, WireMessage
from seedbed.core.ask import ReasoningPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed


def body(thinking: Thinking | None, config: OutputConfig | None = None) -> CountBody:
    said = [WireMessage("user", "a")]
    return CountBody(model="m", messages=said, thinking=thinking, output_config=config)


@pytest.mark.parametrize(
    ("thinking", "config", "policy"),
    [
        (None, None, ReasoningPolicy()),
        (None, OutputConfig("low"), ReasoningPolicy("auto", "low", 1024)),
        (Thinking("disabled"), OutputConfig("low"), ReasoningPolicy("off")),
        (Thinking("enabled", 2000), None, ReasoningPolicy("on", None, 2000)),
        (Thinking("enabled", 2000), OutputConfig("max"), ReasoningPolicy("on", "max", 2000)),
        (Thinking("adaptive"), None, ReasoningPolicy("auto", "high")),
        (Thinking("adaptive"), OutputConfig(), ReasoningPolicy("auto", "high")),
        (Thinking("adaptive"), OutputConfig("medium"), ReasoningPolicy("auto", "medium", 4096)),
    ],
)
def test_how_much_to_think(
    thinking: Thinking | None, config: OutputConfig | None, policy: ReasoningPolicy
) -> None:
    assert read_thought(body(thinking, config)) == policy


def test_thought_that_is_enabled_has_a_budget() -> None:
    with pytest.raises(RequestMalformed, match=r"thinking\.budget_tokens"):
        read_thought(body(Thinking("enabled")))


def test_thought_between_calls_alone_is_refused_by_name() -> None:
    with pytest.raises(FieldUnserved, match="between_tools"):
        read_thought(body(Thinking("between_tools")))


@pytest.mark.parametrize(
    ("thinking", "told"),
    [
        (None, True),
        (Thinking("adaptive"), True),
        (Thinking("adaptive", display="summarized"), True),
        (Thinking("adaptive", display="omitted"), False),
    ],
)
def test_thought_may_be_left_untold(thinking: Thinking | None, told: bool) -> None:
    assert is_told(body(thinking)) is told
