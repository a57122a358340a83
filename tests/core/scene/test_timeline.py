"""When what is seen, and the pieces that a film is made in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.scene.layers import Backdrop, Picture
from seedbed.core.scene.motion import Transition
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot, Track
from seedbed.core.scene.timeline import pieces, seconds, timeline
from tests.core.scene.scenes import HASH, TITLE, film, scenes
from tests.examples import examples

DISSOLVE = Transition("dissolve", 1.0)


@pytest.mark.slow
@examples(80)
@given(scenes(is_film=True), st.integers(1, 70))
def test_pieces_show_all_frames_once_and_in_order(scene: Scene, most: int) -> None:
    line = timeline(scene)
    shown: list[tuple[str, int]] = []
    for piece in pieces(scene, most=most):
        assert piece.count > 0
        for frame in range(piece.first, piece.first + piece.count):
            seen = timeline(piece.scene).seen(frame)
            shown.append((piece.scene.shots[seen.shot].id, seen.frame))
            if len(piece.scene.shots) > 1:
                assert seen.next_frame is not None
                assert 0 < seen.share < 1
    expected = [line.seen(frame) for frame in range(line.frames)]
    assert shown == [(scene.shots[one.shot].id, one.frame) for one in expected]


@pytest.mark.slow
@examples(60)
@given(scenes(is_film=True), st.data())
def test_a_shot_that_changed_leaves_the_pieces_of_the_others(
    scene: Scene, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(scene.shots) - 1))
    shot = scene.shots[place]
    changed = replace(shot, layers=(*shot.layers, replace(TITLE, id="new")))
    others = (*scene.shots[:place], changed, *scene.shots[place + 1 :])
    before, after = pieces(scene), pieces(replace(scene, shots=others, title="another", said="x"))
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        shows = any(each.id == shot.id for each in one.scene.shots)
        assert (one.identity != other.identity) is shows


def test_shots_overlap_by_their_transitions() -> None:
    scene = film(Shot("a", 2.0), Shot("b", 3.0, into=DISSOLVE))
    line = timeline(scene)
    assert line.spans == ((0, 20, 0), (10, 30, 10))
    assert line.frames == 40
    assert seconds(scene) == 4.0
    assert line.seen(9).next_frame is None
    first, last = line.seen(10), line.seen(19)
    assert (first.shot, first.frame, first.next_frame) == (0, 10, 0)
    assert first.share == 1 / 11
    assert (last.frame, last.next_frame, last.share) == (19, 9, 10 / 11)
    assert line.seen(20).shot == 1


def test_a_picture_is_one_frame_that_takes_no_time() -> None:
    picture = Scene(Canvas(16, 16), (Shot("one"),))
    assert timeline(picture).frames == 1
    assert seconds(picture) == 0
    assert [(one.first, one.count) for one in pieces(picture)] == [(0, 1)]


def test_a_piece_has_nothing_but_what_it_shows() -> None:
    one, other = (Reference(name, "picture", HASH, "image/png") for name in ("one", "other"))
    scene = film(
        Shot("a", 1.0, (Backdrop(id="sky"), Picture(id="p", reference="one")), into=DISSOLVE),
        Shot("b", 1.0),
        references=(one, other),
        tracks=(Track("m"),),
        title="t",
        said="s",
    )
    first, second = pieces(scene)
    assert first.scene.references == (one,)
    assert second.scene.references == ()
    assert first.scene.tracks == ()
    assert (first.scene.title, first.scene.said) == ("", "")
    assert first.scene.shots[0].into.form == "cut"
