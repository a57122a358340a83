"""Whatever comes, a dialect reads it or says that it cannot."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.remote import DIALECTS
from seedbed.engines.upstreams.base import Unreadable, decode
from tests.engines.upstreams.fake import served

each_dialect = pytest.mark.parametrize("dialect", DIALECTS)

WORDS = """
choices delta text content reasoning logprobs tokens token_logprobs top_logprobs token logprob
tool_calls index id function name arguments finish_reason stop stop_reason error message usage
prompt_tokens completion_tokens prompt_tokens_details cached_tokens total_tokens data embedding
results relevance_score type content_block_start content_block_delta message_delta end_turn
message_start content_block tool_use input partial_json thinking input_tokens output_tokens
"""
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.sampled_from(WORDS.split()),
    st.text(max_size=5),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=6),
    ),
)


@each_dialect
@given(sent=st.lists(st.one_of(JSON.map(lambda value: json.dumps(value).encode()), st.binary())))
def test_anything_may_come(dialect: str, sent: list[bytes]) -> None:
    words = DIALECTS[dialect](served())
    reader = words.reader()
    for data in sent:
        for reading in (reader.read, words.vectors, words.scores):
            with suppress(Unreadable):
                reading(data)


@pytest.mark.parametrize("data", [b"", b"{", b'{"a":"\xff"}', b"[" * 100_000, b'{"a":1e999}'])
def test_what_cannot_be_decoded_is_one_error(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(msgspec.json.Decoder(object), data)
