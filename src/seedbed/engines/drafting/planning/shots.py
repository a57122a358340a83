"""A shot put together of what was told of it: its backdrop, its things, its words, its camera.

Floor 3.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seedbed.core.scene.layers import AnyLayer, Backdrop, Subject
from seedbed.core.scene.motion import HELD, Camera, Transition
from seedbed.core.scene.relations import holds
from seedbed.core.scene.scene import Relation, Shot
from seedbed.engines.drafting.planning.cameras import Look
from seedbed.engines.drafting.planning.figures import Facing, Figures
from seedbed.engines.drafting.planning.layout import Placed, Sheet, laid
from seedbed.engines.drafting.planning.motions import Move, flipped, move, together
from seedbed.engines.drafting.planning.nature import BUST, MOUNTS, RIDERS
from seedbed.engines.drafting.planning.places import Where
from seedbed.engines.drafting.planning.quoted import Quote
from seedbed.engines.drafting.planning.things import Thing, doing
from seedbed.engines.drafting.planning.titles import texts

_BOTTOMLESS = {"sky", "space"}
_RAINBOW = ("#e53935", "#fdd835", "#1e88e5", "#43a047", "#fb8c00", "#8e24aa")
_NEARING = Camera("dolly", "in", amount=0.06, easing="linear")


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one shot. `focus` is the concept that the camera looks at."""

    things: tuple[Thing, ...]
    where: Where
    quotes: tuple[Quote, ...]
    look: Look | None
    into: Transition
    seconds: float
    focus: str | None = None


@dataclass(frozen=True, slots=True)
class Making:
    """What all shots of a Scene have in common."""

    form: float
    is_film: bool
    figures: Figures
    seed: int


def shot(number: int, told: Told, making: Making) -> Shot:
    """The shot of that number, counted from 1."""
    things = tuple(_drawn(one, making.figures) for one in _ridden(told.things))
    read = [one for one in told.quotes if one.use != "speech"]
    written = texts(read, told.where, making.form, alone=not things, is_film=making.is_film)
    ground = told.where.ground or "plain"
    sheet = Sheet(ground, making.form, tuple(one.box for one in written))
    placed = laid(things, sheet, making.figures)
    subjects = _subjects(placed, making, casts=ground not in _BOTTOMLESS)
    layers: list[AnyLayer] = [_backdrop(told.where, making.seed), *subjects, *written]
    return Shot(
        id=f"shot-{number}",
        seconds=told.seconds if making.is_film else 0.0,
        layers=tuple(layers),
        relations=tuple(_relations(placed, subjects)),
        camera=_camera(told, placed, subjects) if making.is_film else HELD,
        into=told.into,
    )


def _ridden(things: Sequence[Thing]) -> list[Thing]:
    """Riders and what carries them do the same; the upper half is seen, where there is one."""
    acts = {one.key: one.act for one in things if one.concept in MOUNTS}
    riders = {one.link[1]: one for one in things if one.link and one.link[0] == "on"}
    found: list[Thing] = []
    for one in things:
        mount = one.link[1] if one.link and one.link[0] == "on" else None
        if mount in acts:
            bust = BUST if one.concept in RIDERS else ""
            found.append(replace(one, concept=one.concept + bust, act=one.act or acts[mount]))
        elif one.key in acts and one.key in riders:
            found.append(replace(one, act=one.act or riders[one.key].act))
        else:
            found.append(one)
    return found


def _drawn(thing: Thing, figures: Figures) -> Thing:
    concept = doing(thing.concept, thing.act)
    return replace(thing, concept=concept) if concept in figures else thing


def _backdrop(where: Where, seed: int) -> Backdrop:
    return Backdrop(
        id="backdrop",
        place=where.ground or "plain",
        time=where.time or "day",
        weather=where.weather or "clear",
        colours=where.colours,
        seed=seed,
    )


def _subjects(placed: Sequence[Placed], making: Making, *, casts: bool) -> list[Subject]:
    groups = together(placed)
    carried = _carried(placed, making.figures)
    seen: Counter[str] = Counter()
    made: list[Subject] = []
    for one in placed:
        concept = one.thing.concept
        seen[concept] += 1
        facing = making.figures[concept].facing
        group = groups[one.thing.act] if one.thing.act else one.box
        moved = move(one, group, carried.get(one.thing.key, facing))
        made.append(
            Subject(
                id=concept if seen[concept] == 1 else f"{concept}-{seen[concept]}",
                name=one.thing.name,
                what=concept,
                box=one.box,
                depth=one.depth,
                flip=flipped(facing, right=_right(one.thing, moved)),
                colour=_colour(one),
                shadow=casts and one.habitat == "ground" and not one.is_held,
                motion=moved.motion if making.is_film else None,
            )
        )
    return made


def _right(thing: Thing, moved: Move) -> bool | None:
    """Whether it looks to the right: as it moves, or else as is said."""
    if moved.right is not None or thing.left is None:
        return moved.right
    return not thing.left


def _carried(placed: Sequence[Placed], figures: Figures) -> dict[int, Facing]:
    """Whither those look who ride: as what carries them."""
    mounts = {one.thing.key: one.thing.concept for one in placed if one.thing.concept in MOUNTS}
    links = {one.thing.key: one.thing.link for one in placed if one.thing.link}
    return {
        key: figures[mounts[other]].facing
        for key, (rule, other) in links.items()
        if rule == "on" and other in mounts
    }


def _colour(one: Placed) -> str | None:
    """What is colourful has another colour each time."""
    is_many = one.thing.is_colourful and one.thing.count > 1
    return one.thing.colour or (_RAINBOW[one.number % len(_RAINBOW)] if is_many else None)


def _relations(placed: Sequence[Placed], subjects: Sequence[Subject]) -> list[Relation]:
    """What was said of how things lie, as far as it is so."""
    first: dict[int, Subject] = {}
    for one, subject in zip(placed, subjects, strict=True):
        first.setdefault(one.thing.key, subject)
    found: list[Relation] = []
    for one in {each.thing.key: each.thing for each in placed}.values():
        if one.link is None or one.link[1] not in first:
            continue
        a, b = first[one.key], first[one.link[1]]
        rule = one.link[0]
        relation = Relation(a.id, rule if rule in _RULES else _NEAREST[rule], b.id)  # pyright: ignore[reportArgumentType]
        if a.id != b.id and holds(relation, a.box, b.box):
            found.append(relation)
    return found


_RULES = {"left_of", "right_of", "above", "below"}
_NEAREST = {"on": "above", "beside": "apart", "behind": "apart", "front": "apart"}


def _camera(told: Told, placed: Sequence[Placed], subjects: Sequence[Subject]) -> Camera:
    if told.look is None:
        still = not any(one.motion and one.motion.keys for one in subjects)
        return _NEARING if subjects and still else HELD
    camera = told.look.camera
    if told.look.follows:
        goes = next((one for one in subjects if one.motion and one.motion.keys), None)
        if goes and goes.motion and goes.motion.keys[-1].x < goes.motion.keys[0].x:
            camera = replace(camera, toward="left")
    focus = next((one for one in placed if one.thing.concept == told.focus), None)
    if focus is not None and camera.move in {"zoom", "dolly"}:
        x, y = focus.box.centre
        camera = replace(camera, x=round(x, 3), y=round(y, 3))
    return camera
