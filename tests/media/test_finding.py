"""Marked areas of what callers send: had, made plain, and looked at one after the other."""

import base64
from collections.abc import Mapping
from contextlib import suppress

import anyio
import pytest
from PIL import Image, ImageDraw

from seedbed.core.errors import ArtifactUnknown, MediumRefused, PathUnserved
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.media import finding
from seedbed.media.finding import Finding
from seedbed.media.studio.orders import Find, Order
from seedbed.media.studio.studio import Studio, Tell
from seedbed.serving.media.references import Table
from tests.engines.drafting.editing.files import file_of

pytestmark = pytest.mark.anyio
PLAIN = file_of(Image.new("RGB", (60, 40)))
HASH = "1" * 64


class Held:
    """A shelf with one picture, of the project `p`."""

    async def read(self, name: str, project: str, *, most: int) -> bytes:
        if (name, project) != (HASH, "p"):
            raise ArtifactUnknown(name)
        if len(PLAIN) > most:
            raise MediumFault("too large")
        return PLAIN


class Slow(Studio):
    """Looks until it is let go on, and notes how many looks there are at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on, self.begun = anyio.Event(), anyio.Event()
        self.now, self.most, self.shown = 0, 0, list[bytes]()

    async def do(self, order: Order, tell: Tell) -> Mapping[str, object]:
        assert isinstance(order, Find)
        await tell(0.5, "")
        self.shown.append(order.picture)
        self.now += 1
        self.most = max(self.most, self.now)
        self.begun.set()
        try:
            await self.go_on.wait()
        finally:
            self.now -= 1
        return {"regions": []}


def over(studio: Studio, *, seconds: float = 60.0) -> Finding:
    return Finding(Table(Fetcher(Reach()), Held()), studio, seconds=seconds)


@pytest.mark.parametrize(
    "source", [PLAIN, HASH, "data:image/png;base64," + base64.b64encode(PLAIN).decode()]
)
async def test_what_is_looked_at_is_a_png_that_was_written_here(source: str | bytes) -> None:
    studio = Slow()
    studio.go_on.set()
    assert await over(studio).find(source, "p") == {"regions": []}
    (shown,) = studio.shown
    assert shown.startswith(b"\x89PNG")
    assert shown != PLAIN


async def test_projects_take_turns_and_nobodys_time_runs_out_in_the_line() -> None:
    studio = Slow()
    looking, other = over(studio, seconds=0.2), file_of(Image.new("RGB", (60, 40), "#ff0000"))

    async def look(picture: bytes, project: str) -> None:
        with suppress(MediumRefused):  # the first is looked at until its time is over
            await looking.find(picture, project)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look, PLAIN, "p")
        await studio.begun.wait()
        tasks.start_soon(look, PLAIN, "p")
        tasks.start_soon(look, other, "q")
        while len(studio.shown) < 2:
            await anyio.sleep(0.01)
        studio.go_on.set()
    first, second, third = studio.shown
    assert first == third != second
    assert studio.most == 1


async def test_who_leaves_ends_the_look_and_the_next_one_has_its_turn() -> None:
    studio = Slow()
    looking = over(studio)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(looking.find, PLAIN, "p")
        await studio.begun.wait()
        tasks.cancel_scope.cancel()
    assert studio.now == 0
    studio.go_on.set()
    assert await looking.find(PLAIN, "p") == {"regions": []}


async def test_a_look_that_takes_too_long_is_ended() -> None:
    studio = Slow()
    with pytest.raises(MediumRefused, match=r"it was not read within 0\.01 s") as refused:
        await over(studio, seconds=0.01).find(PLAIN, "p")
    assert (refused.value.facts["field"], studio.now) == ("image", 0)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"no picture", "that was sent along cannot be used: it is cut off, or no PNG"),
        (PLAIN[:40], "cannot be used"),
        ("no address", "neither an http or https address nor a data URI"),
        ("file:///etc/passwd", "neither"),
        ("http://127.0.0.1/a.png", "127.0.0.1"),
    ],
)
async def test_what_cannot_be_had_or_read_is_refused(source: str | bytes, why: str) -> None:
    with pytest.raises(MediumRefused, match=why):
        await over(Slow()).find(source, "p")


async def test_what_another_project_has_is_unknown() -> None:
    with pytest.raises(ArtifactUnknown):
        await over(Slow()).find(HASH, "q")


async def test_without_a_reader_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_READER", "no_such_reader")
    with pytest.raises(PathUnserved, match=r"seedbed\[films\]"):
        await over(Slow()).find(PLAIN, "p")


@pytest.mark.slow
async def test_a_circle_in_a_jpeg_is_found_in_a_process_of_its_own() -> None:
    image = Image.new("RGB", (300, 200), "#ffffff")
    ImageDraw.Draw(image).ellipse((40, 40, 200, 150), outline="#e02020", width=6)
    told = await over(Studio()).find(file_of(image, "jpeg"), "p")
    assert [one["form"] for one in told["regions"]] == ["ellipse"]  # type: ignore[attr-defined]
