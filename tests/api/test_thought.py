"""How much a model may think, whichever vendor's words say it."""

import json

import pytest

from seedbed.api.openai.read import read_chat
from seedbed.core.ask import Feature, ReasoningPolicy

ENABLED, DISABLED, AUTO = ({"type": kind} for kind in ("enabled", "disabled", "auto"))
OFF = ReasoningPolicy("off")


def thought(**fields: object) -> ReasoningPolicy:
    messages = [{"role": "user", "content": "hi"}]
    ask = read_chat(json.dumps({"model": "m", "messages": messages, **fields}).encode())[0]
    assert (Feature.REASONING in ask.needs) == (ask.reasoning.mode == "on")
    return ask.reasoning


@pytest.mark.parametrize(
    ("effort", "meant"),
    [
        ("none", OFF),
        ("minimal", ReasoningPolicy("on", "minimal", 256)),
        ("low", ReasoningPolicy("on", "low", 1024)),
        ("medium", ReasoningPolicy("on", "medium", 4096)),
        ("high", ReasoningPolicy("on", "high")),
        ("xhigh", ReasoningPolicy("on", "xhigh")),
        ("max", ReasoningPolicy("on", "max")),
    ],
)
def test_an_effort_is_kept_and_is_a_number_of_tokens_besides(
    effort: str, meant: ReasoningPolicy
) -> None:
    assert thought(reasoning_effort=effort) == meant


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({}, ReasoningPolicy()),
        ({"thinking": ENABLED}, ReasoningPolicy("on")),
        ({"thinking": DISABLED}, OFF),
        ({"thinking": AUTO}, ReasoningPolicy()),
        ({"thinking": ENABLED | {"budget_tokens": 5}}, ReasoningPolicy("on", budget=5)),
        ({"thinking": AUTO | {"budget_tokens": 5}}, ReasoningPolicy("auto", budget=5)),
        ({"thinking": ENABLED | {"budget_tokens": 0}}, OFF),
        ({"chat_template_kwargs": {"enable_thinking": True}}, ReasoningPolicy("on")),
        ({"chat_template_kwargs": {"enable_thinking": False}}, OFF),
        ({"chat_template_kwargs": {}}, ReasoningPolicy()),
    ],
)
def test_other_vendors_words_are_understood(
    fields: dict[str, object], meant: ReasoningPolicy
) -> None:
    assert thought(**fields) == meant


@pytest.mark.parametrize(
    "no",
    [
        {"reasoning_effort": "none"},
        {"thinking": DISABLED},
        {"chat_template_kwargs": {"enable_thinking": False}},
    ],
)
def test_any_that_says_no_wins(no: dict[str, object]) -> None:
    yes = {
        "reasoning_effort": "high",
        "thinking": ENABLED,
        "chat_template_kwargs": {"enable_thinking": True},
    }
    assert thought(**yes).mode == "on"
    assert thought(**(yes | no)) == OFF


def test_a_number_of_tokens_goes_before_an_effort() -> None:
    told = thought(reasoning_effort="low", thinking=ENABLED | {"budget_tokens": 7})
    assert told == ReasoningPolicy("on", "low", 7)
