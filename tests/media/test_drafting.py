"""Films drawn of a Scene: each piece once, whoever is killed, and only as their rules allow."""

import hashlib
import json
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import anyio
import httpx2
import pytest

from seedbed.core.errors import ConsentMissing, MediumRefused, SceneMalformed, StoreUnusable
from seedbed.core.finish import Finish
from seedbed.core.job import Job, State
from seedbed.core.scene.edit import edited
from seedbed.core.scene.form import parse_scene, read_scene
from seedbed.core.scene.layers import Picture
from seedbed.core.scene.scene import Reference, Scene, Track
from seedbed.media.drafting import sized
from seedbed.media.studio.orders import Assemble, Check, Order, Said
from tests.jobs.houses import job_house, now
from tests.kit.http.serving import each, serving, whole
from tests.kit.media.made import picture, wav
from tests.media.consented import GIVEN, recorded
from tests.media.drafted import FACTS, USED, Drawn, three_shots

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PIECES = ["first", "first+second", "second", "third"]


@pytest.fixture
def drawn(database: Any, home: Path) -> Drawn:
    return Drawn(job_house(database), home)


def result(job: Job) -> dict[str, Any]:
    assert job.state is State.SUCCEEDED, job.fault
    return cast("dict[str, Any]", job.result)


def fault(job: Job) -> str:
    assert job.state is State.FAILED
    assert job.fault
    return job.fault.code


def joined(drawn: Drawn) -> Assemble:
    orders = [one for one in drawn.studio.orders if isinstance(one, Assemble)]
    return orders[-1]


async def test_a_film_is_drawn_by_pieces_put_together_and_checked(drawn: Drawn) -> None:
    scene = three_shots()
    told = result(await drawn.ended(scene))
    assert sorted(drawn.drawn) == sorted(PIECES)
    film = "first:0+9|first+second:9+3|second:3+9|third:0+12"
    assert await drawn.text(told["hash"]) == film
    assert told["report"] == {"read": film}
    assert told["pieces"] == {"drawn": 4, "again": 0}
    assert told["usage"] == {name: 4 * count for name, count in USED.items()}
    assert {name: told[name] for name in FACTS} == FACTS
    assert parse_scene(await drawn.text(told["scene"])) == scene
    (check,) = [one for one in drawn.studio.orders if isinstance(one, Check)]
    assert read_scene(check.scene) == scene


async def test_a_piece_is_asked_for_with_all_that_it_shows_and_no_more(drawn: Drawn) -> None:
    photo = Reference(
        "photo", "picture", await drawn.keep(picture(), "file_1", "image/png"), "image/png"
    )
    scene = replace(three_shots(), references=(photo,), title="Sea", tracks=(Track("music"),))
    framed = replace(
        scene.shots[2], layers=(*scene.shots[2].layers, Picture(id="p", reference="photo"))
    )
    scene = replace(scene, shots=(*scene.shots[:2], framed))
    result(await drawn.ended(scene, codec="hevc"))
    third = drawn.asked[drawn.drawn.index("third")]
    refs = [{"kind": "image", "source": photo.artifact, "role": "reference_image"}]
    assert third["refs"] == refs
    assert (third["codec"], third["mark"], third["span"]) == ("hevc", "ab", [0, 12])
    assert (third["size"], third["fps"], third["stream"]) == ([64, 48], 12, True)
    assert "tracks" not in third["scene"]
    assert all("refs" in body and not body["refs"] for body in drawn.asked if body is not third)


async def test_how_far_it_is_goes_by_frames_and_only_up(drawn: Drawn) -> None:
    async with drawn.working():
        job = await drawn.submit(three_shots())
        ended = await drawn.house.ended(job)
    assert (ended.progress.done, ended.progress.total, ended.progress.note) == (100, 100, "joined")


async def test_of_a_shot_that_was_changed_its_pieces_alone_are_drawn(drawn: Drawn) -> None:
    scene = three_shots()
    result(await drawn.ended(scene))
    later = edited(scene, "shots.third.layers.ground.time", "night")
    told = result(await drawn.ended(later, "film_2"))
    assert drawn.drawn[4:] == ["third"]
    assert told["pieces"] == {"drawn": 1, "again": 3}
    assert told["usage"] == USED
    both = edited(later, "shots.second.layers.ground.time", "night")
    assert result(await drawn.ended(both, "film_3"))["pieces"] == {"drawn": 2, "again": 2}
    assert sorted(drawn.drawn[5:]) == ["first+second", "second"]


