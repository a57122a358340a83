from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.sse import Parser, frame

DATA = st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"").replace(b"\r", b""))


def _cut(stream: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(stream) + 1) for place in at}), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


@given(st.lists(DATA, max_size=6), st.lists(st.integers(0, 10**6), max_size=12))
def test_frames_cut_anywhere_are_parsed_whole(data: list[bytes], cuts: list[int]) -> None:
    parser = Parser()
    pieces = _cut(b"".join(map(frame, data)), cuts)
    assert [event for piece in pieces for event in parser.feed(piece)] == data


@given(st.lists(DATA, max_size=6), st.lists(st.integers(0, 10**6), max_size=12))
def test_carriage_returns_and_heartbeats_change_nothing(data: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(b": ping\r\n\r\n" + frame(d).replace(b"\n", b"\r\n") for d in data)
    parser = Parser()
    assert [event for piece in _cut(stream, cuts) for event in parser.feed(piece)] == data


LINES = st.lists(st.sampled_from([b"data: ", b"data:", b":", b"a", b" ", b"\r", b"\n", b"\n\n"]))


@given(LINES.map(b"".join))
def test_what_comes_at_once_means_the_same_as_byte_by_byte(stream: bytes) -> None:
    slow = Parser()
    one_by_one = [event for byte in stream for event in slow.feed(bytes([byte]))]
    assert Parser().feed(stream) == one_by_one


def test_an_event_of_several_lines_is_joined() -> None:
    assert Parser().feed(b"data: one\ndata: two\n\n") == [b"one\ntwo"]


def test_only_one_space_after_the_colon_belongs_to_the_frame() -> None:
    assert Parser().feed(b"data:none\n\ndata:  two\n\n") == [b"none", b" two"]


def test_an_event_that_is_cut_off_is_not_told() -> None:
    assert Parser().feed(b"data: whole\n\ndata: half\n") == [b"whole"]


def test_fields_that_chat_streams_do_not_use_are_passed_over() -> None:
    assert Parser().feed(b"event: ping\nid: 7\nretry: 1\n\ndata: {}\nid: 8\n\n") == [b"{}"]
