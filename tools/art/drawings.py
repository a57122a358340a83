"""Pictures from the packages: one for each concept, and what is measured of it once and for all."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from art.own import BUST, SIDE, own
from art.packages import FLUENT, NOTO, Concept, Package, concepts, plain_code, read
from seedbed.engines.drafting.art import Drawing, Facing
from seedbed.engines.drafting.tint import Shade, apart, shade

Pixels = NDArray[np.uint8]

_SHORT = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])\b", re.IGNORECASE)
_LONG = re.compile(r"#[0-9a-f]{6}\b", re.IGNORECASE)
_ACROSS = 1024
_THINGS = 7  # the group of emojibase's of what no package has
_GROUND = 0.05  # of its height: what is this near to its lowest point touches the ground
_COLOURFUL = 0.22  # of its surface: less colour than this is trimming on something grey
_NEAR_DEGREES = 42.0
# What keeps its colour whatever the rest is painted: skin and hair of people, windows and water.
_KEPT = {
    1: frozenset({"#ffb02e", "#ffc83d", "#f1a11e", "#d67d00", "#7d4533", "#f59f00"}),
    5: frozenset({"#26c9fc", "#00a6ed", "#50e2ff", "#46a4fb", "#83cbff", "#26eafc"}),
}


def drawings(folder: Path) -> list[Drawing]:
    """All of them, by concept: our own, Fluent's, or Noto's for what that lacks."""
    marks = tomllib.loads((Path(__file__).parent / "drawings.toml").read_text())
    shelves = [_shelf(folder, package) for package in (FLUENT, NOTO)]
    made: dict[str, Drawing] = {}
    known = {concept.id: concept for concept in concepts(folder)}
    for concept in known.values():
        found = next((shelf[concept.code] for shelf in shelves if concept.code in shelf), None)
        if found is not None and not concept.id.startswith("family"):  # Noto has signs for those
            body, side = found
            bare = _bare(body, marks["ground"].get(concept.id))
            made[concept.id] = _measured(concept, bare, side, marks=marks)
    bodies = {name: one.body for name, one in made.items() if one.side == SIDE}
    for name, body in own(bodies):
        concept = known.get(name, Concept(name, "", _THINGS, {}, {}))
        if (published := made.get(name)) is not None:
            made[name + BUST] = replace(published, concept=name + BUST)
        whole = _measured(concept, body, SIDE, marks=marks)
        made[name] = replace(whole, sign="")  # among letters a sign stays as it was published
    return [made[name] for name in sorted(made)]


def _shelf(folder: Path, package: Package) -> Mapping[str, tuple[str, float]]:
    """Bodies and the sides of their squares, by code points."""
    icons = read(folder, package, "icons.json")
    names: dict[str, str] = read(folder, package, "chars.json")
    side = float(icons["width"])
    shelf: dict[str, tuple[str, float]] = {}
    for code, name in names.items():
        row: dict[str, Any] = icons["aliases"].get(name, {})
        picture = icons["icons"].get(row.get("parent", name))
        if picture is not None:
            shelf[plain_code(code)] = (_body(picture["body"], side, bool(row.get("hFlip"))), side)
    return shelf


def _body(body: str, side: float, flipped: bool) -> str:
    """With every colour as `#rrggbb` in small letters."""
    body = _LONG.sub(lambda found: found[0].lower(), _SHORT.sub(r"#\1\1\2\2\3\3", body))
    return f'<g transform="matrix(-1 0 0 1 {side:g} 0)">{body}</g>' if flipped else body


def _bare(body: str, ground: str | None) -> str:
    """Without the outline that begins so."""
    if ground is None:
        return body
    return re.sub(rf'<path [^>]*d="{re.escape(ground)}[^>]*/>', "", body)


def _measured(concept: Concept, body: str, side: float, *, marks: Mapping[str, Any]) -> Drawing:
    whole = Drawing(concept.id, body, side, (0, 0, side, side), (0, side), (), "front")
    pixels = _painted(whole)
    bounds, foot = _bounds(pixels, side)
    shares = Counter(dict(_shares(pixels, body)))
    shades = marks["shades"].get(concept.id) or _shades(shares, _KEPT.get(concept.group))
    facing = _facing(concept.id, marks["facing"])
    shade_of = tuple(shades)
    return Drawing(concept.id, body, side, bounds, foot, shade_of, facing, concept.sign)


def _facing(name: str, ways: Mapping[str, list[str]]) -> Facing:
    if name in ways["left"]:
        return "left"
    return "right" if name in ways["right"] else "front"


def _painted(drawing: Drawing) -> Pixels:
    surface = skia.Surface(_ACROSS, _ACROSS)
    drawing.paint(surface.getCanvas(), skia.Rect.MakeWH(_ACROSS, _ACROSS))
    return surface.toarray(colorType=skia.kRGBA_8888_ColorType)


def _bounds(
    pixels: Pixels, side: float
) -> tuple[tuple[float, float, float, float], tuple[float, float]]:
    """What is not empty, and what of it is near to its lowest point."""
    seen = pixels[:, :, 3] > 24
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    low = bottom - max(1, round((bottom - top) * _GROUND))
    standing = np.flatnonzero(seen[low:bottom].any(axis=0))
    unit = side / _ACROSS
    left, right, near, far = (
        round(int(at) * unit, 3)
        for at in (columns[0], columns[-1] + 1, standing[0], standing[-1] + 1)
    )
    return (left, round(top * unit, 3), right, round(bottom * unit, 3)), (near, far)


def _shades(shares: Counter[str], kept: frozenset[str] | None) -> list[str]:
    """The colours that a tint is for, the main one first: the largest family, or the greys."""
    free = Counter({each: share for each, share in shares.items() if each not in (kept or ())})
    if not free or free.total() < 0.3 * shares.total():
        return []  # a face alone, or black without a word of it
    best = max(free, key=lambda each: (_family(each, free), free[each], each))
    if _family(best, free) < _COLOURFUL * free.total():
        best = max(free, key=lambda each: (_pale(shade(each)), free[each], each))
    kin = [each for each in free if _akin(shade(each), shade(best))] or [best]
    return sorted(kin, key=lambda each: (-free[each], each))


def _family(main: str, shares: Counter[str]) -> float:
    """How much of the picture has the hue of a colour; nothing for what is no colour."""
    if _dull(shade(main)):
        return 0
    return sum(share for each, share in shares.items() if _akin(shade(each), shade(main)))


def _akin(one: Shade, main: Shade) -> bool:
    """Whether both have one hue, or both none; outlines, eyes and wheels are darker than that."""
    if _dull(main):
        return _pale(one)
    return not one.grey and apart(one.hue, main.hue) < _NEAR_DEGREES


def _dull(each: Shade) -> bool:
    return each.grey or each.lightness < 0.33


def _pale(each: Shade) -> bool:
    return each.grey and each.lightness > 0.45


def _shares(pixels: Pixels, body: str) -> Iterator[tuple[str, float]]:
    """Of each colour of the picture, how many of its pixels have it."""
    opaque = pixels[pixels[:, :, 3] > 250][:, :3].astype(np.uint32)
    values = (opaque[:, 0] << 16) | (opaque[:, 1] << 8) | opaque[:, 2]
    for colour in sorted(set(_LONG.findall(body))):
        yield colour, float(np.count_nonzero(values == int(colour[1:], 16)))
