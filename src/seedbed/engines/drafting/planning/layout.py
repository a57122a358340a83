"""Where the things of a shot stand: by the rule of thirds, on the ground of their backdrop, nobody
before anybody, the near ones lower and larger.

Floor 3. Pure: things in, boxes out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from seedbed.core.scene.layers import Ground
from seedbed.core.scene.measures import Box
from seedbed.engines.drafting.horizons import FLOATING, HORIZONS, LAMPS
from seedbed.engines.drafting.planning.figures import Figures
from seedbed.engines.drafting.planning.nature import (
    BUST,
    MOUNTS,
    SEATS,
    SUNK,
    Habitat,
    habitat,
    height,
)
from seedbed.engines.drafting.planning.spots import EDGE, GAP, free, inside
from seedbed.engines.drafting.planning.things import Thing

_IN_ROW = 6
_LEFT, _RIGHT = 0.34, 0.66
_BESIDE = frozenset({"beside", "behind", "front"})
_BARE = frozenset({"plain", "gradient", "studio"})
"""Grounds with nothing on them, which things fill."""
_MOST, _MOST_HELD = 0.6, 0.36
"""How high a thing is at most; less, where something is above it."""
_CROWDS = ((1, 1.0), (3, 0.86), (6, 0.7), (12, 0.56), (99, 0.44))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What things are laid on: its ground, its form (times as wide as high), and what is taken."""

    ground: Ground
    form: float
    taken: tuple[Box, ...] = ()

    @property
    def horizon(self) -> float:
        """Where the land begins, as a share of the height."""
        return HORIZONS[self.ground]


@dataclass(frozen=True, slots=True)
class Placed:
    """One of a thing, and where it is."""

    thing: Thing
    number: int
    box: Box
    depth: float
    habitat: Habitat

    @property
    def foot(self) -> float:
        """Its lower edge."""
        return self.box.y + self.box.height

    @property
    def is_held(self) -> bool:
        """Whether it is above something, rather than on the ground."""
        return self.thing.link is not None and self.thing.link[0] in {"above", "on"}


def laid(things: Sequence[Thing], sheet: Sheet, figures: Figures) -> list[Placed]:
    """Boxes for all things, those farthest away first."""
    wanted = _spread(things, sheet, figures)
    share = _share_of_room(wanted, sheet, figures)
    placed: dict[int, list[Placed]] = {}
    for thing in _in_order(wanted, {one.key for one in things if one.x is not None}):
        other = _seat(thing, placed[thing.link[1]][0]) if thing.link else None
        most = _MOST_HELD if _carries(thing, wanted) else _MOST
        for number in range(thing.count):
            boxes = [*sheet.taken, *_in_the_way(thing, placed)]
            start = _start(thing, number, sheet, (figures, share, most))
            box = _beside(thing, start, other, sheet.taken) if other else start
            reach = other.width / 2 if other and thing.link and thing.link[0] == "on" else 1.0
            found = free(box, boxes, reach if _is_stacked(thing) else None)
            placed.setdefault(thing.key, []).append(_placed(thing, number, found, sheet))
    seats = {key: each[0] for key, each in placed.items() if each[0].thing.concept in SEATS}
    return sorted(
        (one for each in placed.values() for one in each), key=lambda one: _far_first(one, seats)
    )


def _sits(thing: Thing, other: Thing) -> bool:
    return thing.link == ("on", other.key) and other.concept in SEATS


def _seat(thing: Thing, other: Placed) -> Box:
    """The box of another as far as something lies to it: what sits is on the seat of it."""
    if not _sits(thing, other.thing):
        return other.box
    rides = other.thing.concept in MOUNTS and not thing.concept.endswith(BUST)
    down = (SEATS[other.thing.concept] + SUNK * rides) * other.box.height
    return replace(other.box, y=other.box.y + down, height=other.box.height - down)


def _in_the_way(thing: Thing, placed: Mapping[int, Sequence[Placed]]) -> list[Box]:
    """What it may not cover."""
    there = (one for each in placed.values() for one in each)
    return [_seat(thing, one) for one in there]


def _carries(thing: Thing, others: Sequence[Thing]) -> bool:
    """Whether something is above it."""
    held = (one.link for one in others if one.link and one.link[1] == thing.key)
    return any(rule in {"above", "on"} for rule, _ in held)


