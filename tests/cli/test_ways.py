"""The way of a request in words."""

from dataclasses import replace

import pytest

from seedbed.cli.ways import sentences
from seedbed.core.money import Entry
from seedbed.core.route import CASCADE, Attempt, Led, Option, Route, Saved, Spared
from seedbed.core.usage import Usage
from tests.serving.records import BEGAN, ENTRY

WAY = Route("req_1", "p", "m", BEGAN, attempts=(Attempt("m@b", why="as ever"),))


def said(entry: Entry | None, way: Route | None, *, id_: str = "req_1") -> list[str]:
    return list(sentences(id_, entry, way))


def test_what_went_straight_to_where_alone_it_could_is_said_by_its_entry() -> None:
    usage = Usage(input_fresh=10, input_cache_read=20, output_visible=5)
    assert said(replace(ENTRY, usage=usage), None) == [
        "It went to m@here, where alone it could go.",
        "It waited for no place, and followed nobody.",
        "It read 30 tokens, 20 of them from the cache, wrote 5, and cost 0.000037 USD.",
    ]


def test_an_attempt_of_a_cascade_names_the_way_that_tells_of_all() -> None:
    told = said(ENTRY, None, id_="req_1.2")
    assert told[1] == "It was one attempt of a cascade; the way of req_1 tells of all."


def test_a_way_with_one_deployment_tells_no_choice() -> None:
    assert said(None, WAY) == ["It went to m@b: as ever.", "It waited for no place."]


def test_a_cascade_names_no_choice_between_the_deployments_of_its_steps() -> None:
    options = (Option("m@a", "the cheapest"), Option("m@b", "as good"))
    told = said(ENTRY, replace(WAY, policy=CASCADE, options=options))
    assert not any("policy" in line for line in told)


def test_what_was_refused_went_nowhere_and_who_waited_a_moment_did_not_wait() -> None:
    refused = replace(WAY, attempts=(), code="deadline_exceeded", waited=10_000)
    assert said(None, refused) == [
        "It went nowhere: it was refused with 'deadline_exceeded'.",
        "It waited 0.01 s for a place.",
    ]
    assert said(None, replace(refused, position=1))[1].endswith("a place, behind 1 other.")
    assert said(None, replace(refused, waited=4_000))[1] == "It waited for no place."
    assert said(ENTRY, replace(refused, code=""))[0].startswith("It went to m@here")


def test_who_followed_in_vain_is_not_said_to_have_shared() -> None:
    told = said(None, replace(WAY, led=Led("req_0", held=400_000, shared=0)))
    assert told[-1].endswith("was computing the same beginning, and got nothing of it.")
    assert "It followed req_0 for 0.40 s" in told[-1]


def test_who_gave_up_waiting_for_another_is_not_said_to_have_followed() -> None:
    led = Led("req_0", held=400_000, shared=3_072, gave_up=True)
    assert said(None, replace(WAY, led=led))[-1] == (
        "It waited 0.40 s for req_0, which was computing the same 3,072 bytes that its prompt "
        "begins with, and went on before these were done."
    )


def test_why_it_was_refused_is_said() -> None:
    refused = replace(WAY, attempts=(), code="budget_spent", why="The budget has too little left.")
    assert said(None, refused)[0] == (
        "It went nowhere: it was refused with 'budget_spent': The budget has too little left."
    )


def test_an_answer_that_broke_off_is_said_to_have_begun() -> None:
    broken = Attempt("m@b", "engine_failed", "It broke.", begun=True)
    told = said(ENTRY, replace(WAY, attempts=(broken,), code="engine_failed", why="It broke."))
    assert told[0] == "It went to m@b, which began to answer and failed (engine_failed): It broke."
    assert told[1] == "It waited for no place."


def test_what_came_after_the_last_attempt_is_said() -> None:
    failed = Attempt("m@b", "engine_failed", "It broke.")
    late = replace(WAY, attempts=(failed,), code="deadline_exceeded", why="It was late.")
    assert said(None, late)[1] == "It ended with 'deadline_exceeded': It was late."


def test_whose_caller_left_is_said_wherever_it_was_by_then() -> None:
    left = "Its caller left before its end."
    assert said(replace(ENTRY, stop="cancelled"), None)[1] == left
    assert said(None, replace(WAY, code="cancelled"))[1] == left
    assert said(None, replace(WAY, attempts=(), code="cancelled"))[:2] == ["It went nowhere.", left]


def test_what_was_in_the_cache_saved_its_time_and_its_price() -> None:
    way = replace(WAY, spared=Spared(tokens=1_536, time=4_610_000, micros=64))
    cached = replace(ENTRY, usage=Usage(input_cache_read=1_536))
    assert said(cached, way)[-1] == (
        "To read 1,536 of these tokens anew would have taken about 4.61 s more, and 0.000064 USD."
    )
    assert "these tokens, which its time shows to be in the cache, anew" in said(ENTRY, way)[-1]


@pytest.mark.parametrize(
    ("spent", "words"), [(30, "saved 0.000070 USD"), (130, "lost 0.000030 USD")]
)
def test_what_a_cascade_saved_or_lost_is_said(spent: int, words: str) -> None:
    failed = Attempt("m@a", "answer_malformed", "It is no JSON.")
    saved = Saved(dearest=100, spent=spent, failures=("m@a: It is no JSON.",))
    told = said(ENTRY, replace(WAY, attempts=(failed, *WAY.attempts), saved=saved))
    assert told[0] == "It was not answered by m@a (answer_malformed): It is no JSON."
    assert told[-1] == f"The cascade {words}."
