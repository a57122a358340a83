"""Parts of a body, as they are asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.ranges import is_same, read_range
from seedbed.core.errors import RangeOutside


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 10)),
        ("bytes=3-5", (3, 6)),
        ("bytes=3-99", (3, 10)),
        ("bytes=-1", (9, 10)),
        ("bytes=-99", (0, 10)),
        (" bytes=9- ", (9, 10)),
    ],
)
def test_a_range_is_read_as_http_means_it(asked: str, given: tuple[int, int]) -> None:
    assert read_range(asked, size=10) == given


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=1-2,4-5",
        "lines=1-2",
        "bytes=a-b",
    ],
)
def test_what_is_no_single_range_is_as_if_nothing_was_said(asked: str | None) -> None:
    assert read_range(asked, size=10) is None


@pytest.mark.parametrize(
    ("asked", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)]
)
def test_a_range_without_a_byte_is_refused_with_the_size(asked: str, size: int) -> None:
    with pytest.raises(RangeOutside) as refused:
        read_range(asked, size=size)
    assert refused.value.size == size


@given(st.text(), st.integers(0, 99))
def test_no_text_asks_for_what_is_not_there(text: str, size: int) -> None:
    for asked in (text, f"bytes={text}"):
        try:
            found = read_range(asked, size=size)
        except RangeOutside:
            continue
        assert found is None or 0 <= found[0] < found[1] <= size


@pytest.mark.parametrize("tags", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_a_tag_that_is_known_already_is_found(tags: str) -> None:
    assert is_same(tags, '"a"')


@pytest.mark.parametrize("tags", [None, "", '"b"', "a"])
def test_another_tag_is_another(tags: str | None) -> None:
    assert not is_same(tags, '"a"')