def _far_first(one: Placed, seats: Mapping[int, Placed]) -> tuple[int, float, int]:
    """Who sits is before the seat, and who rides behind the back that carries them."""
    under = seats.get(one.thing.link[1]) if one.thing.link and one.thing.link[0] == "on" else None
    kind, foot = (one.habitat, one.foot) if under is None else (under.habitat, under.foot)
    rank = {"far": 0, "air": 1}.get(kind, 2)
    over = 0 if under is None else -1 if under.thing.concept in MOUNTS else 1
    return rank, foot if rank == 2 else 0.0, over


def _is_stacked(thing: Thing) -> bool:
    return thing.link is not None and thing.link[0] in {"above", "on", "below"}


def _in_order(things: Sequence[Thing], told: Collection[int]) -> list[Thing]:
    """What others lie to comes first, then what has a place that was told; a ring is cut."""
    left, done = list(things), list[Thing]()
    known: set[int] = set()
    while left:
        ready = [one for one in left if one.link is None or one.link[1] in known]
        ready = ready or [replace(left[0], link=None)]
        ready.sort(key=lambda one: one.key not in told)
        known |= {one.key for one in ready}
        left = [one for one in left if one.key not in known]
        done += ready
    return done


def _spread(things: Sequence[Thing], sheet: Sheet, figures: Figures) -> list[Thing]:
    """With a place from the left to the right for each that has none."""
    keys = {one.key for one in things}
    kept = [one if one.link and one.link[1] in keys else replace(one, link=None) for one in things]
    sides = {one.link[1]: one.link[0] for one in kept if one.link}
    free = [one for one in kept if one.x is None and not _is_stacked(one)]
    for land in (True, False):
        row = [one for one in free if (habitat(one.concept) in {"far", "air"}) is not land]
        told = [one.x for one in kept if one.x is not None and one not in row]
        places = _thirds(row, sheet, figures, told, land=land)
        for one, x in zip(row, places, strict=True):
            side = sides.get(one.key)
            at = {"left_of": _RIGHT, "right_of": _LEFT}.get(side or "", x)
            rule = one.link[0] if one.link else ""
            at = {"left_of": _LEFT, "right_of": _RIGHT}.get(rule, at)
            kept[kept.index(one)] = replace(one, x=at)
    return kept


def _thirds(
    row: Sequence[Thing], sheet: Sheet, figures: Figures, told: Sequence[float], *, land: bool
) -> list[float]:
    """Places for things in a row: on the lines of the thirds, and evenly where there are more."""
    if len(row) == 1:
        one = row[0]
        if not land:
            return [0.8 if one.concept in LAMPS else _LEFT]
        if one.count > 2 or sheet.ground in _BARE or sheet.form < 1:
            return [0.5]
        if told:
            return [_RIGHT if told[0] < 0.5 else _LEFT]
        return [_RIGHT if figures[one.concept].facing == "left" else _LEFT]
    if len(row) == 2:
        together = [one.link is not None and one.link[0] in _BESIDE for one in row]
        return [0.42, 0.42] if any(together) else [0.3, 0.7]
    return [0.12 + 0.76 * (place + 0.5) / len(row) for place in range(len(row))]


def _share_of_room(things: Sequence[Thing], sheet: Sheet, figures: Figures) -> float:
    """By how much all are made smaller, or larger, so that those on the ground fill their row."""
    on_land = [one for one in things if habitat(one.concept) not in {"far", "air"}]
    if not on_land:
        return 1.4 if sum(one.count for one in things) == 1 else 1.1
    wide = sum(_size(one, sheet, figures)[0] * one.count for one in on_land)
    most = 2.2 if sheet.ground in _BARE else 1.5 if len(on_land) == 1 else 1.25
    return min(most, max(0.5, 0.8 / wide) if wide else 1.0)


def _size(thing: Thing, sheet: Sheet, figures: Figures) -> tuple[float, float]:
    """How wide and high one of it is, before it is known who else is there."""
    crowd = next(share for most, share in _CROWDS if thing.count <= most)
    high = height(thing.concept) * thing.scale * crowd * (1 + 0.3 * thing.near)
    aspect = figures[thing.concept].aspect / sheet.form
    return high * aspect, high


