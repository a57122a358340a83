"""How layers lie to one another."""

from dataclasses import replace

import pytest
from hypothesis import given

from seedbed.core.record import read, write
from seedbed.core.scene.layers import Subject
from seedbed.core.scene.measures import Box
from seedbed.core.scene.relations import broken, holds, settled
from seedbed.core.scene.scene import Relation, Shot
from tests.core.scene.scenes import shots
from tests.examples import examples

SMALL, LARGE = Box(0.4, 0.4, 0.1, 0.1), Box(0.3, 0.3, 0.4, 0.4)
RULES = ["left_of", "right_of", "above", "below", "inside", "apart", "centred", "same_size"]


def shot(a: Box, b: Box, *relations: Relation) -> Shot:
    layers = Subject(id="a", what="cat", box=a), Subject(id="b", what="dog", box=b)
    return Shot("one", layers=layers, relations=relations)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("a", "b"), [(SMALL, LARGE), (LARGE, SMALL), (replace(LARGE, x=0.9), LARGE)]
)
@pytest.mark.parametrize("gap", [0.0, 0.05])
def test_one_relation_is_always_reached(rule: str, a: Box, b: Box, gap: float) -> None:
    relation = Relation("a", rule, "b", gap)  # pyright: ignore[reportArgumentType]
    found = settled(shot(a, b, relation))
    assert broken(found) == ()
    assert found.layers[1].box == b
    if holds(relation, a, b):
        assert found.layers[0].box == a


@examples(80)
@given(shots(1, takes_time=False))
def test_settling_never_makes_it_worse(any_shot: Shot) -> None:
    found = settled(any_shot)
    assert len(broken(found)) <= len(broken(any_shot))
    read(Shot, write(found))
    assert [one.id for one in found.layers] == [one.id for one in any_shot.layers]


def test_two_that_cannot_both_hold_are_told() -> None:
    both = Relation("a", "left_of", "b"), Relation("a", "right_of", "b")
    found = settled(shot(SMALL, LARGE, *both))
    assert len(broken(found)) == 1


def test_a_chain_of_relations_is_settled() -> None:
    layers = tuple(Subject(id=name, what="cat", box=SMALL) for name in "abc")
    chain = Relation("a", "left_of", "b", 0.1), Relation("b", "left_of", "c", 0.1)
    assert broken(settled(Shot("one", layers=layers, relations=chain))) == ()
