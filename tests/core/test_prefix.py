"""Prompts that begin alike have links in common, as far as engines tell them alike."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Ask, Tool, ToolPolicy
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
from seedbed.core.prefix import Link, chain

AUTO = ToolPolicy()
LONG = "so long that it has links of its own " * 20


def ask(*parts: Part, role: Role = Role.USER) -> Ask:
    return Ask("m", (Message(role, parts),))


def offering(*tools: Tool, policy: ToolPolicy = AUTO) -> Ask:
    return Ask("m", (Message(Role.USER, (Text(LONG),)),), tools=tools, tool_policy=policy)


def shared(one: Ask, other: Ask) -> int:
    """Up to where both have the same links."""
    return max((link.end for link in set(chain(one)) & set(chain(other))), default=0)


def raw(text: str) -> Ask:
    return Ask("m", (Message(Role.USER, (Text(text),)),), raw=True)


def test_words_that_are_continued_are_one_text_in_however_many_parts() -> None:
    words = "one two three " * 20
    parts = tuple(Text(word) for word in (words[:90], words[90:]))
    assert chain(replace(raw(""), messages=(Message(Role.USER, parts),))) == chain(raw(words))
    assert len(chain(raw(words))) == 3


@given(st.text(max_size=3_000), st.text(max_size=900), st.text(max_size=900))
def test_what_begins_alike_has_links_in_common_up_to_the_last_end_of_what_is_alike(
    begin: str, one: str, other: str
) -> None:
    first, second = (begin + one).encode(), (begin + other).encode()
    alike = next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    ends = [link.end for link in chain(raw(begin + one)) if link.end <= alike]
    assert shared(raw(begin + one), raw(begin + other)) == max(ends, default=0)


def test_links_end_early_at_first_and_then_each_512_bytes() -> None:
    ends = [link.end for link in chain(raw("x" * 2_100))]
    assert ends == [64, 128, 256, 512, 1024, 1536, 2048]
    assert [link.end for link in chain(raw("x" * 64))] == [64]
    assert chain(raw("x" * 63)) == ()


def test_no_two_links_of_a_prompt_have_the_same_digest() -> None:
    links = chain(raw("x" * 10_000))
    assert len({link.digest for link in links}) == len(links)
    assert links[0] == Link(links[0].digest, 64)


@pytest.mark.parametrize(
    "other",
    [
        ask(Text(LONG[:99]), Text(LONG[99:])),
        ask(Reasoning("what was thought"), Text(LONG)),
    ],
)
def test_what_no_engine_tells_makes_no_difference(other: Ask) -> None:
    assert chain(other) == chain(ask(Text(LONG)))


def test_results_words_and_calls_count_in_the_order_in_which_engines_tell_them() -> None:
    call, result = Call("1", "look", "{}"), Result("1", (Text("found"),))
    told = ask(result, Text(LONG), call)
    assert chain(ask(call, Text(LONG), result)) == chain(told)
    assert chain(ask(Text(LONG), Result("2", (Text("found"),)), Call("2", "look", "{}"))) == chain(
        told
    )


@pytest.mark.parametrize(
    "other",
    [
        ask(Text(LONG), role=Role.SYSTEM),
        raw(LONG),
        ask(Result("1", (Text(LONG),))),
        ask(Call("1", LONG, "")),
        offering(Tool("look")),
        Ask("m", (Message(Role.USER, ()), Message(Role.USER, (Text(LONG),)))),
    ],
)
def test_what_engines_tell_otherwise_is_another_prompt_from_the_start(other: Ask) -> None:
    assert shared(other, ask(Text(LONG))) == 0


def test_only_tools_that_may_be_called_are_told() -> None:
    look, find = Tool("look", "Looks.", {"type": "object"}), Tool("find")
    none = offering(look, policy=ToolPolicy("none"))
    assert chain(none) == chain(offering())
    assert chain(offering(look, find, policy=ToolPolicy(only=("look",)))) == chain(offering(look))
    assert chain(offering(look, find)) != chain(offering(look))
    assert chain(offering(Tool("look", "Looks.", {"type": "array"}))) != chain(offering(look))


def test_what_is_no_text_counts_by_its_source() -> None:
    sources: list[str | bytes] = ["https://example.org/a.png", b"\x89PNG", b"\x89PNG2"]
    pictures = [ask(Media(MediaKind.IMAGE, source), Text(LONG)) for source in sources]
    opaque = [ask(Opaque("ark", {"a": at}), Text(LONG)) for at in range(2)]
    chains = [chain(one) for one in [*pictures, *opaque, ask(Text(LONG))]]
    assert len({links[-1].digest for links in chains}) == len(chains)
    assert chain(ask(Media(MediaKind.IMAGE, sources[1]), Text(LONG))) == chains[1]
