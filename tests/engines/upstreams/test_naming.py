"""Which names are one model's."""

import pytest

from seedbed.engines.upstreams.naming import is_same


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o", "GPT-4o"),
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("gemini-1.5-pro", "gemini-1.5-pro-002"),
        ("llama3:latest", "llama3"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("meta-llama/Llama-3.1-8B", "Llama-3.1-8B"),
        ("llama.gguf", "/models/llama.gguf"),
        ("openai/gpt-4o", "gpt-4o-2024-08-06"),
        ("ep-20260101-abcde", "doubao-pro"),
    ],
)
def test_a_version_and_a_maker_do_not_make_another_model(wanted: str, told: str) -> None:
    assert is_same(wanted, told)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
        ("llama-3-70b", "llama-3-8b"),
        ("one/llama", "two/llama"),
        ("gpt-4", "gpt-4.1"),
        ("large", "small"),
    ],
)
def test_another_name_is_another_model(wanted: str, told: str) -> None:
    assert not is_same(wanted, told)


def test_a_card_may_allow_other_names() -> None:
    assert is_same("mine", "big-3", ["big-*"])
    assert is_same("mine", "anything", ["*"])
    assert not is_same("mine", "small", ["big-*", "bigger"])
