"""A Scene as JSON: read, written, described.

Floor 1.
"""

import hashlib
import json
from typing import cast

from seedbed.core import record
from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.rules import check
from seedbed.core.scene.scene import VERSION, Scene

LONGEST = 4 << 20
"""Bytes of a Scene as JSON."""
IN_PNG = "seedbed.scene"
"""The name of the text in a PNG that has the Scene which it was drawn of."""
PIXELS = "seedbed.pixels"
"""The name of the one that has the hash of the pixels which were drawn of it."""


def read_scene(data: object) -> Scene:
    """A Scene from what JSON has.

    Raises:
        SceneMalformed: it is of another version, something in it is not what it can be, or its
            parts do not go together.
    """
    version = _version(data)
    if version != VERSION:
        why = f"this house reads {VERSION}, and it says {str(version)[:60]!r}."
        raise SceneMalformed("version", why=why)
    try:
        scene = record.read(Scene, data)
    except record.BadRecord as error:
        raise SceneMalformed(error.at, why=str(error)) from error
    check(scene)
    return scene


def parse_scene(text: str | bytes) -> Scene:
    """A Scene from JSON text.

    Raises:
        SceneMalformed: as `read_scene`, or it is no JSON, or too long.
    """
    if len(text) > LONGEST:
        why = f"it is {len(text):,} bytes long; {LONGEST:,} are read."
        raise SceneMalformed("", why=why)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SceneMalformed("", why=f"it is no JSON: {str(error)[:100]}.") from error
    return read_scene(data)


def write_scene(scene: Scene) -> dict[str, object]:
    """A Scene as JSON has it, with its version."""
    return {"version": VERSION, **record.write(scene)}


def identity(scene: Scene) -> str:
    """The hash of all that is in it, in hexadecimal."""
    return hashlib.sha256(record.canonical(scene)).hexdigest()


def scene_schema() -> dict[str, object]:
    """The JSON schema of Scenes."""
    return {"title": "Scene", **record.schema(Scene)}


def _version(data: object) -> object:
    return (
        cast("dict[str, object]", data).get("version", VERSION)
        if isinstance(data, dict)
        else VERSION
    )
