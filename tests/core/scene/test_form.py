"""Scenes as JSON."""

import copy
import json
from typing import Any, cast

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import SceneMalformed
from seedbed.core.record import BadRecord, read
from seedbed.core.scene.form import (
    LONGEST,
    identity,
    parse_scene,
    read_scene,
    scene_schema,
    write_scene,
)
from seedbed.core.scene.scene import VERSION, Scene
from tests.core.scene.scenes import film, scenes
from tests.examples import examples

SCHEMA = jsonschema_rs.validator_for(scene_schema())


@examples(60)
@given(scenes())
def test_any_scene_is_read_again_as_it_was_written(scene: Scene) -> None:
    written = write_scene(scene)
    assert SCHEMA.is_valid(written)
    assert read_scene(written) == scene
    assert parse_scene(json.dumps(written)) == scene
    assert identity(read_scene(written)) == identity(scene)


ODD: list[Any] = [None, True, -1, 0.5, 1e9, "", "x", "#12", "Ä", [], ["x"], {}, {"kind": "text"}]


@examples(120)
@given(scenes(), st.data())
def test_the_schema_and_the_reader_agree_on_what_is_changed_at_one_place(
    scene: Scene, data: st.DataObject
) -> None:
    changed = copy.deepcopy(write_scene(scene))
    holder: Any = changed
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key: Any = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        holder = cast("Any", inner)
    holder[key] = data.draw(st.sampled_from(ODD))
    try:
        read(Scene, changed)
        is_read = True
    except BadRecord:
        is_read = False
    assert SCHEMA.is_valid(changed) is is_read


def test_a_scene_without_a_version_is_of_this_one() -> None:
    told = write_scene(film())
    assert told["version"] == VERSION
    del told["version"]
    assert read_scene(told) == film()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"version": "seedbed.scene/2"}', "this house reads seedbed.scene/1"),
        ("[]", "it is an object"),
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        (" " * (LONGEST + 1), "bytes long"),
        ("{}", "canvas is null; it is needed"),
        ('{"canvas": {"width": 16, "height": 16}, "shots": []}', "at least one shot"),
    ],
)
def test_what_is_no_scene_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(SceneMalformed, match=why):
        parse_scene(text)


def test_two_scenes_that_differ_have_two_identities() -> None:
    assert identity(film()) != identity(film(seed=1))
    assert identity(film()) == identity(film())
