"""What a caller wishes for in our own words: checks of the answer, and when it is wanted."""

import json

import pytest

from seedbed.api.openai.completions import read_completion
from seedbed.api.openai.read import read_chat
from seedbed.core.check import Check, Program, Quote
from seedbed.core.errors import RequestMalformed


def chat(wishes: object) -> bytes:
    said = [{"role": "user", "content": "hi"}]
    return json.dumps({"model": "m", "messages": said, "seedbed": wishes}).encode()


@pytest.mark.parametrize(
    ("wished", "checks"),
    [
        ([], ()),
        ([{"type": "quote"}], (Quote(),)),
        ([{"type": "quote", "paths": ["/a/*"], "least": 2}], (Quote(("/a/*",), 2),)),
        ([{"type": "program", "name": "p"}, {"type": "quote"}], (Program("p"), Quote())),
    ],
)
def test_checks_and_a_deadline_are_read_at_both_doors(
    wished: list[object], checks: tuple[Check, ...]
) -> None:
    wishes = {"checks": wished, "deadline": 2.5}
    ask, _ = read_chat(chat(wishes))
    assert (ask.checks, ask.deadline) == (checks, 2.5)
    body = json.dumps({"model": "m", "prompt": "hi", "seedbed": wishes}).encode()
    ask, _ = read_completion(body)
    assert (ask.checks, ask.deadline) == (checks, 2.5)


def test_without_a_wish_there_is_none() -> None:
    ask, _ = read_chat(chat(None))
    assert (ask.checks, ask.deadline) == ((), None)


@pytest.mark.parametrize(
    "wishes",
    [
        {"deadline": 0},
        {"wishes": 1},
        {"checks": [{"type": "luck"}]},
        {"checks": [{"type": "program"}]},
        {"checks": [{"type": "quote", "least": -1}]},
    ],
)
def test_a_wish_that_cannot_be_understood_is_refused(wishes: object) -> None:
    with pytest.raises(RequestMalformed):
        read_chat(chat(wishes))
