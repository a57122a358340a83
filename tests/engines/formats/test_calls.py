"""Calls read out of text, however it is cut; what is none stays text."""

from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.event import CallDelta, TextDelta
from seedbed.engines.formats import hermes, llama, mistral
from seedbed.engines.formats.calls import CallParser, Shape

NAMES = {"add", "get-it.now"}
HERMES, LLAMA, MISTRAL = hermes.SHAPE, llama.SHAPE, mistral.SHAPE
DEEP = '{"a": {"b": ["}", "]\\"", 1]}, "c": "<tool_call>"}'


def read(shape: Shape, *texts: str) -> tuple[str, list[tuple[str, str]]]:
    """The words, and the names and arguments of the calls."""
    numbers = count(1)
    parser = CallParser(shape, NAMES, fresh=lambda: f"id{next(numbers)}")
    pieces = [piece for text in texts for piece in parser.feed(text)] + parser.end()
    words, names, arguments = "", dict[int, str](), dict[int, str]()
    for piece in pieces:
        match piece:
            case TextDelta(text=text):
                assert text
                words += text
            case CallDelta(ordinal=at, id=id_, name=name, arguments=more):
                assert bool(id_) == bool(name) == (at not in names)
                assert not id_ or (id_, more) == (f"id{at + 1}", "")
                names[at] = name or names[at]
                arguments[at] = arguments.get(at, "") + more
    return words, [(names[at], arguments[at]) for at in sorted(names)]


CALLS = [
    pytest.param(
        HERMES,
        'Well.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
        ("Well.\n", [("add", '{"a": 1}')]),
        id="words before a call",
    ),
    pytest.param(
        HERMES,
        f'<tool_call>{{"name":"add","arguments":{DEEP}}}</tool_call>\n'
        '<tool_call>{"name": "get-it.now", "arguments": {}}</tool_call>\n',
        ("", [("add", DEEP), ("get-it.now", "{}")]),
        id="two calls, and blanks between and behind",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"name": "add", "arguments": {}}</tool_call> And then <tool <tool_call>x',
        (" And then <tool <tool_call>x", [("add", "{}")]),
        id="words behind a call, and a marker without one",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"arguments": {"a": 1}, "name": "add"}</tool_call>',
        ("", [("add", '{"a": 1}')]),
        id="another order",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"name": "steal", "arguments": {}}</tool_call>',
        ('<tool_call>{"name": "steal", "arguments": {}}</tool_call>', []),
        id="a tool that was not offered",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"arguments": {}, "name": "steal"}</tool_call>',
        ('<tool_call>{"arguments": {}, "name": "steal"}</tool_call>', []),
        id="the same in another order",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"name": "add", "arguments": "none"}',
        ('<tool_call>{"name": "add", "arguments": "none"}', []),
        id="arguments that are no object",
    ),
    pytest.param(
        HERMES, '<tool_call>{"name": "ad', ('<tool_call>{"name": "ad', []), id="cut in its head"
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"name": "add", "arguments": {"a": "cut',
        ("", [("add", '{"a": "cut')]),
        id="cut in its arguments",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"name": "add", "arguments": {}}\n</tool_',
        ("", [("add", "{}")]),
        id="cut in its end",
    ),
    pytest.param(
        HERMES,
        '<tool_call>{"name": "add", "arguments": {}} so',
        (" so", [("add", "{}")]),
        id="another end",
    ),
    pytest.param(HERMES, "<tool_call>[1]", ("<tool_call>[1]", []), id="a list"),
    pytest.param(HERMES, '<tool_call>{"x": 1', ('<tool_call>{"x": 1', []), id="another object"),
    pytest.param(
        HERMES, '<tool_call>{"name": }', ('<tool_call>{"name": }', []), id="what is no JSON"
    ),
    pytest.param(
        LLAMA,
        f' {{"name": "add", "parameters": {DEEP}}}; {{"name": "add", "parameters": {{}}}}',
        ("", [("add", DEEP), ("add", "{}")]),
        id="a bare call at the beginning",
    ),
    pytest.param(
        LLAMA,
        '<|python_tag|>{"type": "function", "name": "add", "parameters": {}}',
        ("", [("add", "{}")]),
        id="a call behind its tag",
    ),
    pytest.param(
        LLAMA,
        'So {"name": "add", "parameters": {}}',
        ('So {"name": "add", "parameters": {}}', []),
        id="an object that is not at the beginning",
    ),
    pytest.param(LLAMA, '{"city": "Rome"}', ('{"city": "Rome"}', []), id="an answer in JSON"),
    pytest.param(LLAMA, " \n", (" \n", []), id="blanks"),
    pytest.param(
        MISTRAL,
        'So [TOOL_CALLS] [{"name": "add", "arguments": {}}, '
        '{"name": "add", "arguments": {"a":[]}}]',
        ("So ", [("add", "{}"), ("add", '{"a":[]}')]),
        id="a list of calls",
    ),
    pytest.param(
        MISTRAL,
        '[TOOL_CALLS]add[ARGS]{"a": 1}[TOOL_CALLS]get-it.now[CALL_ID]abc123def[ARGS]{}',
        ("", [("add", '{"a": 1}'), ("get-it.now", "{}")]),
        id="calls by name",
    ),
    pytest.param(
        MISTRAL,
        '[TOOL_CALLS][{"arguments": {}, "name": "add"}]!',
        ("!", [("add", "{}")]),
        id="a list in another order",
    ),
    pytest.param(
        MISTRAL, "[TOOL_CALLS]no call", ("[TOOL_CALLS]no call", []), id="words behind the marker"
    ),
]


@pytest.mark.parametrize(("shape", "text", "found"), CALLS)
def test_calls_are_found_however_the_text_is_cut(
    shape: Shape, text: str, found: tuple[str, list[tuple[str, str]]]
) -> None:
    assert read(shape, text) == found
    assert read(shape, *text) == found
    for cut in range(len(text)):
        assert read(shape, text[:cut], text[cut:]) == found


def test_the_name_comes_first_and_the_arguments_as_they_come() -> None:
    parser = CallParser(HERMES, NAMES, fresh=lambda: "id")
    assert parser.feed('<tool_call>{"name": "add", "argu') == []
    assert parser.feed('ments": {"a"') == [
        CallDelta(0, "", id="id", name="add", tokens=0),
        CallDelta(0, '{"a"', tokens=0),
    ]
    assert parser.feed(": 1") == [CallDelta(0, ": 1", tokens=0)]
    assert parser.feed("}}") == [CallDelta(0, "}", tokens=0)]


def test_words_are_told_as_soon_as_they_can_be_no_marker() -> None:
    parser = CallParser(HERMES, NAMES, fresh=lambda: "id")
    assert parser.feed("a <tool") == [TextDelta("a ", tokens=0)]
    assert parser.feed("s") == [TextDelta("<tools", tokens=0)]


def test_a_call_that_never_tells_its_name_is_given_up() -> None:
    long = '<tool_call>{"arguments": {"a": "' + "x" * 10_000
    parser = CallParser(HERMES, NAMES, fresh=lambda: "id")
    told = [piece for text in (long[:5_000], long[5_000:]) for piece in parser.feed(text)]
    assert "".join(piece.text for piece in told if isinstance(piece, TextDelta)) == long


@given(st.text(alphabet='ab<>tool_c{}[]":, \n', max_size=80), st.data())
def test_text_without_a_call_is_kept_word_for_word(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]
    for shape in (HERMES, LLAMA, MISTRAL):
        assert read(shape, *pieces) == (text, [])
