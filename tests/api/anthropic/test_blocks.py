"""Blocks become parts; what cannot be carried is refused by name."""

import msgspec
import pytest

from seedbed.api.anthropic.blocks import Blocks
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.anthropic.wire import Block
from seedbed.core.errors import FieldUnserved, RequestMalformed, SeedbedError
from seedbed.core.message import Call, Media, MediaKind, Part, Reasoning, Result, Text

SEALER = Sealer(b"secret")
PDF: dict[str, object] = {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}
CITED = {"enabled": True}


def parts(*blocks: dict[str, object]) -> tuple[Part, ...]:
    return Blocks(SEALER).parts(msgspec.convert(blocks, list[Block]), "here")


def document(source: dict[str, object], **more: object) -> dict[str, object]:
    return {"type": "document", "source": source} | more


def test_plain_words_are_text() -> None:
    assert Blocks(SEALER).parts("a", "here") == (Text("a"),)


def test_words_calls_and_results_keep_their_order() -> None:
    ephemeral = {"type": "ephemeral", "ttl": "1h"}
    told = parts(
        {"type": "text", "text": "a", "cache_control": ephemeral},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}},
        {"type": "tool_result", "tool_use_id": "t", "content": "no", "is_error": True},
        {"type": "tool_result", "tool_use_id": "u", "content": [{"type": "text", "text": "b"}]},
        {"type": "tool_result", "tool_use_id": "v"},
    )
    assert told == (
        Text("a"),
        Call("t", "f", '{"x":1}'),
        Result("t", (Text("no"),), is_error=True),
        Result("u", (Text("b"),)),
        Result("v", ()),
    )


def test_pictures_are_media_wherever_they_stand() -> None:
    data = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    picture: dict[str, object] = {"type": "image", "source": data}
    linked: dict[str, object] = {"type": "url", "url": "https://example.com/a.png"}
    told = parts(
        picture,
        {"type": "image", "source": linked},
        {"type": "tool_result", "tool_use_id": "t", "content": [picture]},
    )
    media = Media(MediaKind.IMAGE, "data:image/png;base64,AAAA")
    linked_media = Media(MediaKind.IMAGE, "https://example.com/a.png")
    assert told == (media, linked_media, Result("t", (media,)))


def test_a_document_has_its_title_and_its_context_before_it() -> None:
    pdf = Media(MediaKind.FILE, "data:application/pdf;base64,JVBERg==")
    text: dict[str, object] = {"type": "text", "media_type": "text/plain", "data": "b"}
    content: dict[str, object] = {"type": "content", "content": [{"type": "text", "text": "c"}]}
    assert parts(document(PDF)) == (pdf,)
    assert parts(document(PDF, title="T", context="C")) == (Text("T\nC\n"), pdf)
    assert parts(document(text, title="T")) == (Text("T\n"), Text("b"))
    assert parts(document(content)) == (Text("c"),)
    assert parts(document({"type": "content", "content": "d"})) == (Text("d"),)


def test_a_find_is_text_with_its_title_and_its_source() -> None:
    find: dict[str, object] = {"type": "search_result", "title": "T", "source": "S"}
    words = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert parts(find | {"content": words, "citations": {"enabled": False}}) == (Text("T\nS\nab"),)


def test_a_file_that_was_uploaded_is_named_by_its_id() -> None:
    named: dict[str, object] = {"type": "file", "file_id": "file_ab12"}
    assert parts({"type": "image", "source": named}) == (Media(MediaKind.IMAGE, "file_ab12"),)
    assert parts(document(named)) == (Media(MediaKind.FILE, "file_ab12"),)


@pytest.mark.parametrize(
    ("block", "field"),
    [
        (document(PDF, citations=CITED), "here[0].citations.enabled"),
        (
            {"type": "search_result", "title": "", "source": "", "content": [], "citations": CITED},
            "here[0].citations.enabled",
        ),
    ],
)
def test_what_is_not_served_is_refused_by_name(block: dict[str, object], field: str) -> None:
    with pytest.raises(FieldUnserved) as refused:
        parts(block)
    assert refused.value.facts["field"] == field


def thought(text: str, signature: bytes) -> dict[str, object]:
    return {"type": "thinking", "thinking": text, "signature": signature.decode()}


def test_a_thought_of_ours_comes_back_without_its_seal() -> None:
    assert parts(thought("hm", SEALER.seal("m", "hm"))) == (Reasoning("hm"),)


def test_a_thought_that_was_changed_is_refused_and_named() -> None:
    with pytest.raises(RequestMalformed, match=r"here\[1\]") as refused:
        parts({"type": "text", "text": "a"}, thought("ha", SEALER.seal("m", "hm")))
    error: SeedbedError = refused.value
    assert error.facts["field"] == "here[1]"


def test_a_thought_that_others_sealed_goes_on_unread() -> None:
    assert parts(thought("hm", b"EqQB")) == (Reasoning("hm", seal=b"EqQB"),)
    assert parts(thought("hm", b"")) == (Reasoning("hm"),)


def test_a_thought_that_only_its_maker_can_read_goes_on_unread() -> None:
    hidden: dict[str, object] = {"type": "redacted_thinking", "data": "x"}
    assert parts(hidden) == (Reasoning("", seal=b"hidden:x"),)
