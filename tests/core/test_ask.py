import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import (
    Ask,
    CountAsk,
    EmbedAsk,
    Feature,
    Format,
    ImageAsk,
    Priority,
    ReasoningPolicy,
    RerankAsk,
    Sampling,
    TokenizeAsk,
    Tool,
    ToolPolicy,
)
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Message,
    Opaque,
    Part,
    Reasoning,
    Result,
    Role,
    Text,
)
from tests.examples import examples

HELLO = (Message(Role.USER, (Text("hello"),)),)
PICTURE = Media(MediaKind.IMAGE, b"png")


@pytest.mark.parametrize(
    ("ask", "feature"),
    [
        (Ask("m", HELLO, tools=(Tool("look"),)), Feature.TOOLS),
        (Ask("m", HELLO, format=Format("json")), Feature.JSON),
        (Ask("m", HELLO, format=Format("schema", "a", {"type": "object"})), Feature.SCHEMA),
        (Ask("m", HELLO, format=Format("regex", pattern="a+")), Feature.REGEX),
        (Ask("m", HELLO, format=Format("grammar", pattern='root ::= "a"')), Feature.GRAMMAR),
        (Ask("m", HELLO, reasoning=ReasoningPolicy("on")), Feature.REASONING),
        (Ask("m", (*HELLO, Message(Role.USER, (PICTURE,)))), Feature.MEDIA),
        (Ask("m", (*HELLO, Message(Role.ASSISTANT, (Call("c", "look", ""),)))), Feature.TOOLS),
        (Ask("m", (*HELLO, Message(Role.TOOL, (Result("c", ()),)))), Feature.TOOLS),
        (Ask("m", HELLO, sampling=Sampling(logprobs=0)), Feature.LOGPROBS),
        (Ask("m", HELLO, sampling=Sampling(choices=2)), Feature.CHOICES),
    ],
)
def test_an_ask_needs_the_feature_that_its_field_means(ask: Ask, feature: Feature) -> None:
    assert ask.needs == {Feature.CHAT, feature}


def test_a_plain_ask_needs_an_engine_that_chats() -> None:
    ask = Ask("m", HELLO, reasoning=ReasoningPolicy("off"), sampling=Sampling(temperature=0.5))
    assert ask.needs == {Feature.CHAT}


def test_tools_that_may_not_be_called_are_not_needed() -> None:
    ask = Ask("m", HELLO, tools=(Tool("look"),), tool_policy=ToolPolicy("none"))
    assert ask.needs == {Feature.CHAT}


TEXT = st.text(max_size=40)
PLAIN: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, TEXT),
    st.builds(Reasoning, TEXT),
    st.builds(Call, TEXT, TEXT, TEXT),
)
RESULTS = st.builds(Result, TEXT, st.lists(st.builds(Text, TEXT), max_size=3).map(tuple))
MESSAGES = st.builds(
    Message, st.sampled_from(Role), st.lists(PLAIN | RESULTS, max_size=4).map(tuple)
)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = st.dictionaries(TEXT, JSONS, max_size=3)
TOOLS = st.builds(Tool, TEXT, TEXT, SCHEMAS)
FORMATS = st.builds(Format, st.just("schema"), TEXT, SCHEMAS)
ASKS = st.builds(
    Ask,
    st.just("m"),
    st.lists(MESSAGES, max_size=4).map(tuple),
    tools=st.lists(TOOLS, max_size=4).map(tuple),
    format=FORMATS,
)


@given(ASKS)
@examples(40)
def test_no_prompt_written_from_an_ask_has_more_bytes_than_its_bound(ask: Ask) -> None:
    assert ask.most_input is not None
    assert len(_prompt(ask).encode()) <= ask.most_input


MANY = [f"a_name_as_long_as_names_may_be_in_most_dialects_{n:015}" for n in range(128)]
LOOK = {"type": "object", "properties": {name: {"type": "string"} for name in MANY}}


@pytest.mark.parametrize(
    "ask",
    [
        Ask("m", HELLO, tools=tuple(map(Tool, MANY))),
        Ask("m", HELLO, tools=(Tool("look", "Looks. " * 999, LOOK),)),
        Ask("m", HELLO, format=Format("schema", "answer", LOOK)),
        Ask("m", (*HELLO, Message(Role.ASSISTANT, tuple(Call(n, n, "{}") for n in MANY)))),
        Ask("m", (*HELLO, Message(Role.TOOL, tuple(Result(n, (Text("ok"),)) for n in MANY)))),
        Ask("m", HELLO * 999),
    ],
    ids=["tools", "schema", "format", "calls", "results", "messages"],
)
def test_a_great_many_of_anything_is_within_the_bound(ask: Ask) -> None:
    assert ask.most_input is not None
    assert len(_prompt(ask).encode()) <= ask.most_input


