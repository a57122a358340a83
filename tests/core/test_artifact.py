"""What an artifact is called, and what of it a browser may show."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.artifact import (
    PLAIN,
    Artifact,
    Hold,
    blob_key,
    hash_of,
    is_hash,
    is_inert,
    is_media,
)

ONE = "ab" * 32


def test_an_artifact_is_called_as_its_first_holder_calls_it() -> None:
    holds = (Hold("a", "p", "image/png", "cat"), Hold("b", "p", "text/plain", "dog"))
    told = Artifact(ONE, 1, 1, holds)
    assert (told.media, told.name) == ("image/png", "cat")


def test_one_that_nobody_holds_is_bytes_without_a_name() -> None:
    told = Artifact(ONE, 1, 1)
    assert (told.media, told.name) == (PLAIN, "")


@given(st.binary())
def test_every_hash_finds_back_from_where_its_bytes_lie(content: bytes) -> None:
    hash_ = hashlib.sha256(content).hexdigest()
    assert is_hash(hash_)
    assert hash_of(blob_key(hash_)) == hash_


@pytest.mark.parametrize("text", ["", "ab", "AB" * 32, "g" * 64, "ab" * 32 + "\n", "../" * 20])
def test_what_is_no_hash_is_none(text: str) -> None:
    assert not is_hash(text)


@given(st.text())
def test_what_breaks_a_header_is_no_media_type(text: str) -> None:
    assert not is_media(f"text/plain{text}\r\nset-cookie: a=b")
    assert not is_media(f"text/plain\n{text}")


@pytest.mark.parametrize("text", ["text", "/", "text/", "a b/c", "text/plain;", "a/" + "b" * 99])
def test_what_is_no_media_type_is_none(text: str) -> None:
    assert not is_media(text)


@pytest.mark.parametrize("media", ["image/png", "video/mp4", "audio/mpeg; a=b", "text/plain"])
def test_what_runs_nowhere_may_be_shown(media: str) -> None:
    assert is_inert(media)


@pytest.mark.parametrize(
    "media",
    [
        "text/html",
        "text/html; charset=utf-8",
        "text/javascript",
        "text/xml",
        "text/plainly",
        "text/plain+xml",
        "image/svg+xml",
        "image/svg",
        "application/xhtml+xml",
        "application/pdf",
        PLAIN,
    ],
)
def test_what_may_run_is_never_shown(media: str) -> None:
    assert not is_inert(media)
