"""Films of any model finished: span by span, each once, and nothing left lying on the bench."""

from pathlib import Path
from typing import Any, cast

import anyio
import pytest

from seedbed.core.errors import RequestMalformed
from seedbed.core.finish import Finish
from seedbed.core.job import Job, State
from seedbed.kit.film import mark, provenance
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from seedbed.media.studio.orders import Assemble, Convert, Order, Refine, Survey
from tests.jobs.houses import job_house, now
from tests.kit.film.made import HEIGHT, WIDTH
from tests.media.finished import Counting, Finished

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
LARGE = Finish(size=(2 * WIDTH, 2 * HEIGHT), fps=60)
SPANS = 3
"""Of the 128 frames that the model's 17 become at 60 frames a second."""
SAID = "00:00.000 --> 00:02.000\nHello 你好\n"


@pytest.fixture
def studio() -> Counting:
    return Counting()


@pytest.fixture
def house(database: Any, home: Path, studio: Counting) -> Finished:
    return Finished(job_house(database), home, studio)


def result(job: Job) -> dict[str, Any]:
    assert job.state is State.SUCCEEDED, job.fault
    return cast("dict[str, Any]", job.result)


def refined(orders: list[Order]) -> list[int]:
    """The first frames of spans among orders."""
    return [one.first for one in orders if isinstance(one, Refine)]


async def test_a_film_becomes_larger_and_faster_in_spans_and_says_so(
    house: Finished, studio: Counting, tmp_path: Path
) -> None:
    told = result(await house.ended(LARGE))
    path = await house.file(told["hash"], tmp_path / "film.mp4")
    about = probe(path)
    assert (about.width, about.height, about.fps, about.frames) == (2 * WIDTH, 2 * HEIGHT, 60, 128)
    assert told["finished"]["done"] == ["interpolated", "upscaled"]
    assert told["finished"]["spans"] == SPANS
    assert refined(studio.orders) == [0, 60, 120]
    said = provenance.read(path)
    assert said is not None
    assert said.actions == (
        *("c2pa.created", "c2pa.edited", "c2pa.resized"),
        *("c2pa.watermarked.unbound", "c2pa.transcoded"),
    )
    assert (said.made_by, said.origin, said.is_whole) == ("m", "trainedAlgorithmicMedia", True)
    assert not house.left()


async def test_a_film_that_is_as_it_was_asked_for_is_not_touched(
    house: Finished, studio: Counting
) -> None:
    told = result(await house.ended(size=[WIDTH, HEIGHT], fps=8))
    assert "finished" not in told
    assert not studio.orders


async def test_what_is_asked_of_a_model_that_gives_less_is_made_of_it(house: Finished) -> None:
    told = result(await house.ended(size=[2 * WIDTH, 2 * HEIGHT], fps=16))
    assert (told["width"], told["fps"]) == (2 * WIDTH, 16.0)


async def test_taken_up_again_no_span_is_made_twice(house: Finished, studio: Counting) -> None:
    """The worker ends within the second span; another takes the job up."""
    reached = anyio.Event()

    def meet(order: Order, share: float) -> None:
        if isinstance(order, Refine) and order.first == 60 and share > 0.3:
            reached.set()

    studio.meet = meet
    async with house.working():
        job = await house.submit(LARGE)
        await reached.wait()
    assert not house.left()
    before = refined(studio.done)
    async with house.working():
        result(await house.house.ended(job))
    assert before == [0]
    assert refined(studio.done) == [0, 60, 120], "each once"
    assert house.asked == 1


