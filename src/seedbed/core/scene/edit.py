"""A Scene changed at one place, and two Scenes compared.

Floor 1. A place is written as in a program: `shots.opening.layers.title.text`, by ids, or by
numbers, `shots[0].seconds`. What follows a dot in a list is the id of a member.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.scene import Scene

_Members = dict[str, Any]
_STEP = re.compile(r"\[(\d{1,4})\]|(?:^|\.)([a-z0-9][a-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at a place; `None` where there was, or is, nothing."""

    at: str
    before: object
    after: object


def edited(scene: Scene, at: str, value: object) -> Scene:
    """The Scene with that value at that place; `None` takes away what is there.

    Raises:
        SceneMalformed: there is no such place, or the value cannot stand there.
    """
    whole = copy.deepcopy(write_scene(scene))
    *way, last = _steps(at)
    holder: Any = whole
    for step in way:
        holder = _member(holder, step, at)
    _put(holder, last, value, at)
    return read_scene(whole)


def compare(before: Scene, after: Scene) -> tuple[Change, ...]:
    """What differs between two Scenes, by places of the later one."""
    return tuple(_differences(write_scene(before), write_scene(after), ""))


def _steps(at: str) -> list[str | int]:
    steps: list[str | int] = []
    end = 0
    for found in _STEP.finditer(at):
        if found.start() != end:
            break
        end = found.end()
        number, name = found.groups()
        steps.append(int(number) if number else name)
    if not steps or end != len(at):
        raise SceneMalformed(at[:100], why="that is no place in a Scene.")
    return steps


def _member(holder: Any, step: str | int, at: str) -> Any:  # noqa: ANN401 - as JSON has it
    if isinstance(holder, list):
        members = cast("list[Any]", holder)
        return members[_place(members, step, at)]
    if not isinstance(holder, dict) or isinstance(step, int):
        raise SceneMalformed(at, why=f"{step!r} leads nowhere.")
    return cast("dict[str, Any]", holder).setdefault(step, {})


def _place(members: list[Any], step: str | int, at: str) -> int:
    if isinstance(step, int):
        if step < len(members):
            return step
        raise SceneMalformed(at, why=f"there are {len(members)} members, counted from 0.")
    ids = _ids(members)
    if step not in ids:
        known = ", ".join(str(one) for one in ids if one) or "none"
        raise SceneMalformed(at, why=f"nothing has the id {step!r}; there are: {known}.")
    return ids.index(step)


def _put(holder: Any, last: str | int, value: object, at: str) -> None:  # noqa: ANN401
    if isinstance(holder, list):
        members = cast("list[Any]", holder)
        if last == len(members) and value is not None:
            members.append(value)
            return
        place = _place(members, last, at)
        members[place : place + 1] = [] if value is None else [value]
    elif isinstance(holder, dict) and isinstance(last, str):
        found = cast("dict[str, Any]", holder)
        found.pop(last, None)
        if value is not None:
            found[last] = value
    else:
        raise SceneMalformed(at, why=f"{last!r} leads nowhere.")


def _differences(before: Any, after: Any, at: str) -> Iterator[Change]:  # noqa: ANN401
    if isinstance(before, dict) and isinstance(after, dict):
        first, then = cast("_Members", before), cast("_Members", after)
        for name in sorted({*first, *then}):
            where = f"{at}.{name}" if at else name
            yield from _differences(first.get(name), then.get(name), where)
    elif isinstance(before, list) and isinstance(after, list):
        was, now = cast("list[Any]", before), cast("list[Any]", after)
        yield from _differences(_by_id(was), _by_id(now), at)
    elif before != after:
        yield Change(at, cast("object", before), cast("object", after))


def _by_id(members: list[Any]) -> dict[str, Any]:
    """A list by the ids of its members, or by their places where they have none."""
    pairs = zip(_ids(members), members, strict=True)
    return {str(id_ or place): one for place, (id_, one) in enumerate(pairs)}


def _ids(members: list[Any]) -> list[object]:
    found = (cast("_Members", one) if isinstance(one, dict) else {} for one in members)
    return [one.get("id") for one in found]
