"""Bytes become responses, and what is no response spoils the connection that it came over."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.http.errors import HungUp, Unreadable
from seedbed.kit.http.reading import MOST_BARREN, MOST_HEADERS, Reading
from tests.kit.http.serving import chunked, whole

OK = b"HTTP/1.1 200 OK\r\n"


def fed(*data: bytes, bodiless: bool = False) -> Reading:
    reading = Reading()
    reading.begin(bodiless=bodiless)
    for each in data:
        reading.feed(each)
    return reading


@given(st.sampled_from([whole(b"body"), chunked(b"bo", b"dy")]), st.data())
def test_a_response_is_the_same_however_it_is_cut(sent: bytes, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    edges = [0, *places, len(sent)]
    cuts = [sent[a:b] for a, b in pairwise(edges)]
    reading = fed(*(cut for cut in cuts if cut))
    assert (reading.status, reading.take(), reading.is_whole) == (200, b"body", True)
    assert not reading.is_spoilt


def test_one_connection_brings_one_response_after_another() -> None:
    reading = fed(whole(b"one"))
    assert reading.take() == b"one"
    reading.begin()
    reading.feed(chunked(b"t", b"wo"))
    assert (reading.take(), reading.is_whole, reading.is_spoilt) == (b"two", True, False)


def test_headers_are_found_by_small_letters_and_joined() -> None:
    reading = fed(OK + b"Set-Cookie: a\r\nset-cookie: b\r\nX: \xe9\r\ncontent-length: 0\r\n\r\n")
    assert reading.headers == {b"set-cookie": b"a, b", b"x": b"\xe9", b"content-length": b"0"}


def test_what_follows_a_body_is_dropped() -> None:
    reading = fed(chunked(b"a", end=b"0\r\nx-checksum: 1\r\n\r\n"))
    assert (reading.take(), reading.is_whole, reading.is_spoilt) == (b"a", True, False)
    assert b"x-checksum" not in reading.headers


def test_a_head_that_bids_to_wait_is_not_the_response() -> None:
    reading = fed(b"HTTP/1.1 100 Continue\r\nx: 1\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n")
    assert not reading.is_headed
    reading.feed(whole(b"a"))
    assert (reading.status, reading.headers) == (200, {b"content-length": b"1"})
    assert not reading.is_spoilt


@pytest.mark.parametrize("status", ["204 None", "304 Same"])
@pytest.mark.parametrize("length", ["", "content-length: 5\r\n"])
def test_some_responses_have_no_body_whatever_their_head_says(status: str, length: str) -> None:
    reading = fed(f"HTTP/1.1 {status}\r\n{length}\r\n".encode())
    assert (reading.is_whole, reading.arrived) == (True, 0)


def test_a_response_to_a_bodiless_request_ends_with_its_head() -> None:
    reading = fed(OK + b"content-length: 5\r\n\r\n", bodiless=True)
    assert (reading.is_whole, reading.is_spoilt, reading.arrived) == (True, True, 0)


def test_a_body_of_no_told_length_ends_with_the_connection() -> None:
    reading = fed(OK + b"\r\n", b"all ", b"of it")
    assert not reading.is_whole
    reading.end()
    assert (reading.take(), reading.is_whole, reading.is_spoilt) == (b"all of it", True, True)


@pytest.mark.parametrize("sent", [OK, whole(b"abc")[:-1], chunked(b"a", end=b"")])
def test_a_body_that_breaks_off_is_not_whole(sent: bytes) -> None:
    reading = fed(sent)
    with pytest.raises(HungUp, match="before the end of the response"):
        reading.end()


@pytest.mark.parametrize(
    "more",
    [whole(b"smuggled"), b"junk", b"\r\n", b"HTTP/1.1 200", whole(b"", *["a: b"] * MOST_HEADERS)],
)
@pytest.mark.parametrize("sent", [whole(b"asked"), chunked(b"asked")])
@pytest.mark.parametrize("together", [True, False])
def test_bytes_that_nobody_asked_for_spoil_the_connection_and_no_response(
    sent: bytes, more: bytes, *, together: bool
) -> None:
    reading = fed(sent + more) if together else fed(sent, more)
    assert (reading.status, reading.take(), reading.is_whole) == (200, b"asked", True)
    assert reading.is_spoilt or more == b"\r\n"


def test_nothing_may_come_before_it_was_asked_for() -> None:
    reading = Reading()
    reading.feed(whole(b"early"))
    assert reading.is_spoilt
    assert reading.arrived == 0


@pytest.mark.parametrize(
    "sent", [whole(b"a", "connection: close"), b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na"]
)
def test_a_server_may_end_the_connection_with_its_response(sent: bytes) -> None:
    reading = fed(sent)
    assert (reading.is_whole, reading.is_spoilt) == (True, True)


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"RTSP/1.0 200 OK\r\n\r\n",
        b"\r\n" + whole(b""),
        OK + b"content-length: -1\r\n\r\n",
        OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\na",
        OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"transfer-encoding: gzip\r\n\r\nabc",
        OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"transfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 100 Continue\r\ncontent-length: 5\r\n\r\n",
        b"HTTP/1.1 099 Less\r\ncontent-length: 5\r\n\r\nabcde",
        b"HTTP/1.1 101 Other\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ],
)
def test_what_cannot_be_told_apart_from_what_follows_is_not_read(sent: bytes) -> None:
    with pytest.raises(Unreadable):
        fed(sent)


@pytest.mark.parametrize("start", [OK, chunked(b"a", end=b"0\r\n")])
def test_so_many_headers_are_read_and_no_more(start: bytes) -> None:
    told = start.count(b": ")
    most = b"a: b\r\n" * (MOST_HEADERS - told)
    assert fed(start + most).is_whole is False
    with pytest.raises(Unreadable, match="more than 200 headers"):
        fed(start + most + b"a: b\r\nc: d\r\n")


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (OK + b"a: ", b"b" * 1000),
        (b"HTTP/1.1 200 ", b"b" * 1000),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
        (chunked(b"a", end=b"0\r\na: "), b"b" * 1000),
        (chunked(b"a", end=b"5;x="), b"b" * 1000),
    ],
)
def test_bytes_that_bring_nothing_are_bound(start: bytes, more: bytes) -> None:
    reading = fed(start)
    with pytest.raises(Unreadable, match="without the end of a head or any body"):
        _ = [reading.feed(more) for _ in range(MOST_BARREN // len(more) + 1)]


def test_a_head_that_comes_at_once_is_bound_all_the_same() -> None:
    with pytest.raises(Unreadable, match="a head of more than 65,536 bytes"):
        fed(whole(b"a", "x: " + "y" * MOST_BARREN))
    assert fed(whole(b"a" * MOST_BARREN)).is_whole
