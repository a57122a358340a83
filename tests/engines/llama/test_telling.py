"""Chunks told as events, whose tokens add up."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    Likely,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.message import Call
from seedbed.core.usage import Usage
from seedbed.engines.llama.grammar import AFTER, BEFORE_ARGUMENTS, BEFORE_NAME, OPEN
from seedbed.engines.llama.telling import Telling
from seedbed.engines.llama.wire import (
    CallPiece,
    Choice,
    Chunk,
    Delta,
    Function,
    Progress,
    Timings,
    Token,
    Tokens,
)


def chunk(made: int, delta: Delta | None = None, *, ended: str | None = None) -> Chunk:
    return Chunk([Choice(delta or Delta(), ended=ended)], Timings(4, 5, made))


def events(
    *chunks: Chunk, plain: bool = False, top: int | None = None, stops: Sequence[str] = ()
) -> list[Event]:
    """All events of these chunks, with the beginning and the end that the engine adds."""
    telling = Telling(plain=plain, top=top, stops=stops)
    told = [event for each in chunks for event in telling.chunk(each)]
    told += telling.end()
    assert telling.stop
    return [Started("m"), *told, Finished(telling.stop, telling.usage, met=telling.met)]


def tokens(told: list[Event]) -> int:
    return sum(e.tokens for e in told if isinstance(e, TextDelta | ReasoningDelta | CallDelta))


def test_tokens_of_no_words_are_told_with_the_next_or_at_the_end() -> None:
    told = events(chunk(1), chunk(3, Delta("hi")), chunk(4, ended="stop"))
    assert TextDelta("hi", tokens=3) in told
    assert told[-2:] == [TextDelta("", tokens=1), Finished(Stop.END, Usage(5, 4, 0, 4))]


def test_thought_is_counted_by_itself() -> None:
    thought, words = Delta(thought="hm"), Delta(words="yes")
    told = events(chunk(2, thought), chunk(4, words), chunk(4, ended="stop"))
    assert told[-1] == Finished(Stop.END, Usage(5, 4, 0, 2, 2))
    cut_off = events(chunk(2, thought), chunk(3, ended="length"))
    assert cut_off[-2:] == [
        ReasoningDelta("", tokens=1),
        Finished(Stop.LENGTH, Usage(5, 4, 0, 0, 3)),
    ]


def test_the_prompt_is_told_as_it_is_read_and_once() -> None:
    halfway = Chunk(prompt_progress=Progress(total=9, cache=4, processed=6))
    told = events(halfway, halfway, chunk(1, Delta("a")), chunk(1, ended="stop"))
    assert [e.usage for e in told if isinstance(e, UsageNow)] == [Usage(2, 4), Usage(5, 4)]


def test_a_chunk_without_counts_tells_none() -> None:
    told = events(Chunk([Choice(Delta("a"))]), chunk(1, ended="stop"))
    assert TextDelta("a", tokens=0) in told
    assert tokens(told) == 1


def test_calls_of_the_servers_own_reading_are_told_in_pieces() -> None:
    first = CallPiece(0, "id0", Function("f", ""))
    told = events(
        chunk(3, Delta(calls=[first])),
        chunk(4, Delta(calls=[CallPiece(0, None, Function(None, '{"a"'))])),
        chunk(5, Delta(calls=[CallPiece(0, None, Function(None, ":1}"))])),
        chunk(8, Delta(calls=[CallPiece(1, None, Function("g", "{}"))])),
        chunk(9, ended="tool_calls"),
    )
    reply = Reply.of(told)
    assert reply.calls[0] == Call("id0", "f", '{"a":1}')
    assert reply.calls[1].id.startswith("call_")
    assert (reply.stop, tokens(told)) == (Stop.CALL, 9)
    assert told[-2] == CallDelta(1, "", tokens=1)


def test_calls_in_words_are_told_as_calls_and_end_as_calls() -> None:
    text = f'Hm.{OPEN}{BEFORE_NAME}f{BEFORE_ARGUMENTS}{{"a":1}}{AFTER}'
    told = events(chunk(9, Delta(text)), chunk(10, ended="stop"), plain=True)
    reply = Reply.of(told)
    assert (reply.text, reply.stop) == ("Hm.", Stop.CALL)
    assert [(call.name, call.arguments) for call in reply.calls] == [("f", '{"a":1}')]
    assert tokens(told) == reply.usage.output == 10


def test_words_that_were_held_back_are_told_at_the_end() -> None:
    told = events(chunk(1, Delta("a <tool")), chunk(1, ended="stop"), plain=True)
    assert Reply.of(told).text == "a <tool"
    assert Reply.of(told).stop == Stop.END


def test_a_call_that_is_cut_off_ends_as_its_limit_says() -> None:
    text = f'{OPEN}{BEFORE_NAME}f{BEFORE_ARGUMENTS}{{"a'
    told = events(chunk(9, Delta(text)), chunk(9, ended="length"), plain=True)
    assert Reply.of(told).stop == Stop.LENGTH
    assert Reply.of(told).calls[0].arguments == '{"a'


def likely(*texts: str) -> Tokens:
    return Tokens([Token(text, -1.0) for text in texts])


def test_how_likely_each_token_was_is_told_with_its_words() -> None:
    chosen = Chunk([Choice(Delta("ab"), logprobs=likely("a", "b"))], Timings(4, 5, 2))
    told = events(chosen, chunk(2, ended="stop"), top=0)
    assert Reply.of(told).likely == (Likely("a", -1.0), Likely("b", -1.0))
    unasked = events(chosen, chunk(2, ended="stop"))
    assert Reply.of(unasked).likely == ()
    none = Chunk([Choice(Delta("ab"), logprobs=Tokens())], Timings(4, 5, 2))
    assert Reply.of(events(none, chunk(2, ended="stop"), top=0)).likely == ()


def test_of_the_tokens_of_calls_nothing_is_told() -> None:
    text = f"{OPEN}{BEFORE_NAME}f{BEFORE_ARGUMENTS}{{}}{AFTER}"
    call = Chunk([Choice(Delta(text), logprobs=likely(text))], Timings(4, 5, 2))
    assert Reply.of(events(call, chunk(2, ended="stop"), plain=True, top=0)).likely == ()


pieces = st.one_of(
    st.builds(Delta, words=st.text()),
    st.builds(Delta, thought=st.text()),
    st.builds(Delta, words=st.text(), thought=st.text()),
    st.just(Delta()),
)


@given(st.lists(st.tuples(pieces, st.integers(0, 3))), st.booleans())
def test_whatever_comes_the_tokens_add_up(sent: list[tuple[Delta, int]], plain: bool) -> None:
    made, chunks = 0, list[Chunk]()
    for delta, more in sent:
        made += more
        chunks.append(chunk(made, delta))
    told = events(*chunks, chunk(made + 1, ended="stop"), plain=plain)
    reply = Reply.of(told)
    assert tokens(told) == reply.usage.output == made + 1
    assert reply.text == "".join(delta.words or "" for delta, _ in sent)
    assert reply.reasoning == "".join(delta.thought or "" for delta, _ in sent)


def test_words_end_before_a_stop_text_however_it_is_cut() -> None:
    pieces = [
        chunk(made, Delta(words=text)) for made, text in enumerate(["a E", "N", "D b", "c"], 1)
    ]
    reply = Reply.of(told := events(*pieces[:3], stops=("x", "END")))
    assert (reply.text, reply.stop, reply.met) == ("a ", Stop.SEQUENCE, "END")
    assert tokens(told) == reply.usage.output == 3
    rest = Reply.of(events(*pieces[:2], chunk(3, ended="stop"), stops=("END",)))
    assert (rest.text, rest.stop, rest.met) == ("a EN", Stop.END, None)


def test_a_stop_text_ends_words_that_calls_are_read_from_but_no_thought() -> None:
    told = events(
        chunk(1, Delta(thought="END")),
        chunk(3, Delta(words="a END <tool")),
        plain=True,
        stops=("END",),
    )
    reply = Reply.of(told)
    assert (reply.reasoning, reply.text, reply.met) == ("END", "a ", "END")
    held = Reply.of(
        events(chunk(1, Delta("EN")), chunk(2, ended="stop"), plain=True, stops=("END",))
    )
    assert (held.text, held.stop) == ("EN", Stop.END)
