"""`seedbed video`: a job is submitted, watched, and its film brought."""

import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import anyio
import pytest

from seedbed.cli import video
from seedbed.core.finish import FIELD, Finish, read_finish
from seedbed.core.job import Fault, Job, State
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.jobs.film import DRAWN, KIND
from seedbed.kit.clock import SystemClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.claims import Claims
from seedbed.store.jobs import Filter, Jobs
from seedbed.store.taking import Limits
from tests.cli.conftest import Seedbed
from tests.cli.works import Works, now, works_of

FACTS = {"width": 64, "height": 48, "seconds": 1.5, "fps": 12.0}
SCENE = Scene(Canvas(64, 48, fps=12), (Shot("only", 1.5, (Backdrop(id="ground"),)),))


@pytest.fixture
def works(home: Path) -> Iterator[Works]:
    home.mkdir()
    with works_of(home) as works:
        works.join(kinds=(KIND,))
        yield works


def kept(works: Works, home: Path) -> str:
    """A film as a worker keeps it."""

    async def once() -> AsyncGenerator[bytes]:
        yield b"film"

    async def keep() -> str:
        artifacts = Artifacts(works.database, lambda: open_blobs("", home, {}), clock=SystemClock())
        project = works.owner.project
        return (await artifacts.put(once(), "video/mp4", holder="film_1", project=project)).hash

    return anyio.run(keep)


def end(works: Works, state: State, result: object = None, fault: Fault | None = None) -> None:
    """Have a worker take the film, and end it so."""

    async def done() -> None:
        claims = Claims(works.database)
        kinds = {KIND: Limits(at_once=9, of_one_key=9)}
        (claim,) = await claims.take(works.worker, kinds, room=1, now=now())
        await claims.end(claim, state, now=now(), result=result, fault=fault)

    anyio.run(done)


def films(works: Works) -> list[Job]:
    return Jobs(works.database, currency="USD").newest_now(Filter(kind=KIND), last=9)


def test_a_film_is_submitted_once_and_again_where_that_is_wanted(
    seedbed: Seedbed, works: Works
) -> None:
    words = ("video", "a red fox", "--size", "64x48", "--fps", "12", "--detach")
    first = seedbed(*words, "--json").json
    assert seedbed(*words, "--json").json["job"] == first["job"]
    assert first["state"] == "queued"
    again = seedbed(*words, "--again", "--json").json
    assert again["job"] != first["job"]
    assert f"{first['job']} is queued." in seedbed(*words).out
    job = next(one for one in films(works) if one.id == first["job"])
    ask = {"model": "draft", "prompt": "a red fox", "size": [64, 48], "fps": 12}
    assert job.input["ask"] == ask | {"codec": "h264", "seed": 0}
    assert job.input[DRAWN] is True


def test_a_scene_is_submitted_as_it_is_written(
    seedbed: Seedbed, works: Works, tmp_path: Path
) -> None:
    file = tmp_path / "scene.json"
    file.write_text(json.dumps(write_scene(SCENE)))
    seedbed("video", "--scene", str(file), "--detach")
    (job,) = films(works)
    assert cast("dict[str, object]", job.input["ask"])["scene"] == write_scene(SCENE)


def test_a_film_of_another_model_is_left_to_it(seedbed: Seedbed, works: Works) -> None:
    seedbed("video", "a fox", "--model", "scripted-filmmaker", "--detach")
    (job,) = films(works)
    assert job.input[DRAWN] is False


@pytest.mark.parametrize("pieces", [None, {"drawn": 2, "again": 1}])
def test_a_film_is_brought_where_it_is_wanted(
    seedbed: Seedbed, works: Works, home: Path, tmp_path: Path, pieces: dict[str, int] | None
) -> None:
    words = ("video", "a fox", "-o", str(tmp_path / "fox.mp4"))
    seedbed(*words, "--detach")
    facts: dict[str, object] = {"hash": kept(works, home), "media": "video/mp4", **FACTS}
    end(works, State.SUCCEEDED, facts | ({"pieces": pieces} if pieces else {}))
    said = seedbed(*words)
    drawn = "; 2 pieces drawn, 1 found again" if pieces else ""
    assert said.status == 0, said.err
    assert " ".join(said.out.split()).endswith(f"1.5 s of 64x48, 12 frames a second{drawn}")
    assert (tmp_path / "fox.mp4").read_bytes() == b"film"
    told = seedbed(*words, "--json").json
    assert (told["state"], told["seconds"]) == ("succeeded", 1.5)
    assert sorted(path.name for path in tmp_path.glob("*fox*")) == ["fox.mp4"]


