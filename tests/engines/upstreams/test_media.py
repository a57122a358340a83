"""Media are told to an upstream as an address or as base64."""

import pytest

from seedbed.core.errors import RequestMalformed
from seedbed.core.message import Media, MediaKind
from seedbed.engines.upstreams.media import Inline, located


def image(source: str | bytes, **options: object) -> Media:
    return Media(MediaKind.IMAGE, source, options)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF....WEBP", "image/webp"),
        (b"RIFF....WAVE", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
def test_bytes_tell_their_type(data: bytes, kind: str) -> None:
    found = located(image(data))
    assert isinstance(found, Inline)
    assert found.kind == kind
    assert found.uri.startswith(f"data:{kind};base64,")


def test_a_type_that_is_told_is_believed() -> None:
    assert located(image(b"abc", media_type="image/avif")) == Inline("image/avif", "YWJj")


def test_an_address_stays_one() -> None:
    assert located(image("https://example.com/a.png")) == "https://example.com/a.png"
    assert located(image("data:image/png;base64,AAAA")) == Inline("image/png", "AAAA")


@pytest.mark.parametrize(
    "source",
    [
        b"abc",
        b"RIFF....AVI ",
        "sha256-of-something",
        "file:///etc/passwd",
        "data:,a",
        "data:;base64,AA",
    ],
)
def test_what_an_upstream_could_not_have_is_refused(source: str | bytes) -> None:
    with pytest.raises(RequestMalformed, match=r"Send it as a URL or as base64\."):
        located(image(source))
