"""Which family a template is of, how it is told of earlier calls, and what its grammars hold."""

import json

import pytest

from seedbed.core.ask import Ask, Format, Tool, ToolPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.message import Call, Media, MediaKind, Message, Reasoning, Result, Role, Text
from seedbed.engines.formats import hermes, llama, mistral, plain
from seedbed.engines.formats.base import Called, Family, Form, Said, said
from seedbed.engines.formats.families import FAMILIES, family_of
from seedbed.engines.formats.forms import form_of, offered
from seedbed.kit.form import Verifier
from seedbed.kit.grammar.gbnf import Grammar
from tests.engines.formats import templates

ADD = Tool("add", "Add two.", {"properties": {"a": {"type": "integer"}}, "required": ["a"]})
NOW = Tool("now", "The time.")
MESSAGES = (
    Message(Role.SYSTEM, (Text("Be brief."),)),
    Message(Role.USER, (Text("1+1, 2+2?"),)),
    Message(
        Role.ASSISTANT,
        (Reasoning("hm"), Text("So:"), Call("c1", "add", '{"a": 1}'), Call("c2", "add", "")),
    ),
    Message(Role.TOOL, (Result("c1", (Text("2"),)), Result("c2", (Text("4"),)))),
    Message(Role.USER, (Text("Thanks."),)),
)


def ask(*tools: Tool, policy: ToolPolicy | None = None, form: Format | None = None) -> Ask:
    return Ask("m", MESSAGES[:2], tools, policy or ToolPolicy(), form or Format())


@pytest.mark.parametrize(
    ("template", "family"),
    [
        (templates.HERMES, hermes.FAMILY),
        (templates.LLAMA, llama.FAMILY),
        (templates.MISTRAL_LISTED, mistral.LISTED),
        (templates.MISTRAL_NAMED, mistral.NAMED),
        (templates.PLAIN, plain.FAMILY),
        ("<tool_call><function=f>", plain.FAMILY),
        ("", plain.FAMILY),
    ],
)
def test_a_template_is_of_one_family(template: str, family: Family) -> None:
    assert family_of(template) is family


def test_messages_keep_their_calls_and_each_result_stands_alone() -> None:
    assert said(MESSAGES) == [
        Said("system", "Be brief."),
        Said("user", "1+1, 2+2?"),
        Said("assistant", "So:", (Called("c1", "add", '{"a": 1}'), Called("c2", "add", ""))),
        Said("tool", "2", answers="c1", name="add"),
        Said("tool", "4", answers="c2", name="add"),
        Said("user", "Thanks."),
    ]


def test_a_picture_is_not_lost_in_silence() -> None:
    with pytest.raises(TypeError, match="Media"):
        said([Message(Role.USER, (Media(MediaKind.IMAGE, b""),))])


def test_a_template_that_knows_calls_is_given_them_as_they_are() -> None:
    assert hermes.FAMILY.history(said(MESSAGES), [ADD]) == said(MESSAGES)


def test_where_one_call_is_taken_in_a_message_several_become_messages() -> None:
    told = llama.FAMILY.history([*said(MESSAGES), Said("tool", "?", answers="c9")], [])
    assert [(one.role, one.text, [call.id for call in one.calls]) for one in told] == [
        ("system", "Be brief.", []),
        ("user", "1+1, 2+2?", []),
        ("assistant", "So:", ["c1"]),
        ("tool", "2", []),
        ("assistant", "", ["c2"]),
        ("tool", "4", []),
        ("user", "Thanks.", []),
        ("tool", "?", []),
    ]
    two = Said("assistant", "", (Called("c1", "add", ""), Called("c2", "add", "")))
    lost = Said("tool", "?", answers="c9")
    assert llama.FAMILY.history([two, lost], [])[-1] == lost


def test_ids_become_what_the_template_takes_and_stay_alike() -> None:
    told = mistral.NAMED.history(said(MESSAGES), [])
    ids = [call.id for one in told for call in one.calls]
    assert [len(id_) for id_ in ids] == [9, 9]
    assert [one.answers for one in told if one.role == "tool"] == ids
    kept = Said("assistant", "", (Called("abcDEF123", "add", ""),))
    assert mistral.LISTED.history([kept], []) == [kept]


def test_a_template_without_tools_is_told_of_all_in_words() -> None:
    told = plain.FAMILY.history(said(MESSAGES), [ADD, NOW])
    assert [one.role for one in told] == ["system", "user", "assistant", "user"]
    assert '"name": "add", "description": "Add two."' in told[0].text
    assert told[0].text.endswith("\n\nBe brief.")
    call = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
    assert told[2].text.startswith(f"So:\n{call}\n<tool_call>")
    assert '"arguments": {}}' in told[2].text
    assert told[3].text.endswith("<tool_response>\n4\n</tool_response>\n\nThanks.")
    assert not any(one.calls for one in told)


def accepts(grammar: str, text: str) -> bool:
    """Whether the text is one of the grammar's, by a judge that is no engine."""
    return Verifier("grammar", pattern=grammar).verdict(text) is None


def rooted(family: Family, *, parallel: bool) -> str:
    grammar = Grammar()
    grammar.rule("root", family.calls(grammar, [ADD, NOW], parallel=parallel))
    return grammar.text()