def test_a_film_that_failed_says_why(seedbed: Seedbed, works: Works, tmp_path: Path) -> None:
    words = ("video", "a fox", "-o", str(tmp_path / "fox.mp4"))
    seedbed(*words, "--detach")
    end(works, State.FAILED, fault=Fault("scene_undrawable", "There is no art.", ""))
    said = seedbed(*words, "--json")
    assert said.error["code"] == "job_unfinished"
    assert "There is no art." in said.err
    assert not (tmp_path / "fox.mp4").exists()


def test_who_stops_watching_stops_nothing(
    seedbed: Seedbed, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(video, "time", SimpleNamespace(sleep=stopped))
    said = seedbed("video", "a fox")
    (job,) = films(works)
    assert said.status == 130
    assert f"jobs watch {job.id}" in said.err
    assert job.state is State.QUEUED


def test_nothing_to_be_seen_is_no_film(seedbed: Seedbed, works: Works) -> None:
    said = seedbed("video")
    assert said.status == 2
    assert "Say what is to be seen" in said.err
    assert not films(works)
    assert seedbed("video", "a fox", "--size", "huge").status == 2


def test_a_scene_says_itself_how_long_it_is(seedbed: Seedbed, works: Works, tmp_path: Path) -> None:
    file = tmp_path / "scene.json"
    file.write_text(json.dumps(write_scene(SCENE)))
    said = seedbed("video", "--scene", str(file), "--seconds", "3", "--detach")
    assert said.status == 2
    assert "A Scene says how long each of its shots is" in " ".join(said.err.split())
    assert not films(works)


def test_how_it_is_finished_goes_with_the_job(
    seedbed: Seedbed, works: Works, tmp_path: Path
) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    said = seedbed(
        *("video", "a cat", "--detach", "--upscale", "4k", "--interpolate", "60", "--burnt"),
        *("--captions", str(words), "--skip", "mark", "--skip", "sign", "-o", "cat.webm"),
        *("--codec", "av1", "--depth", "10"),
    )
    assert said.status == 0, said.err
    (job,) = films(works)
    assert read_finish(job.input[FIELD]) == Finish(
        *((3840, 2160), 60, "webm", "av1", 10, words.read_text()),
        burnt=True,
        skip=("mark", "sign"),
    )


def test_a_film_is_written_as_its_file_is_named_or_named_as_it_is_written(
    seedbed: Seedbed, works: Works
) -> None:
    said = seedbed("video", "a cat", "--detach", "--json", "--format", "gif", "--titles", "--burnt")
    assert json.loads(said.out)["file"] == "film.gif"
    (job,) = films(works)
    assert read_finish(job.input[FIELD]) == Finish(format="gif", captions="titles", burnt=True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "gif", "--codec", "h264"), "does not hold h264"),
        (("--model", "scripted-filmmaker", "--titles"), "no titles that are known"),
    ],
)
def test_what_cannot_be_finished_is_refused_before_it_is_made(
    seedbed: Seedbed, works: Works, words: tuple[str, ...], says: str
) -> None:
    said = seedbed("video", "a cat", "--detach", *words)
    assert said.status == 1
    assert says in " ".join(said.err.split())
    assert not films(works)


def test_a_face_without_a_consent_is_refused_before_there_is_a_job(
    seedbed: Seedbed, works: Works, tmp_path: Path
) -> None:
    file = tmp_path / "scene.json"
    face = Reference("ada", "face", "a" * 64, "image/png")
    file.write_text(json.dumps(write_scene(replace(SCENE, references=(face,)))))
    said = seedbed("video", "--scene", str(file), "--detach", "--json")
    assert (said.status, said.error["code"]) == (1, "consent_missing")
    assert films(works) == []
