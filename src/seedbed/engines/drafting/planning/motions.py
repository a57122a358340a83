"""What somebody does as keys and habits, and whither they then look.

Floor 3. Keys are beside the box where a thing was laid, so that it passes there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seedbed.core.scene.measures import Box, Easing
from seedbed.core.scene.motion import Habit, Key, Motion
from seedbed.engines.drafting.planning.acts import Act, Deed
from seedbed.engines.drafting.planning.figures import Facing
from seedbed.engines.drafting.planning.layout import Placed
from seedbed.engines.drafting.planning.phrases import words_of

_GOING: frozenset[Deed] = frozenset({"run", "walk", "drive", "fly", "swim", "float", "roll"})
_HABITS: Mapping[Deed, Habit] = {
    "run": "walk",
    "walk": "walk",
    "swim": "bob",
    "float": "bob",
    "bounce": "bounce",
    "spin": "spin",
    "dance": "sway",
    "wave": "sway",
    "shake": "sway",
    "shine": "twinkle",
}
_WINGED = words_of(
    "bird eagle dove bat butterfly honeybee fly mosquito parrot owl phoenix fairy black-bird "
    "dragon baby-angel"
)
_STARS = frozenset({"star", "glowing-star"})
_OUT = 0.03


@dataclass(frozen=True, slots=True)
class Move:
    """How a thing moves; `right` is whither it goes, where it goes aside."""

    motion: Motion | None
    right: bool | None = None


def together(placed: Sequence[Placed]) -> Mapping[Act, Box]:
    """What those who do the same take together."""
    found: dict[Act, Box] = {}
    for one in placed:
        if one.thing.act is not None:
            known = found.get(one.thing.act)
            found[one.thing.act] = _around(known, one.box) if known else one.box
    return found


def move(one: Placed, group: Box, facing: Facing) -> Move:
    """How one moves, with those who do the same."""
    told = one.thing.act
    if told is None:
        return Move(_idle(one))
    habit = _habit(one, told)
    to_right = _to_right(told, facing)
    keys, easing = _SPECIAL.get(told.deed, _way)(one, told, group, to_right)
    if told.deed == "spin" and keys:
        habit, keys = "none", tuple(_turned(key, 720 if to_right else -720) for key in keys)
    if told.deed == "roll" or told.also in {"spin", "roll"}:
        keys = tuple(_turned(key, 540 if to_right else -540) for key in keys)
    aside = bool(keys) and abs(keys[-1].x - keys[0].x) > 0.01
    curve = "curve" if told.deed in {"circle", "jump"} and len(keys) > 3 else "straight"
    motion = Motion(keys, easing, curve, habit) if keys or habit != "none" else None
    return Move(motion, to_right if aside else None)


def flipped(facing: Facing, *, right: bool | None) -> bool:
    """Whether a drawing must be mirrored to look to where it goes."""
    return right is not None and facing == ("left" if right else "right")


def _to_right(told: Act, facing: Facing) -> bool:
    if told.way in {"right", "in_left", "out_right"}:
        return True
    if told.way in {"left", "in_right", "out_left"}:
        return False
    return facing != "left"


def _habit(one: Placed, told: Act) -> Habit:
    if one.thing.concept in _WINGED and told.deed in {"fly", "walk", "float", "rise", "circle"}:
        return "flutter"
    if told.deed in {"run", "walk"} and one.habitat != "ground":
        return "bob"
    if told.deed == "shine" and one.thing.concept not in _STARS:
        return "pulse"
    return _HABITS.get(told.deed, _HABITS.get(told.also, "none"))


_Way: TypeAlias = tuple[tuple[Key, ...], Easing]


def _way(one: Placed, told: Act, group: Box, to_right: bool) -> _Way:
    match told.way:
        case "up" | "down":
            return _upright(one, told, group, to_right)
        case "none" if told.deed not in _GOING:
            return (), "in_out"
        case "none":
            far = 0.16 * told.pace * (1 if to_right else -1)
            start, end = _kept(group, -far), _kept(group, far)
        case "across":
            start, end = -(group.x + group.width + _OUT), 1 + _OUT - group.x
            start, end = (start, end) if to_right else (end, start)
        case "in_left" | "in_right":
            start = -(group.x + group.width + _OUT) if to_right else 1 + _OUT - group.x
            end = 0.0
        case "out_left" | "out_right":
            start, end = 0.0, 1 + _OUT - group.x if to_right else -(group.x + group.width + _OUT)
        case _:
            start, end = _OUT - group.x, 1 - _OUT - group.width - group.x
            start, end = (start, end) if to_right else (end, start)
    easing = "out" if told.way in {"in_left", "in_right"} else "linear"
    return _line(start, end), easing


def _kept(group: Box, by: float) -> float:
    """Not farther than to the edge."""
    return min(max(by, _OUT - group.x), 1 - _OUT - group.width - group.x)


def _line(start: float, end: float) -> tuple[Key, ...]:
    return Key(0.0, x=_r(start)), Key(1.0, x=_r(end))


def _upright(one: Placed, told: Act, group: Box, to_right: bool) -> _Way:
    """Up to the top, or down to where things stand."""
    top, high = one.box.y, one.box.height
    if told.way == "up" or told.deed == "rise":
        start = max(0.0, 0.72 - high - top) if one.habitat in {"air", "far"} else 0.0
        return (Key(0.0, y=_r(start)), Key(1.0, y=_r(min(-0.05, 0.05 - top)))), "in_out"
    if one.habitat == "far":
        return (Key(0.0), Key(1.0, y=_r(0.62 - top))), "in_out"
    end = 0.9 - high - top if one.habitat == "air" else 0.0
    start = -(top + high + _OUT) if told.deed == "fall" else 0.0
    easing = "bounce" if told.deed == "fall" and one.habitat == "ground" else "in_out"
    return (Key(0.0, y=_r(start)), Key(1.0, y=_r(max(end, 0.0)))), easing


def _jump(one: Placed, told: Act, group: Box, to_right: bool) -> _Way:
    hops = 3 if told.way != "none" else 2
    line, _ = _way(one, told, group, to_right) if told.way not in {"none", "up"} else ((), "")
    start, end = (line[0].x, line[-1].x) if line else (0.0, 0.0)
    high = -min(0.24, max(0.08, one.box.y - 0.04))
    count = 2 * hops
    keys = tuple(
        Key(
            _r(at / count),
            x=_r(start + (end - start) * at / count),
            y=_r(high) if at % 2 else 0.0,
        )
        for at in range(count + 1)
    )
    return keys, "linear"


def _grow(one: Placed, told: Act, group: Box, to_right: bool) -> _Way:
    less, more = (0.45, 1.25) if told.deed == "grow" else (1.0, 0.35)
    return (Key(0.0, scale=less), Key(1.0, scale=more)), "in_out"


def _seen(one: Placed, told: Act, group: Box, to_right: bool) -> _Way:
    if told.deed == "appear":
        return (Key(0.0, opacity=0.0, scale=0.8), Key(0.35), Key(1.0)), "in_out"
    return (Key(0.0), Key(0.6), Key(1.0, opacity=0.0, scale=0.8)), "in_out"


def _circle(one: Placed, told: Act, group: Box, to_right: bool) -> _Way:
    around = ((0.0, -1.0), (0.7, -0.7), (1.0, 0.0), (0.7, 0.7), (0.0, 1.0), (-0.7, 0.7))
    around = (*around, (-1.0, 0.0), (-0.7, -0.7), (0.0, -1.0))
    radius = min(0.12, one.box.y)
    keys = tuple(
        Key(_r(at / 8), x=_r(0.16 * x * (1 if to_right else -1)), y=_r(radius * (y + 1) / 2))
        for at, (x, y) in enumerate(around)
    )
    return keys, "linear"


def _idle(one: Placed) -> Motion | None:
    """What things do of themselves."""
    concept = one.thing.concept
    if concept in _STARS:
        return Motion(habit="twinkle")
    if "cloud" in concept:
        return Motion((Key(0.0, x=-0.03), Key(1.0, x=0.03)), "linear")
    if concept in _WINGED and one.habitat == "air":
        return Motion(habit="flutter")
    if one.habitat in {"afloat", "water"}:
        return Motion(habit="bob")
    return Motion(habit="drift") if one.habitat == "air" else None


def _turned(key: Key, turn: float) -> Key:
    return Key(key.at, key.x, key.y, key.scale, _r(turn * key.at), key.opacity)


def _around(one: Box, other: Box) -> Box:
    x, y = min(one.x, other.x), min(one.y, other.y)
    right = max(one.x + one.width, other.x + other.width)
    foot = max(one.y + one.height, other.y + other.height)
    return Box(x, y, right - x, foot - y)


def _r(number: float) -> float:
    return round(number, 4)


_SPECIAL: Mapping[Deed, Callable[[Placed, Act, Box, bool], _Way]] = {
    "jump": _jump,
    "grow": _grow,
    "shrink": _grow,
    "appear": _seen,
    "vanish": _seen,
    "circle": _circle,
    "rise": _upright,
    "fall": _upright,
}