async def test_pieces_that_are_the_same_are_drawn_once(drawn: Drawn) -> None:
    scene = three_shots()
    still = edited(scene, "shots.first.seconds", 20.0)
    told = result(await drawn.ended(replace(still, shots=still.shots[:1])))
    assert told["pieces"] == {"drawn": 4, "again": 0}
    assert len(joined(drawn).pieces) == 4


async def test_another_mark_model_or_codec_is_another_piece(drawn: Drawn, home: Path) -> None:
    scene = replace(three_shots(), shots=three_shots().shots[:1])
    result(await drawn.ended(scene))
    result(await drawn.ended(scene, "film_2", codec="av1"))
    result(await drawn.ended(scene, "film_3", model="other"))
    assert len(drawn.asked) == 3
    marked = Drawn(drawn.house, home, mark="cd")
    result(await marked.ended(scene, "film_4"))
    assert len(marked.asked) == 1


async def test_taken_up_again_nothing_is_drawn_twice(drawn: Drawn) -> None:
    """The worker ends at the third piece; another takes the job up."""
    reached = anyio.Event()

    def meet(count: int) -> None:
        if count == 3:
            reached.set()

    drawn.meet = meet
    async with drawn.working():
        job = await drawn.submit(three_shots())
        await reached.wait()
    async with drawn.working():
        told = result(await drawn.house.ended(job))
    assert told["pieces"]["drawn"] + told["pieces"]["again"] == 4
    done = [step.name for step in await drawn.house.jobs.steps(job.id)]
    assert [name for name in done if name.startswith("piece")] == sorted(
        f"piece {number} of 4" for number in range(1, 5)
    )
    assert len(drawn.asked) <= 4 + 2, "those that were under way are asked for again, under one key"


async def test_a_piece_whose_artifact_is_gone_is_drawn_again(drawn: Drawn) -> None:
    scene = three_shots()
    told = result(await drawn.ended(scene))
    kept = {hold.holder: one.hash for one in await drawn.artifacts.all() for hold in one.holds}
    piece = next(name for name in kept if name.startswith("piece_"))
    gone = kept[piece]
    for holder in ("film_1", piece):
        await drawn.artifacts.release(gone, holder)
    await drawn.artifacts.sweep()
    again = result(await drawn.ended(scene, "film_2"))
    assert again["pieces"] == {"drawn": 1, "again": 3}
    assert again["hash"] == told["hash"]
    assert result(await drawn.ended(scene, "film_3"))["pieces"] == {"drawn": 0, "again": 4}


async def test_a_film_of_a_prompt_is_planned_and_tells_what_was_not_understood(
    drawn: Drawn,
) -> None:
    told = result(await drawn.ended(prompt="A fox and a glorbix in a forest", seconds=1, fps=12))
    assert any("glorbix" in note for note in told["notes"])
    scene = parse_scene(await drawn.text(told["scene"]))
    assert (scene.canvas.fps, sum(shot.seconds for shot in scene.shots)) == (12, 1.0)


async def test_a_scene_is_made_at_the_size_and_rate_that_are_wanted(drawn: Drawn) -> None:
    result(await drawn.ended(three_shots(), size=[32, 24], fps=6))
    assert {(tuple(body["size"]), body["fps"]) for body in drawn.asked} == {((32, 24), 6)}


def written_as(path: str) -> tuple[int, int, int]:
    """Channels, bytes of a number, and numbers a second."""
    with wave.open(path) as file:
        return file.getnchannels(), file.getsampwidth(), file.getframerate()


