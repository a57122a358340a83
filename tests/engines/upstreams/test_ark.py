"""Ark's words, where they are not OpenAI's."""

import pytest

from seedbed.core.ask import Ask, Feature, Limits, ReasoningPolicy
from seedbed.core.message import Message, Reasoning, Role, Text
from seedbed.engines.upstreams.ark import Ark
from tests.engines.upstreams.fake import say, served

THINKS = served(Feature.REASONING)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (ReasoningPolicy(), {}),
        (ReasoningPolicy("off", "high"), {"thinking": {"type": "disabled"}}),
        (ReasoningPolicy("auto", "none"), {"thinking": {"type": "disabled"}}),
        (ReasoningPolicy("auto", "max"), {"reasoning_effort": "high"}),
        (
            ReasoningPolicy("on", budget=100),
            {"thinking": {"type": "enabled"}, "reasoning_effort": "low"},
        ),
    ],
)
def test_whether_to_think_is_told_apart_from_how_much(
    policy: ReasoningPolicy, told: dict[str, object]
) -> None:
    asked = say("hi", reasoning=policy)
    body = Ark(THINKS).ask(asked).body
    assert {n: body[n] for n in ("thinking", "reasoning_effort") if n in body} == told
    assert not {"thinking", "reasoning_effort"} & set(Ark(served()).ask(asked).body)


def test_the_limit_counts_thought_and_usage_comes_with_each_chunk() -> None:
    body = Ark(THINKS).ask(say("hi", limits=Limits(9))).body
    assert body["max_completion_tokens"] == 9
    assert "max_tokens" not in body
    assert body["stream_options"] == {"include_usage": True, "chunk_include_usage": True}
    assert "max_completion_tokens" not in Ark(THINKS).ask(say("hi")).body
    whole = Ark(THINKS).ask(say("hi", whole=True)).body
    assert whole["stream"] is False
    assert "stream_options" not in whole


def test_an_earlier_thought_goes_back() -> None:
    spoken = (
        Message(Role.ASSISTANT, (Reasoning("hm"), Text("Red."))),
        Message(Role.ASSISTANT, (Text("Blue."),)),
    )
    assert Ark(THINKS).ask(Ask("mine", spoken)).body["messages"] == [
        {"role": "assistant", "content": "Red.", "reasoning_content": "hm"},
        {"role": "assistant", "content": "Blue."},
    ]