ONE: dict[Family, str] = {
    hermes.FAMILY: '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
    plain.FAMILY: '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
    llama.FAMILY: '{"name": "add", "parameters": {"a": 1}}',
    mistral.LISTED: '[TOOL_CALLS][{"name": "add", "arguments": {"a": 1}}]',
    mistral.NAMED: '[TOOL_CALLS]add[ARGS]{"a": 1}',
}
TWO: dict[Family, str] = {
    hermes.FAMILY: "{0}\n{0}".format(ONE[hermes.FAMILY]),
    plain.FAMILY: "{0}\n{0}".format(ONE[hermes.FAMILY]),
    llama.FAMILY: "{0}; {0}".format(ONE[llama.FAMILY]),
    mistral.LISTED: '[TOOL_CALLS][{"name": "add", "arguments": {"a": 1}}, '
    '{"name": "now", "arguments": {}}]',
    mistral.NAMED: ONE[mistral.NAMED] * 2,
}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.markers[0] + str(f.by_template))
def test_a_familys_grammar_and_its_parser_agree(family: Family) -> None:
    for text, calls in ((ONE[family], 1), (TWO[family], 2)):
        assert accepts(rooted(family, parallel=True), text)
        assert accepts(rooted(family, parallel=False), text) is (calls == 1)
        parser = family.parser({"add", "now"}, fresh=lambda: "id")
        pieces = [*parser.feed(text), *parser.end()]
        assert len([p for p in pieces if getattr(p, "name", "")]) == calls
    assert not accepts(rooted(family, parallel=True), ONE[family].replace('"a": 1', '"a": "x"'))
    assert not accepts(rooted(family, parallel=True), ONE[family].replace("add", "sub"))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.markers[0] + str(f.by_template))
def test_free_text_leads_to_the_same_calls(family: Family) -> None:
    form = form_of(ask(ADD, NOW), family)
    assert form is not None
    assert form.size > 50
    if form.opening:
        assert accepts(form.grammar, ONE[family])
        assert accepts(form.opening, " W")
        assert not accepts(form.opening, "{")
    else:
        (tag,) = form.tags
        assert tag.begin.startswith(form.trigger)
        inner = ONE[family].removeprefix(tag.begin).removesuffix(tag.end)
        assert accepts(tag.grammar, inner)
    once = form_of(ask(ADD, policy=ToolPolicy(parallel=False)), family)
    assert once is not None
    assert once.only_one or once.opening


def test_only_the_tools_that_may_be_called_are_in_the_grammar() -> None:
    only = ToolPolicy("required", only=("now",))
    assert offered(ask(ADD, NOW, policy=only)) == (NOW,)
    assert offered(ask(ADD, policy=ToolPolicy("none"))) == ()
    form = form_of(ask(ADD, NOW, policy=only), hermes.FAMILY)
    assert form is not None
    assert not accepts(form.grammar, ONE[hermes.FAMILY])
    for policy, tools in ((only, (ADD,)), (ToolPolicy("required"), ())):
        with pytest.raises(RequestMalformed, match="none may be called"):
            offered(ask(*tools, policy=policy))


def test_a_form_of_the_answer_goes_with_calls_and_without() -> None:
    schema = Format("schema", schema={"enum": ["yes", "no"]})
    assert form_of(ask(), hermes.FAMILY) is None
    alone = form_of(ask(form=schema), hermes.FAMILY)
    both = form_of(ask(ADD, form=schema), hermes.FAMILY)
    assert alone is not None
    assert both is not None
    assert [accepts(form.grammar, '"yes"') for form in (alone, both)] == [True, True]
    assert [accepts(form.grammar, ONE[hermes.FAMILY]) for form in (alone, both)] == [False, True]


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (Format("json"), '{"a": [1]}', "[1]"),
        (Format("regex", pattern=r"\d{2}"), "12", "123"),
        (Format("grammar", pattern='root ::= "a"+'), "aaa", "b"),
    ],
)
def test_each_form_has_its_grammar(form: Format, good: str, bad: str) -> None:
    held = form_of(ask(form=form), plain.FAMILY)
    assert isinstance(held, Form)
    assert accepts(held.grammar, good)
    assert not accepts(held.grammar, bad)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (ask(form=Format("schema", schema={"enum": []})), "format"),
        (ask(form=Format("regex", pattern="(?=a)")), "format"),
        (ask(form=Format("grammar", pattern="root ::= b")), "format"),
        (ask(Tool("f", schema={"type": "string"})), "tools"),
        (ask(Tool("f", schema={"properties": {"a": False}, "required": ["a"]})), "tools"),
    ],
)
def test_what_no_grammar_has_is_refused_by_its_field(asked: Ask, field: str) -> None:
    with pytest.raises(RequestMalformed) as refused:
        form_of(asked, llama.FAMILY)
    assert refused.value.facts["field"] == field


def test_a_grammar_of_the_callers_own_does_not_go_with_tools() -> None:
    with pytest.raises(FieldUnserved):
        form_of(ask(ADD, form=Format("grammar", pattern='root ::= "a"')), hermes.FAMILY)


def test_a_tools_name_is_written_so_that_json_reads_it_back() -> None:
    text = plain.FAMILY.history([Said("assistant", "", (Called("c", 'a"b', "{}"),))], [])[0].text
    assert json.loads(text.splitlines()[1])["name"] == 'a"b'