def _start(thing: Thing, number: int, sheet: Sheet, how: tuple[Figures, float, float]) -> Box:
    """Where one would be if it were alone."""
    figures, share, highest = how
    wide, high = _size(thing, sheet, figures)
    kind = habitat(thing.concept)
    share = min(share, 1.0) if kind == "far" else share
    most = min(highest / high, (0.8 if thing.count == 1 else 0.5) / wide)
    wide, high = (side * min(share, most) for side in (wide, high))
    x = (thing.x if thing.x is not None else 0.5) + _aside(number, thing.count) * wide * 1.12
    y = _top(thing, kind, high, number, sheet)
    return inside(Box(x - wide / 2, y, wide, high))


def _aside(number: int, count: int) -> float:
    """How many widths beside the middle of its group; rows stand behind one another."""
    row = _row(count)
    first = number // row * row
    return number - first - (min(row, count - first) - 1) / 2


def _row(count: int) -> int:
    """How many of a group stand side by side."""
    return -(-count // -(-count // _IN_ROW))


def _top(thing: Thing, kind: Habitat, high: float, number: int, sheet: Sheet) -> float:
    """The upper edge of something so high."""
    horizon = sheet.horizon
    if thing.y is not None:
        return thing.y - high / 2 if thing.y < 0.5 else 0.95 - high
    wave = 0.07 * ((number * 0.618) % 1 - 0.5)
    if kind == "far":
        return 0.18 - high / 2 + wave
    if kind == "air":
        return min(0.34, 0.5 * min(1.0, horizon)) - high / 2 + 2 * wave
    if sheet.ground == "underwater" and kind == "water":
        return 0.5 - high / 2 + 4 * wave
    if horizon == FLOATING:
        return 0.55 - high / 2 - (0.1 * thing.near if thing.near < 0 else 0) + wave
    behind = number // _row(thing.count) * max(0.36 * (0.96 - horizon), high + 1.5 * GAP)
    return max(_foot(thing, kind, sheet) - behind, horizon + EDGE) - high


def _foot(thing: Thing, kind: Habitat, sheet: Sheet) -> float:
    """Where something stands: large ones farther back, small ones nearer."""
    land = 0.96 - sheet.horizon
    if kind in {"afloat", "water"} and sheet.ground in {"sea", "beach"}:
        return sheet.horizon + land * (0.3 if kind == "afloat" else 0.75)
    high = height(thing.concept)
    near = 0.35 if high >= 0.4 else 0.55 if high >= 0.25 else 0.72
    return sheet.horizon + land * min(1.0, max(0.06, near + 0.38 * thing.near))


def _beside(thing: Thing, box: Box, other: Box, taken: Sequence[Box]) -> Box:
    """Moved to how it is said to lie to another."""
    rule = thing.link[0] if thing.link else ""
    middle, under = other.x + other.width / 2, other.y + other.height
    match rule:
        case "above" | "on":
            top = max([EDGE, *(one.y + one.height for one in taken if one.y < other.y)])
            room = max(0.06, other.y - top - 2 * GAP)
            share = min(1.0, room / box.height)
            wide, high = box.width * share, box.height * share
            rest = (room - high) * (0.4 if rule == "above" else 0.0)
            return Box(middle - wide / 2, other.y - GAP - high - rest, wide, high)
        case "below":
            share = min(1.0, max(0.06, 0.97 - under - GAP) / box.height)
            wide, high = box.width * share, box.height * share
            y = max(under + GAP, box.y + box.height - high)
            return Box(middle - wide / 2, y, wide, high)
        case "beside" | "behind" | "front":
            side = 1 if middle < 0.5 else -1
            x = middle + side * (other.width / 2 + box.width / 2 + 2 * GAP)
            return inside(replace(box, x=x - box.width / 2))
        case _:
            return box


def _placed(thing: Thing, number: int, box: Box, sheet: Sheet) -> Placed:
    kind = habitat(thing.concept)
    foot = box.y + box.height
    if kind == "far":
        depth = 0.06
    elif kind == "air":
        depth = 0.35
    else:
        land = (foot - sheet.horizon) / (1 - sheet.horizon) if sheet.horizon < 1 else 0.4
        depth = 0.35 + 0.5 * min(1.0, max(0.0, land))
    rounded = Box(*(round(each, 4) for each in (box.x, box.y, box.width, box.height)))
    return Placed(thing, number, rounded, round(depth, 3), kind)
