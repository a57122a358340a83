"""A body comes in whole, or is refused as soon as that is known."""

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from seedbed.api.intake import Left, body, heard
from seedbed.core.errors import CodingUnserved, RequestTooLarge

pytestmark = pytest.mark.anyio

LIMIT = 10


class Pieces:
    """What a caller sends, piece by piece; after the last one he leaves."""

    def __init__(self, *pieces: bytes, whole: bool = True) -> None:
        self._messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": not whole or at < len(pieces)}
            for at, piece in enumerate(pieces, start=1)
        ]
        self.taken = 0

    async def __call__(self) -> Message:
        self.taken += 1
        return self._messages.pop(0) if self._messages else {"type": "http.disconnect"}


@pytest.mark.parametrize("pieces", [(b"",), (b"0123456789",), (b"01234", b"", b"56789")])
async def test_a_body_that_fits_is_put_together(pieces: tuple[bytes, ...]) -> None:
    sent = Pieces(*pieces)
    assert await body(sent, {}, limit=LIMIT) == b"".join(pieces)
    assert sent.taken == len(pieces)


async def test_a_body_whose_length_is_told_to_be_too_much_is_not_taken_at_all() -> None:
    sent = Pieces(b"0123456789a")
    with pytest.raises(RequestTooLarge):
        await body(sent, {b"content-length": b"11"}, limit=LIMIT)
    assert sent.taken == 0


async def test_a_body_without_a_length_is_refused_where_it_passes_the_bound() -> None:
    sent = Pieces(b"01234", b"56789", b"a", b"b")
    with pytest.raises(RequestTooLarge):
        await body(sent, {}, limit=LIMIT)
    assert sent.taken == 3


async def test_a_caller_who_leaves_before_the_end_is_told_apart() -> None:
    with pytest.raises(Left):
        await body(Pieces(b"01", whole=False), {}, limit=LIMIT)


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"identity, gzip", b"\xff"])
async def test_a_body_that_is_compressed_is_not_unfolded(coding: bytes) -> None:
    sent = Pieces(b"01")
    with pytest.raises(CodingUnserved):
        await body(sent, {b"content-encoding": coding}, limit=LIMIT)
    assert sent.taken == 0
    assert await body(sent, {b"content-encoding": b"identity"}, limit=LIMIT) == b"01"


@pytest.mark.parametrize("gone", [Left, ClientDisconnect])
async def test_who_left_before_the_end_of_a_body_is_told_nothing(gone: type[Exception]) -> None:
    async def answer(_: Request) -> Response:
        raise gone

    response = await heard(answer)(Request({"type": "http"}))
    assert (response.status_code, response.body) == (400, b"")