def test_a_thought_that_only_its_maker_can_read_is_bound_by_its_seal() -> None:
    plain, sealed = (
        Ask("m", (*HELLO, Message(Role.ASSISTANT, (Reasoning("", seal=seal),)))).most_input
        for seal in (None, b"hidden:EmwK")
    )
    assert plain is not None
    assert sealed == plain + len(b"hidden:EmwK")


@pytest.mark.parametrize(
    "part",
    [PICTURE, Opaque("openai", {}), Result("c1", (Text("seen"), PICTURE))],
)
def test_what_cannot_be_counted_in_bytes_has_no_bound(part: Part) -> None:
    ask = Ask("m", (*HELLO, Message(Role.USER, (part,))))
    assert ask.most_input is None


def _prompt(ask: Ask) -> str:
    """The ask as the usual chat templates with tools would write it."""
    told = [
        {"name": tool.name, "description": tool.description, "parameters": tool.schema}
        for tool in ask.tools
    ]
    tools = [json.dumps({"type": "function", "function": t}, ensure_ascii=False) for t in told]
    form = ask.format.name + json.dumps(ask.format.schema, ensure_ascii=False)
    system = "<|im_start|>system\n# Tools\nYou may call these functions:\n<tools>\n"
    text = system + "\n".join(tools) + "\n</tools>\n" + form + "<|im_end|>\n"
    for message in ask.messages:
        said = "".join(_words(part) for part in message.parts)
        text += f"<|im_start|>{message.role}\n{said}<|im_end|>\n"
    return text + "<|im_start|>assistant\n"


def _words(part: Part) -> str:
    match part:
        case Text(text=text) | Reasoning(text=text):
            return text
        case Call(id=id_, name=name, arguments=arguments):
            return f'{{"id":"{id_}","name":"{name}","arguments":{arguments}}}'
        case Result(call_id=id_, parts=parts):
            return f"<response id={id_}>" + "".join(map(_words, parts)) + "</response>"
        case Media() | Opaque():
            raise AssertionError("not made here")


def test_a_raw_ask_needs_an_engine_that_continues_texts() -> None:
    assert Ask("m", HELLO, raw=True).needs == {Feature.COMPLETION}


def test_vectors_and_scores_need_their_own_features_and_bound_what_they_read() -> None:
    embed = EmbedAsk("m", ("one", "zwei\N{GREEK SMALL LETTER BETA}"))
    rerank = RerankAsk("m", "why?", ("one", "two"))
    assert (embed.needs, rerank.needs) == ({Feature.EMBEDDING}, {Feature.RERANK})
    assert (embed.most_input, embed.most_output) == (3 + 6 + 2 * 16, 0)
    assert (rerank.most_input, rerank.most_output) == (2 * (4 + 3 + 32), 0)
    assert Ask("m", HELLO).most_output is None


def test_to_count_needs_what_the_ask_needs_and_a_tokenizer() -> None:
    ask = Ask("m", HELLO, tools=(Tool("add"),), priority=Priority.BATCH, deadline=2.0)
    count = CountAsk(ask)
    assert count.needs == ask.needs | {Feature.TOKENS}
    assert (count.model, count.priority, count.deadline) == ("m", Priority.BATCH, 2.0)
    assert (count.most_input, count.most_output) == (ask.most_input, 0)


def test_to_cut_texts_needs_a_tokenizer_alone() -> None:
    cut = TokenizeAsk("m", ("one", "zwei"))
    assert cut.needs == {Feature.TOKENS}
    assert (cut.most_input, cut.most_output) == (3 + 4 + 2 * 16, 0)


def test_pictures_need_a_painter_and_those_made_of_others_one_that_edits() -> None:
    ask = ImageAsk("m", "a barn")
    assert ask.needs == {Feature.IMAGES}
    ref = Media(MediaKind.IMAGE, b"x", {"role": "base"})
    edit = ImageAsk("m", "a barn", (ref,))
    assert edit.needs == {Feature.IMAGES, Feature.IMAGE_EDIT}
    assert edit.most_input > ask.most_input >= len("a barn")


def test_what_pictures_are_counted_as_is_bounded_by_their_size_or_tier() -> None:
    assert ImageAsk("m", "a", size=(64, 32), count=3).most_output == 24
    one, two = ImageAsk("m", "a", tier="1K").most_output, ImageAsk("m", "a", tier="2K").most_output
    assert 1_024 * 1_024 / 256 < one < two < ImageAsk("m", "a").most_output
    assert two >= 2_848 * 1_600 / 256, "the largest shape of that tier that a vendor recommends"
