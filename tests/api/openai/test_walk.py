"""How an answer's events become items that open, grow and close."""

import pytest

from seedbed.api.openai.responses.walk import Closed, Grown, Item, Opened, Walk
from seedbed.core.errors import ServerStopping
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.store.database import Database
from tests.api.openai.asking import decoded, past_of, read

END = Finished(Stop.END, Usage())


def moved(*events: Event) -> list[tuple[str, str, int]]:
    walk = Walk()
    moves = [move for event in events for move in walk.take(event)]
    return [(type(move).__name__, move.item.kind, move.item.at) for move in moves]


@pytest.mark.parametrize(
    "nothing", [Started("m"), UsageNow(Usage()), TextDelta(""), ReasoningDelta("")]
)
def test_what_makes_no_words_moves_nothing(nothing: Event) -> None:
    assert moved(nothing) == []


def test_a_thought_that_is_sealed_has_ended() -> None:
    sealed = ReasoningDelta("", seal=b"s")
    told = moved(ReasoningDelta("a"), sealed, ReasoningDelta("b"), END)
    opens = [at for kind, _, at in told if kind == "Opened"]
    assert opens == [0, 1]
    assert [kind for kind, _, at in told if at == 0][-1] == "Closed"


def test_a_thought_that_is_hidden_is_an_item_with_its_seal() -> None:
    walk = Walk()
    moves = walk.take(ReasoningDelta("", seal=b"s"))
    assert [type(move) for move in moves] == [Opened, Closed]
    (item,) = walk.items
    assert (item.kind, item.text, item.seal, item.is_whole) == ("thought", "", b"s", True)


def test_calls_that_are_written_side_by_side_end_together() -> None:
    told = moved(
        CallDelta(0, "", id="1", name="a"),
        CallDelta(1, "{", id="2", name="b"),
        CallDelta(0, "{}"),
        CallDelta(1, "}"),
        Finished(Stop.CALL, Usage()),
    )
    assert [(kind, at) for kind, _, at in told] == [
        ("Opened", 0),
        ("Opened", 1),
        ("Grown", 1),
        ("Grown", 0),
        ("Grown", 1),
        ("Closed", 0),
        ("Closed", 1),
    ]


def test_what_was_cut_off_is_not_whole() -> None:
    walk = Walk()
    walk.take(CallDelta(0, "{", id="1", name="a"))
    walk.take(CallDelta(1, "{", id="2", name="b"))
    walk.take(Finished(Stop.LENGTH, Usage()))
    assert [item.is_whole for item in walk.items] == [True, False]


def test_moves_name_the_item_itself() -> None:
    walk = Walk()
    opened, grown = walk.take(TextDelta("a"))
    (closed,) = walk.take(END)
    assert isinstance(opened, Opened)
    assert isinstance(grown, Grown)
    assert isinstance(closed, Closed)
    item: Item = walk.items[0]
    assert opened.item is grown.item is closed.item is item


def test_an_end_that_no_way_saw_is_told(database: Database) -> None:
    reading = read(past_of(database), {"input": "a", "stream": True})
    assert reading.streamer
    sent = reading.streamer.chunk(Started("m")) + reading.streamer.chunk(TextDelta("b"))
    sent += reading.streamer.chunk(Failed(ServerStopping()))
    *_, error, failed = decoded(sent)
    assert (error["type"], failed["type"]) == ("error", "response.failed")
    response = failed["response"]
    assert isinstance(response, dict)
    assert response["output"][0]["status"] == "incomplete"
