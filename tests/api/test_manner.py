"""Whose manner a request wants is told by its path and headers; a key may come in two."""

import pytest

from seedbed.api.manner import Headers, Manners, Sent, authorization
from seedbed.api.openai.manner import OpenAi


class Other(OpenAi):
    def head(self, request_id: str, sent: Sent) -> Headers:
        return ((b"request-id", request_id.encode()), *sent.items())


USUAL, OTHER, THIRD = OpenAi(), Other(), Other()
MANNERS = Manners(
    USUAL,
    [
        (lambda path, _: path.startswith("/other"), OTHER),
        (lambda _, sent: b"other-version" in sent, THIRD),
    ],
)


def test_the_first_that_wants_a_request_has_it() -> None:
    versioned = {b"other-version": b"1"}
    assert MANNERS.of("/other/a", versioned) is OTHER
    assert MANNERS.of("/v1/models", versioned) is THIRD
    assert MANNERS.of("/v1/models", {}) is USUAL


def test_each_names_a_request_in_its_own_headers() -> None:
    assert USUAL.head("req_1", {b"a": b"b"}) == ((b"x-request-id", b"req_1"),)
    assert OTHER.head("req_1", {b"a": b"b"}) == ((b"request-id", b"req_1"), (b"a", b"b"))


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({}, ""),
        ({b"authorization": b"Bearer a"}, "Bearer a"),
        ({b"x-api-key": b"a"}, "Bearer a"),
        ({b"authorization": b"Bearer a", b"x-api-key": b"b"}, "Bearer a"),
    ],
)
def test_a_key_is_shown_in_either_header(sent: Sent, shown: str) -> None:
    assert authorization(sent) == shown