async def test_sounds_and_words_are_put_beside(drawn: Drawn) -> None:
    voice = Reference(
        "voice", "sound", await drawn.keep(wav(1, 8_000, 800), "file_1", "audio/wav"), "audio/wav"
    )
    tracks = (
        Track("music", mood="tense", gain=-3.0, fade_out=0.5),
        Track("door", "effect", text="door", starts=1.0, seconds=0.5),
        Track("said", "speech", reference="voice", text="Hello", starts=0.5, seconds=1.0),
        Track("silent", "speech", text="Nobody speaks", starts=2.0),
    )
    scene = replace(three_shots(), tracks=tracks, references=(voice,), title="Sea")
    seen: list[tuple[int, int, int]] = []

    def meet(order: Order) -> None:
        if isinstance(order, Assemble):
            seen.append(written_as(order.tracks[2].file))

    drawn.studio.meet = meet
    result(await drawn.ended(scene))
    order = joined(drawn)
    music, door, said = order.tracks
    assert (music.mood, music.effect, music.gain, music.fade_out) == ("tense", "", -3.0, 0.5)
    assert (door.mood, door.effect, door.begin, door.seconds) == ("", "door", 1.0, 0.5)
    assert (said.is_speech, said.mood, said.effect) == (True, "", "")
    assert seen == [(2, 2, 48_000)], "it was written here, and not by whoever gave it"
    assert Said(0.5, 1.5, "Hello") in order.captions
    assert Said(2.0, 2.75, "Nobody speaks") in order.captions
    assert "door" not in [one.text for one in order.captions], "an effect says no words"
    told = order.told
    assert told is not None
    assert (told.title, told.made_by, order.seconds) == ("Sea", "draft", 2.75)
    assert told.actions == ["drawn", "joined", "marked", "sounded", "captioned"]


async def test_a_consent_that_is_withdrawn_meanwhile_stops_it(drawn: Drawn) -> None:
    face = Reference(
        "ada", "face", await drawn.keep(picture(), "file_1", "image/png"), "image/png", GIVEN.id
    )
    await recorded(drawn.house.database, GIVEN)
    scene = replace(three_shots(), references=(face,))
    told = result(await drawn.ended(scene))
    (made,) = await drawn.consents.made(GIVEN.id)
    assert made.artifact == told["hash"]

    def meet(order: Order) -> None:
        drawn.house.database.write_now(
            lambda c: c.exec_driver_sql(f"UPDATE consents SET withdrawn = {now()}")
        )

    drawn.studio.meet = meet
    assert fault(await drawn.ended(scene, "film_2")) == ConsentMissing.code
    drawn.studio.meet = lambda _: None
    assert fault(await drawn.ended(scene, "film_3")) == ConsentMissing.code
    assert len(drawn.asked) == 4, "what may not be made is not drawn"


async def test_nothing_is_planned_of_what_may_not_be_used(drawn: Drawn) -> None:
    face = {"kind": "image", "source": "a" * 64, "role": "face"}
    drawn.planner = "planner"
    for consent in ({}, {"consent": "consent_9"}):
        ended = await drawn.ended(prompt="A fox", refs=[face | consent])
        assert fault(ended) == ConsentMissing.code
    scene = replace(three_shots(), references=(Reference("ada", "face", "a" * 64, "image/png"),))
    assert fault(await drawn.ended(scene)) == ConsentMissing.code
    assert (drawn.chats, drawn.looked, drawn.asked) == ([], [], [])


async def test_what_lies_elsewhere_is_fetched_once_and_kept(drawn: Drawn) -> None:
    data = picture()
    async with serving(each(whole(data))) as server:
        ref = {"kind": "image", "source": f"{server.url}/a", "role": "first_frame"}
        ended = await drawn.ended(prompt="A fox in a forest", seconds=2.0, refs=[ref])
    told = result(ended)
    scene = parse_scene(await drawn.text(told["scene"]))
    (kept,) = scene.references
    assert kept.artifact == hashlib.sha256(data).hexdigest()
    sources = {one["source"] for body in drawn.asked for one in body["refs"]}
    assert sources == {kept.artifact}
    assert len(server.heard) == 1


async def test_what_is_bad_elsewhere_ends_the_film_before_it_is_planned(drawn: Drawn) -> None:
    drawn.planner = "planner"
    async with serving(each(whole(b"#EXTM3U\nfile:///etc/passwd\n"))) as server:
        urls = [f"{server.url}/a", "http://127.0.0.1:1/"]
        refs = [{"kind": "image", "source": url, "role": "first_frame"} for url in urls]
        ends = [await drawn.ended(prompt="A fox", refs=[ref]) for ref in refs]
    assert [fault(one) for one in ends] == [MediumRefused.code] * 2
    whats = [one.fault.what for one in ends if one.fault]
    assert "it is text/plain, and no picture" in whats[0]
    assert "at 'http://127.0.0.1:1/' cannot be used: 127.0.0.1:1 cannot be reached" in whats[1]
    assert (drawn.chats, drawn.asked) == ([], [])


