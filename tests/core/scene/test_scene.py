"""What a Scene tells of itself."""

from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from tests.core.scene.scenes import CAT, HASH, film


def test_shots_layers_and_references_are_found_by_their_ids() -> None:
    reference = Reference("ref", "picture", HASH, "image/png")
    scene = film(references=(reference,))
    shot = scene.shot("one")
    assert shot is not None
    assert shot is scene.shots[0]
    assert shot.layer("cat") is CAT
    assert shot.layer("dog") is None
    assert scene.shot("three") is None
    assert scene.reference("ref") is reference
    assert scene.reference("other") is None


def test_what_has_frames_is_a_film() -> None:
    assert film().is_film
    assert not Scene(Canvas(16, 16), (Shot("one"),)).is_film


def test_a_box_knows_its_middle_and_what_it_covers_and_holds() -> None:
    box = Box(0.2, 0.2, 0.4, 0.2)
    assert box.centre == (0.4, 0.30000000000000004)
    assert box.overlaps(Box(0.5, 0.3, 0.5, 0.5))
    assert not box.overlaps(Box(0.7, 0.2, 0.1, 0.1))
    assert not box.overlaps(Box(0.2, 0.5, 0.1, 0.1))
    assert box.holds(Box(0.3, 0.25, 0.1, 0.1))
    assert not box.holds(Box(0.3, 0.25, 0.5, 0.1))