@pytest.mark.parametrize("kind", [Survey, Refine, Assemble, Convert])
async def test_who_cancels_it_at_any_step_leaves_no_file(
    house: Finished, studio: Counting, kind: type[Order]
) -> None:
    job: Job | None = None

    def meet(order: Order, _: float) -> None:
        if isinstance(order, kind) and job is not None:
            house.house.jobs.cancel_now(job.id, now=now())
            studio.holds = True  # it would be done before the worker hears that nobody wants it

    studio.meet = meet
    finish = Finish(fps=16, format="gif")
    async with house.working():
        job = await house.submit(finish)
        if kind is Survey:
            await house.house.jobs.cancel(job.id, now=now())
        ended = await house.house.ended(job)
    assert ended.state is State.CANCELLED
    assert not [one for one in studio.done if isinstance(one, Convert)]
    assert not house.left()


async def test_a_full_disk_keeps_what_was_paid_and_the_film_goes_on_when_there_is_room(
    database: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may write files of 3 kB, as on a disk that fills, while a file says so."""
    full = tmp_path / "full"
    (tmp_path / "played.py").write_text(
        "import pathlib, resource\n"
        f"if pathlib.Path({str(full)!r}).exists():\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))\n"
        "from seedbed.media.studio.process import main\n"
        "main()\n"
    )
    monkeypatch.chdir(tmp_path)
    full.write_text("")
    studio = Counting("played")
    house = Finished(job_house(database), home, studio)
    async with house.working():
        job = await house.submit(LARGE)
        waiting = await house.house.until(job, lambda one: len(refined(studio.orders)) > 1)
        assert not waiting.state.is_end
        assert not refined(studio.done)
        full.unlink()
        result(await house.house.ended(job))
    assert house.asked == 1
    assert refined(studio.done) == [0, 60, 120]
    assert not house.left()


async def test_captions_are_put_beside_it_or_into_it(
    house: Finished, studio: Counting, home: Path, tmp_path: Path
) -> None:
    beside = result(await house.ended(Finish(captions=SAID, skip=("mark",))))
    assert (beside["captions"], beside["finished"]["spans"]) == (1, 0)
    burnt = result(await house.ended(Finish(captions=SAID, burnt=True, size=(480, 320))))
    assert (burnt["captions"], burnt["finished"]["done"]) == (0, ["upscaled", "captioned"])
    (order,) = (one for one in studio.orders if isinstance(one, Refine))
    assert order.fonts == [str(home / "fonts")]
    first, *_, last = frames(await house.file(burnt["hash"], tmp_path / "burnt.mp4"))
    assert first[260:305].min(axis=2).max() > 200, "its letters are white"
    assert last[260:305].min(axis=2).max() < 150


async def test_a_film_is_written_in_the_format_that_is_wanted(
    house: Finished, tmp_path: Path
) -> None:
    gif = result(await house.ended(Finish(format="gif")))
    assert (gif["media"], gif["codec"], gif["finished"]["spans"]) == ("image/gif", "gif", 0)
    assert provenance.read(await house.file(gif["hash"], tmp_path / "film.gif")) is not None
    webm = result(await house.ended(Finish(format="webm", codec="vp9", captions=SAID)))
    assert (webm["media"], webm["codec"], webm["captions"]) == ("video/webm", "vp9", 1)
    assert webm["finished"]["left"]["sign"] == "WebM holds no C2PA manifest"
    ten = result(await house.ended(Finish(codec="av1", depth=10)))
    assert probe(await house.file(ten["hash"], tmp_path / "ten.mp4")).depth == 10


async def test_a_mark_is_put_into_what_is_written_anew_unless_it_is_to_be_skipped(
    house: Finished, tmp_path: Path
) -> None:
    large = Finish(size=(960, 640), skip=("sign",))
    told = result(await house.ended(large))
    path = await house.file(told["hash"], tmp_path / "film.mp4")
    found = mark.read(next(frames(path)), is_cut=False)
    assert found is None or found.payload == 0x0123456789ABCDEF
    assert provenance.read(path) is None


async def test_what_cannot_be_read_as_captions_is_told(house: Finished) -> None:
    job = await house.ended(Finish(captions="nothing"))
    assert job.fault
    assert job.fault.code == RequestMalformed.code
