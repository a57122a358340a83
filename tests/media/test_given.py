"""What strangers gave is looked at before it costs anything, and their sounds are written anew."""

import wave
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from seedbed.core.errors import ArtifactUnknown, MediumRefused
from seedbed.core.scene.scene import Reference
from seedbed.kit.clock import SystemClock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.media import given
from seedbed.media.given import Given
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from tests.kit.media.made import film, picture, wav

pytestmark = pytest.mark.anyio


class Kept:
    """A project's artifacts."""

    def __init__(self, database: Any, home: Path) -> None:
        self._artifacts = Artifacts(database, lambda: open_blobs("", home, {}), clock=SystemClock())
        self.given = Given(self._artifacts, Fetcher(Reach(inward=True)))

    async def reference(self, data: bytes, media: str) -> Reference:
        async def once() -> AsyncGenerator[bytes]:
            yield data

        kept = await self._artifacts.put(once(), media, holder="file", project="web")
        return Reference("one", "picture", kept.hash, media)

    async def check(self, one: Reference, project: str = "web") -> None:
        await self.given.check([one], project)


@pytest.fixture
def kept(database: Any, home: Path) -> Kept:
    return Kept(database, home)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "media"),
    [(picture(), "image/png"), (film(frames=3), "video/mp4"), (wav(), "audio/wav")],
)
async def test_what_can_be_read_passes(kept: Kept, data: bytes, media: str) -> None:
    await kept.check(await kept.reference(data, media))


@pytest.mark.parametrize(
    ("data", "media", "why"),
    [
        (b"", "image/png", "it is empty"),
        (wav(), "image/png", "it is audio/wav, and no picture"),
        (picture()[:60], "image/png", "it is damaged"),
        (picture(), "audio/wav", "it is image/png, and no sound that is read here"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "audio/wav", "it is text/plain, and no sound"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4", "it is text/plain, and no film"),
    ],
)
async def test_what_cannot_is_refused_by_the_name_of_its_reference(
    kept: Kept, data: bytes, media: str, why: str
) -> None:
    with pytest.raises(MediumRefused) as refused:
        await kept.check(await kept.reference(data, media))
    assert "of the reference 'one'" in refused.value.what
    assert why in refused.value.what


async def test_what_is_too_large_is_not_even_read(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "_MOST_BYTES", 9)
    with pytest.raises(MediumRefused, match="and 9 is the most"):
        await kept.check(await kept.reference(picture(), "image/png"))


async def test_what_another_project_has_is_unknown(kept: Kept) -> None:
    with pytest.raises(ArtifactUnknown):
        await kept.check(await kept.reference(picture(), "image/png"), "other")


@pytest.mark.slow
async def test_a_sound_is_written_anew_and_no_longer_than_it_is_heard(
    kept: Kept, tmp_path: Path
) -> None:
    one = await kept.reference(wav(1, 8_000, 24_000), "audio/mpeg")
    laid = await kept.given.sound(one, tmp_path / "sound", project="web", seconds=2.0)
    with wave.open(laid) as file:
        told = file.getnchannels(), file.getframerate(), file.getnframes()
    assert told == (2, 48_000, 96_000)
