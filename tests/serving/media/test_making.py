"""Each medium becomes what the model takes, or it is said why not."""

from collections.abc import Mapping, Sequence

import pytest

from seedbed.core.errors import FeatureUnserved
from seedbed.core.message import Media, MediaKind, Part, Text
from seedbed.kit.media.errors import MediumFault
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.making import Making
from seedbed.serving.media.sources import Sources
from tests.kit.media.made import document, film, opened, picture, sound
from tests.serving.media.shops import WITHIN, AtHand, Kept

pytestmark = pytest.mark.anyio

PICTURES = frozenset({MediaKind.IMAGE})
NOTHING = frozenset[MediaKind]()
IMAGE, VIDEO, FILE, AUDIO = MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.FILE, MediaKind.AUDIO


async def made(
    kind: MediaKind,
    data: bytes,
    takes: frozenset[MediaKind] = PICTURES,
    options: Mapping[str, object] | None = None,
) -> Sequence[Part]:
    sources = Sources(WITHIN, Kept(), "default", 1 << 20)
    making = Making("m", sources, AtHand(), MediaLimits(), takes)
    return await making.make(Media(kind, data, options or {}))


def shown(part: Part) -> tuple[int, int]:
    assert isinstance(part, Media)
    assert isinstance(part.source, bytes)
    assert part.kind is IMAGE
    return opened(part.source).size


def said(parts: Sequence[Part]) -> list[str]:
    return [part.text for part in parts if isinstance(part, Text)]


@pytest.mark.parametrize("kind", [IMAGE, FILE])
async def test_a_picture_becomes_a_plain_one(kind: MediaKind) -> None:
    (part,) = await made(kind, picture(kind="WEBP"), options={"max_pixels": 300})
    assert shown(part) == (20, 15)


async def test_a_film_becomes_frames_after_their_moments() -> None:
    parts = await made(VIDEO, film(30, 10))
    assert said(parts) == [
        "A film, of which these are 3 frames:",
        "At 0.0 s:",
        "At 1.0 s:",
        "At 2.0 s:",
    ]
    assert [shown(part) for part in parts[2::2]] == [(64, 48)] * 3


async def test_where_a_film_breaks_off_is_said() -> None:
    whole = bytearray(film(100, 10))
    whole[3_000:4_000] = b"\xff" * 1_000
    parts = await made(VIDEO, bytes(whole))
    assert said(parts)[-1] == "Here the film breaks off."
    assert said(parts)[0] == f"A film, of which these are {len(said(parts)) - 2} frames:"


async def test_a_document_becomes_words_and_pictures_of_its_pages() -> None:
    parts = await made(FILE, document("One.", "Two."), options={"filename": "a.pdf"})
    assert said(parts) == [
        "The document a.pdf, page 1 of 2:\nOne.\n",
        "The document a.pdf, page 2 of 2:\nTwo.\n",
    ]
    assert [shown(part) for part in parts[1::2]] == [(600, 600)] * 2


async def test_a_document_becomes_words_alone_where_no_pictures_are_taken() -> None:
    parts = await made(FILE, document("One.", ""), NOTHING)
    assert said(parts) == ["A document, page 1 of 2:\nOne.\n", "A document, page 2 of 2:\n\n"]
    assert len(parts) == 2


@pytest.mark.parametrize("takes", [PICTURES, NOTHING])
async def test_a_file_of_words_becomes_these(takes: frozenset[MediaKind]) -> None:
    (part,) = await made(FILE, "Grüße".encode(), takes, {"filename": "a.md"})
    assert part == Text("The document a.md:\nGrüße\n")


@pytest.mark.parametrize(
    ("kind", "takes"), [(AUDIO, PICTURES), (AUDIO, NOTHING), (IMAGE, NOTHING), (VIDEO, NOTHING)]
)
async def test_what_cannot_become_what_is_taken_is_refused_unread(
    kind: MediaKind, takes: frozenset[MediaKind]
) -> None:
    with pytest.raises(FeatureUnserved, match=f"does not serve {kind.value}"):
        await made(kind, b"", takes)


@pytest.mark.parametrize(
    ("kind", "data", "takes", "why"),
    [
        (IMAGE, b"", PICTURES, "it is empty"),
        (IMAGE, film(2), PICTURES, "it is video/mp4, and no picture"),
        (IMAGE, b"\0\1", PICTURES, "it is of no known kind, and no picture"),
        (VIDEO, picture(), PICTURES, "it is image/png, and no film"),
        (VIDEO, sound(), PICTURES, "it holds no pictures"),
        (FILE, b"PK\3\4", PICTURES, "application/zip, and neither a PDF nor words"),
        (FILE, b"\0\1", PICTURES, "of no known kind, and neither a PDF nor words"),
        (FILE, picture(), NOTHING, "image/png, and neither a PDF nor words"),
        (FILE, document("", ""), NOTHING, "it has no words"),
        (FILE, b"a" * 400_001, NOTHING, "more than 400,000 letters"),
    ],
)
async def test_what_it_is_is_told_by_its_bytes(
    kind: MediaKind, data: bytes, takes: frozenset[MediaKind], why: str
) -> None:
    with pytest.raises(MediumFault, match=why):
        await made(kind, data, takes)
