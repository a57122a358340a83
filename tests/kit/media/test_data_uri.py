"""Data URIs are read to the letter, and what is wrong with one is told without its content."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.media.data_uri import read_data_uri
from seedbed.kit.media.errors import MediumFault

DATA = base64.b64encode(b"hello").decode()


@given(data=st.binary(max_size=99))
def test_whatever_was_written_is_read_again(data: bytes) -> None:
    uri = f"data:image/PNG;base64,{base64.b64encode(data).decode()}"
    assert read_data_uri(uri, most=99) == ("image/png", data)


def test_parameters_are_passed_over() -> None:
    assert read_data_uri(f"DATA:text/plain;charset=utf-8;BASE64,{DATA}", most=9)[1] == b"hello"


@pytest.mark.parametrize(
    "uri",
    [
        "data:,x",
        f"data:;base64,{DATA}",
        f"data:image/png,{DATA}",
        f"data:image;base64,{DATA}",
        f"data:image/png;base64;{DATA}",
        f"data:image/png;a b=c;base64,{DATA}",
        f"data:{'a' * 200}/png;base64,{DATA}",
    ],
)
def test_what_has_no_type_or_is_no_base64_is_refused(uri: str) -> None:
    with pytest.raises(MediumFault, match="with a type and base64"):
        read_data_uri(uri, most=9)


@pytest.mark.parametrize(
    "data", ["aGVsbG8", "aGVs bG8=", "aGVs\nbG8=", "a-_=", "====", "aGVsbG8=x"]
)
def test_base64_that_is_not_to_the_letter_is_refused(data: str) -> None:
    with pytest.raises(MediumFault, match="is no base64") as refused:
        read_data_uri(f"data:image/png;base64,{data}", most=99)
    assert data not in str(refused.value)


def test_other_letters_are_refused_without_being_repeated() -> None:
    with pytest.raises(MediumFault, match="it has other letters"):
        read_data_uri("data:image/png;base64,äöü", most=99)


@pytest.mark.parametrize("most", [0, 1, 3, 4])
def test_what_is_too_long_is_refused(most: int) -> None:
    with pytest.raises(MediumFault, match=f"more than {most} bytes"):
        read_data_uri(f"data:image/png;base64,{DATA}", most=most)