@pytest.mark.slow
async def test_while_the_disk_is_full_it_waits_and_draws_nothing_again(drawn: Drawn) -> None:
    full = [StoreUnusable("The film cannot be written.", hint="Make room.", reason="r", path="")]

    def meet(_: Order) -> None:
        if full:
            raise full.pop()

    drawn.studio.meet = meet
    assert result(await drawn.ended(three_shots()))["pieces"] == {"drawn": 4, "again": 0}
    assert len(drawn.studio.orders) == 3
    assert len(drawn.asked) == 4


async def test_what_is_no_scene_is_no_film(drawn: Drawn) -> None:
    broken = replace(three_shots(), shots=())
    assert fault(await drawn.ended(broken)) == SceneMalformed.code


def test_a_picture_is_a_film_of_the_usual_rate() -> None:
    scene: Scene = three_shots()
    still = replace(scene, canvas=replace(scene.canvas, fps=None))
    assert sized(still, {}).canvas.fps == 24
    assert sized(scene, {"fps": 30, "size": [10, 20]}).canvas == replace(
        scene.canvas, width=10, height=20, fps=30
    )


async def test_a_scene_that_cannot_be_drawn_is_refused_before_any_of_it_is_paid(
    drawn: Drawn,
) -> None:
    error = {"code": "scene_undrawable", "message": "It cannot be drawn at shots.third."}
    drawn.verdict = 400, {"error": error}
    job = await drawn.ended(three_shots())
    assert fault(job) == "scene_undrawable"
    assert job.fault
    assert "shots.third" in job.fault.what
    assert drawn.asked == []
    (looked,) = drawn.looked
    assert [shot["id"] for shot in looked["scene"]["shots"]] == ["first", "second", "third"]


def chat(sketch: object) -> httpx2.Response:
    message = {"content": json.dumps(sketch)}
    return httpx2.Response(200, json={"choices": [{"message": message}]})


async def test_a_model_plans_a_film_where_the_operator_chose_one(drawn: Drawn) -> None:
    shots = [{"place": "sea", "things": [], "seconds": 1.0}]
    drawn.planner, drawn.says = "planner", [chat("no"), chat({"shots": shots})]
    told = result(await drawn.ended(prompt="a calm sea", seconds=1.0, size=[64, 48], fps=12))
    scene = parse_scene(await drawn.text(told["scene"]))
    assert [one.layers[0].place for one in scene.shots] == ["sea"]  # type: ignore[union-attr]
    (first, asked), (second, again) = drawn.chats
    assert first != second
    assert asked["model"] == "planner"
    assert "cannot be read" in again["messages"][-1]["content"]


async def test_a_plan_that_stays_amiss_gives_way_to_the_rules_and_is_told(drawn: Drawn) -> None:
    malformed = {"error": {"code": "answer_malformed", "message": "It is no JSON."}}
    drawn.planner = "planner"
    drawn.says = [httpx2.Response(502, json=malformed), chat("no")]
    told = result(await drawn.ended(prompt="a calm sea", seconds=1.0, size=[64, 48], fps=12))
    assert "planned by rule" in told["notes"][-1]


@pytest.mark.parametrize(("status", "code"), [(404, "model_unknown"), (401, "job_keyless")])
async def test_a_planner_that_cannot_be_asked_ends_the_film(
    drawn: Drawn, status: int, code: str
) -> None:
    drawn.planner = "planner"
    drawn.says = [httpx2.Response(status, json={"error": {"code": code, "message": "No."}})]
    assert fault(await drawn.ended(prompt="a calm sea")) == code
    assert drawn.asked == []


async def test_a_look_that_breaks_on_our_side_is_taken_again(drawn: Drawn) -> None:
    broken: dict[str, object] = {"error": {"code": "engine_failed", "message": "It stopped."}}
    drawn.verdict = 502, broken
    assert fault(await drawn.ended(three_shots())) == "engine_failed"
    assert (len(drawn.looked), drawn.asked) == (3, [])


async def test_a_film_whose_mark_is_to_be_skipped_has_none(drawn: Drawn) -> None:
    result(await drawn.ended(three_shots()))
    result(await drawn.ended(three_shots(), "film_2", finish=Finish(skip=("mark",))))
    assert [one["mark"] for one in drawn.asked] == ["ab"] * 4 + [""] * 4, "each drawn anew"
    told = joined(drawn).told
    assert told is not None
    assert "marked" not in told.actions


async def test_a_film_of_a_scene_has_its_label(drawn: Drawn) -> None:
    told = result(await drawn.ended(three_shots(), watermark=True))
    scene = parse_scene(await drawn.text(told["scene"]))
    assert all(shot.layer("ai-label") for shot in scene.shots)
