"""How large a picture is to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.images.size import read_size, told_size
from seedbed.core.errors import RequestMalformed

SIDES = st.integers(256, 4_096)


@given(SIDES, SIDES)
def test_a_size_that_is_told_is_read_as_it_was(width: int, height: int) -> None:
    assert read_size(told_size(width, height)) == (width, height)


@pytest.mark.parametrize("size", ["", "1024", "2K", "-1x5", "ax b", "1024x1024x3", "٣x٣", "1e3x1"])
def test_what_is_no_size_is_refused_by_name(size: str) -> None:
    with pytest.raises(RequestMalformed, match="is no size") as refused:
        read_size(size)
    assert refused.value.facts["field"] == "size"


@pytest.mark.parametrize("size", ["15x64", "0x0", "4097x4096", "99999x99999", "16x257", "512x31"])
def test_what_nobody_paints_is_refused(size: str) -> None:
    with pytest.raises(RequestMalformed, match="out of range"):
        read_size(size)
