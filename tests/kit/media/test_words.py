"""The words of a document are read, whatever it is called."""

import pytest

from seedbed.kit.media import words
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.words import words_of
from seedbed.kit.media.workshop import Workshop
from tests.kit.media.made import document, picture

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b"# One", "a.md", "# One"),
        ("\ufeffé".encode(), "a.txt", "é"),
        (b'{"a": "<html>"}', "a.json", '{"a": "<html>"}'),
    ],
)
async def test_words_are_read_as_they_are(data: bytes, name: str, found: str) -> None:
    assert await words_of(data, name, Workshop()) == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b"<p>One", "a.HTML", "One"),
        (b"\n<!DOCTYPE html><p>One", "a", "One"),
        (b"<?xml version='1.0'?><html>One</html>", "a.txt", "One"),
        (document("One.", "Two."), "a", "One.\n\nTwo."),
    ],
)
async def test_documents_are_read_in_a_process_of_their_own(
    data: bytes, name: str, found: str
) -> None:
    assert await words_of(data, name, Workshop()) == found


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (picture(), "it is image/png, and no words"),
        (b"PK\x03\x04\x00", "it is application/zip"),
        (bytes(9), "of no known kind"),
        (b" \n", "it has no words"),
        (b"abcd", "more than 3 letters"),
    ],
)
async def test_what_cannot_be_read_says_why(
    data: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_LETTERS", 3)
    with pytest.raises(MediumFault, match=why):
        await words_of(data, "a", Workshop())
