"""One struct gives a tool's schema and reads its arguments, so that both say the same."""

from collections.abc import Mapping
from typing import Annotated, Literal

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import RequestMalformed
from seedbed.tools.arguments import read, schema_of


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, description="What is said.")]
    many: Annotated[list[str], msgspec.Meta(max_length=2)] = []
    how: Literal["slow", "fast"] = "slow"
    count: Annotated[int, msgspec.Meta(ge=1)] | None = None


SCHEMA = dict(schema_of(Wish))
SOME = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2),
    st.sampled_from(["", "a", "slow"]),
    st.lists(st.just("a") | st.just(1), max_size=3),
)
NAMES = st.sampled_from(["text", "many", "how", "count", "other"])


@given(arguments=st.dictionaries(NAMES, SOME))
def test_what_the_schema_allows_is_read_and_what_it_forbids_is_refused(
    arguments: Mapping[str, object],
) -> None:
    if jsonschema_rs.is_valid(SCHEMA, dict(arguments)):
        wish = read(arguments, Wish)
        given = {name: getattr(wish, name) for name in arguments}
        assert given == arguments
    else:
        with pytest.raises(RequestMalformed, match="The arguments are text, many, how, count"):
            read(arguments, Wish)


def test_a_schema_tells_a_model_what_an_argument_is() -> None:
    assert SCHEMA["required"] == ["text"]
    assert "What is said." in str(SCHEMA)
