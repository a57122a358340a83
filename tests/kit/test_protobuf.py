"""What is written is read by the library that everybody reads it with."""

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from seedbed.kit import protobuf


def read(field: bytes) -> AnyValue:
    value = AnyValue()
    value.ParseFromString(field)
    return value


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_are_read_as_they_were_written(number: int) -> None:
    assert read(protobuf.whole(3, number)).int_value == number


@given(st.floats(allow_nan=False))
def test_fractions_are_read_as_they_were_written(number: float) -> None:
    assert read(protobuf.double(4, number)).double_value == number


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_text_is_read_as_it_was_written(text: str) -> None:
    assert read(protobuf.text(1, text)).string_value == text


@given(st.binary(max_size=300))
def test_bytes_are_read_as_they_were_written(data: bytes) -> None:
    assert read(protobuf.data(7, data)).bytes_value == data


@given(st.integers(0, 2**64 - 1))
def test_numbers_of_eight_bytes_are_read_as_they_were_written(number: int) -> None:
    span = Span()
    span.ParseFromString(protobuf.fixed(7, number) + protobuf.text(5, "after it"))
    assert (span.start_time_unix_nano, span.name) == (number, "after it")


def test_text_that_is_no_unicode_is_written_with_marks_in_its_place() -> None:
    assert read(protobuf.text(1, "a\udc80b")).string_value == "a?b"


def test_a_field_may_have_a_number_of_more_than_four_bits() -> None:
    span = Span()
    span.ParseFromString(protobuf.data(15, protobuf.whole(3, 2)))
    assert span.status.code == 2
