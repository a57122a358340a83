"""What every reader does with a body, whatever it holds."""

import json
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.openai import wire
from seedbed.api.openai.body import MOST_MARKS, depth, read_body
from seedbed.core.errors import RequestRefused
from tests.api.calls import CALLS
from tests.api.running import CHAT, COMPLETIONS, EMBEDDINGS, RERANK


@dataclass(frozen=True)
class Call:
    path: str
    kind: type[msgspec.Struct]
    least: dict[str, object]

    def read(self, body: bytes) -> object:
        return CALLS["POST", self.path].read(body, request_id="req_1", now=1).ask

    def fails(self, body: bytes) -> RequestRefused:
        with pytest.raises(RequestRefused) as refused:
            self.read(body)
        return refused.value


READERS = [
    Call(CHAT, wire.ChatBody, {"model": "m", "messages": [{"role": "user", "content": "hi"}]}),
    Call(COMPLETIONS, wire.CompletionBody, {"model": "m", "prompt": "hi"}),
    Call(EMBEDDINGS, wire.EmbeddingBody, {"model": "m", "input": "hi"}),
    Call(RERANK, wire.RerankBody, {"model": "m", "query": "hi", "documents": ["a", "b"]}),
]
each = pytest.mark.parametrize("call", READERS, ids=lambda call: call.path)


def test_every_call_is_looked_at_here() -> None:
    assert {("POST", call.path) for call in READERS} == CALLS.keys()


@each
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"model":"\xff"}', "not JSON"),
        (b'{"model":"\\ud800"}', "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 200 levels"),
        (b"[" * 300_000, "more than 250,000 commas, colons and opening brackets"),
        (b'{"a":' * 250 + b"1" + b"}" * 250, "deeper than 200 levels"),
        (b"[]", "Expected `object`, got `array`"),
        (b"null", "Expected `object`, got `null`"),
        (b"{}", "missing required field `model`"),
    ],
)
def test_a_body_that_is_no_request_is_refused_with_what_is_wrong_with_it(
    call: Call, sent: bytes, said: str
) -> None:
    error = call.fails(sent)
    assert said in error.what
    assert error.facts["field"] is None


@each
def test_each_field_that_is_needed_is_named_where_it_is_missing(call: Call) -> None:
    for name in call.least:
        rest = {field: value for field, value in call.least.items() if field != name}
        assert f"missing required field `{name}`" in call.fails(json.dumps(rest).encode()).what


@each
def test_null_is_the_same_as_leaving_a_field_out(call: Call) -> None:
    least = call.read(json.dumps(call.least).encode())
    nothing = dict.fromkeys(call.kind.__struct_encode_fields__)
    assert call.read(json.dumps(nothing | call.least).encode()) == least


@each
def test_a_field_of_the_wrong_type_is_named(call: Call) -> None:
    for name in call.least:
        error = call.fails(json.dumps(call.least | {name: 7}).encode())
        assert error.facts["field"] == name


@each
def test_a_number_that_is_too_large_is_refused_with_its_field(call: Call) -> None:
    assert call.fails(json.dumps(call.least)[:-1].encode() + b',"model":1e999}').facts == {
        "field": "model"
    }


@each
@pytest.mark.parametrize("value", [b"1e999", b'"\\ud800"'])
def test_what_is_wrong_in_a_field_that_is_not_known_is_found_too(call: Call, value: bytes) -> None:
    error = call.fails(json.dumps(call.least)[:-1].encode() + b',"other":' + value + b"}")
    assert "is not JSON" in error.what


def test_fields_that_are_not_known_are_kept_in_their_order_with_their_values() -> None:
    more = {"z": [1, {"y": None}], "a": '\\ " [', "m": 0.5}
    _, unknown = read_body(json.dumps(READERS[0].least | more).encode(), wire.ChatBody)
    assert list(unknown.items()) == list(more.items())


@given(st.integers(min_value=1, max_value=5), st.text())
def test_brackets_in_texts_are_not_counted_as_levels(levels: int, text: str) -> None:
    nested: object = text
    for at in range(levels):
        nested = [nested] if at % 2 else {text: nested}
    assert depth(json.dumps(nested).encode()) == levels


def test_a_text_may_hold_any_number_of_brackets() -> None:
    call = READERS[0]
    code = '{[\\"' * 10_000
    body = json.dumps(call.least | {"messages": [{"role": "user", "content": code}]}).encode()
    assert call.read(body)


def test_a_body_of_too_many_values_is_refused_before_anything_is_decoded() -> None:
    call = READERS[0]
    many = b'{"model":"m","x":[' + b"[]," * (MOST_MARKS // 2) + b"0]}"
    whole, broken = call.fails(many), call.fails(many[:-2])
    assert whole.what == broken.what
    assert "more than 250,000" in whole.what


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@each
@given(data=st.data())
def test_no_value_of_any_field_breaks_a_reader(call: Call, data: st.DataObject) -> None:
    names = st.sampled_from(sorted(call.kind.__struct_encode_fields__))
    fields = data.draw(st.dictionaries(names, VALUES, min_size=1, max_size=3))
    body = json.dumps(call.least | fields).encode(errors="surrogatepass")
    with suppress(RequestRefused):
        assert call.read(body)


@each
@given(st.binary())
def test_no_bytes_break_a_reader(call: Call, sent: bytes) -> None:
    assert str(call.fails(sent))
