"""Calls in words: how they are told, and how words are cut into them again."""

import doctest
import json

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Tool
from seedbed.core.message import Call, Media, MediaKind, Message, Result, Role, Text
from seedbed.engines.llama import calls
from seedbed.engines.llama.calls import Arguments, Named, Piece, Reader, Words, told
from seedbed.engines.llama.grammar import AFTER, BEFORE_ARGUMENTS, BEFORE_NAME, OPEN

WEATHER = Tool("weather", "of a city", {"type": "object"})
ASKED = Message(Role.USER, (Text("Rain?"),))


def written(name: str, arguments: str) -> str:
    return f"{OPEN}{BEFORE_NAME}{name}{BEFORE_ARGUMENTS}{arguments}{AFTER}"


def joined(pieces: list[Piece]) -> list[Piece]:
    """Pieces that belong together as one."""
    whole = list[Piece]()
    for piece in pieces:
        last = whole[-1] if whole else None
        if isinstance(piece, Words) and isinstance(last, Words):
            whole[-1] = Words(last.text + piece.text)
        elif isinstance(piece, Arguments) and isinstance(last, Arguments):
            whole[-1] = Arguments(last.text + piece.text)
        else:
            whole.append(piece)
    return whole


def read(text: str, cuts: list[int]) -> list[Piece]:
    reader, pieces, before = Reader(), list[Piece](), 0
    for cut in [*sorted(cuts), len(text)]:
        pieces += reader.feed(text[before:cut])
        before = max(before, cut)
    return joined([*pieces, *reader.end()])


names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
objects = st.dictionaries(st.text(), st.text() | st.integers()).map(json.dumps)


@given(st.data(), st.text().filter(lambda t: "<" not in t), st.lists(st.tuples(names, objects)))
def test_however_the_words_are_cut_the_calls_are_the_same(
    data: st.DataObject, words: str, made: list[tuple[str, str]]
) -> None:
    text = words + "".join(written(name, arguments) for name, arguments in made)
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    expected: list[Piece] = [Words(words)] if words else []
    for name, arguments in made:
        expected += [Named(name), Arguments(arguments)]
    assert read(text, cuts) == expected


def test_words_are_told_as_soon_as_they_cannot_be_a_mark() -> None:
    reader = Reader()
    assert list(reader.feed("a <to")) == [Words("a ")]
    assert list(reader.feed("p>")) == [Words("<top>")]
    assert list(reader.feed("<tool")) == []
    assert list(reader.end()) == [Words("<tool")]


def test_a_name_that_is_cut_off_is_not_told() -> None:
    assert read(f"{OPEN}{BEFORE_NAME}wea", [20, 30]) == []


def test_arguments_that_are_cut_off_are_told_as_they_are() -> None:
    text = f'{OPEN}{BEFORE_NAME}f{BEFORE_ARGUMENTS}{{"a":}}'
    assert read(text, []) == [Named("f"), Arguments('{"a":}')]


def test_tools_are_told_in_a_system_text() -> None:
    system, asked = told((ASKED,), (WEATHER,))
    assert system.role == Role.SYSTEM
    assert '{"name": "weather", "description": "of a city"' in system.text
    assert written("NAME", "ARGUMENTS") in system.text
    assert asked == ASKED


def test_they_are_added_to_the_system_text_that_is_there() -> None:
    system, _ = told((Message(Role.SYSTEM, (Text("Be brief."),)), ASKED), (WEATHER,))
    assert system.text.startswith("Be brief.\n\nYou may call")


def test_without_tools_nothing_is_told() -> None:
    assert told((ASKED,), ()) == (ASKED,)
    assert told((), (WEATHER,))[0].role == Role.SYSTEM


def test_calls_and_their_results_are_told_as_words_and_results_together() -> None:
    history = (
        ASKED,
        Message(Role.ASSISTANT, (Text("Hm."), Call("1", "weather", "{}"), Call("2", "f", "[]"))),
        Message(Role.TOOL, (Result("1", (Text("rain"),)),)),
        Message(Role.TOOL, (Result("2", (Text("no"),)),)),
    )
    _, said, brought = told(history, ())
    assert said.text == "Hm." + written("weather", "{}") + written("f", "[]")
    assert brought.role == Role.USER
    results = ("rain", "no")
    assert brought.text == "".join(f"<tool_response>\n{r}\n</tool_response>\n" for r in results)


def test_a_picture_that_a_tool_brought_stays_one() -> None:
    picture = Media(MediaKind.IMAGE, b"\x89PNG")
    (message,) = told((Message(Role.TOOL, (Result("1", (picture,)),)),), ())
    assert picture in message.parts


def test_the_example_holds() -> None:
    assert doctest.testmod(calls).attempted
    assert not doctest.testmod(calls).failed
