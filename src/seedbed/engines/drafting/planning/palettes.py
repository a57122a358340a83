"""Five colours that go together, from the light of a shot; and colours that stand out from it.

Floor 3. About those that the grounds are drawn in, without what draws them: planning needs no more.
"""

from collections.abc import Sequence

from seedbed.core.scene.layers import Ground
from seedbed.engines.drafting.colours import lighter, luminous, mix, under
from seedbed.engines.drafting.planning.places import Time, Weather, Where

INK, PAPER = "#16233f", "#ffffff"
_LANDS: dict[Ground, str] = {
    "plain": "#dfe7ef",
    "gradient": "#5a7fc2",
    "sky": "#8fc7ee",
    "sea": "#1f78a8",
    "beach": "#efd6a2",
    "city": "#6d7f9c",
    "forest": "#2f6b45",
    "mountains": "#6f8d78",
    "desert": "#dca35f",
    "field": "#7fb54f",
    "snow": "#e6f0f7",
    "space": "#131a3d",
    "studio": "#d8d4cf",
    "room": "#e0c7a5",
    "street": "#6c7480",
    "underwater": "#15618e",
    "moon": "#9a9cab",
}
_SKIES: dict[Time, tuple[str, ...]] = {
    "day": ("#2f8fe6", "#74c1f5", "#d9f1fb"),
    "dawn": ("#6f86c9", "#e0a3bf", "#ffd0a6"),
    "dusk": ("#2a2867", "#7c3f8c", "#e2686a"),
    "night": ("#060b26", "#101d50", "#2b4488"),
}
_TONES: dict[Time, str] = {
    "day": "#ffffff",
    "dawn": "#ffe3d8",
    "dusk": "#d99c9c",
    "night": "#495a9c",
}
_COVERS: dict[Weather, tuple[str, float]] = {
    "clear": ("#ffffff", 0.0),
    "cloudy": ("#c3cfd9", 0.5),
    "rain": ("#8c9cab", 0.7),
    "snow": ("#dde7ef", 0.6),
    "fog": ("#d5dde2", 0.75),
    "storm": ("#56626f", 0.85),
}
_OWN = {"plain", "studio", "room", "underwater", "gradient"}
"""Grounds whose air has the colour of the ground."""


def palette(where: Where, colours: Sequence[str]) -> tuple[str, ...]:
    """Ink, air, ground, accent and paper; the first of these colours is the accent."""
    air, ground = behind(where, 0.2), land(where)
    accent = colours[0] if colours else ("#ffb703" if luminous(ground) < 0.8 else "#e4572e")
    return (mix(INK, air, 0.12), air, ground, accent, lighter(air, 0.86))


def land(where: Where) -> str:
    """The colour of the ground, about, in its light."""
    ground = where.ground or "plain"
    if where.colours:
        return where.colours[-1]
    is_lit = ground not in {"space", "underwater", "moon"}
    return under(_LANDS[ground], _TONES[where.time or "day"]) if is_lit else _LANDS[ground]


def behind(where: Where, y: float) -> str:
    """The colour, about, that lies at a height of the canvas."""
    ground = where.ground or "plain"
    if where.colours and ground not in {"field", "forest"}:
        return where.colours[0]
    if ground in _OWN or ground in {"space", "moon"} or y > 0.66:
        return land(where)
    if ground == "forest":
        return mix(land(where), "#ffffff", 0.2)
    cover, share = _COVERS[where.weather or "clear"]
    time = where.time or "day"
    sky = _SKIES[time]
    colour = sky[min(len(sky) - 1, int(y / 0.66 * len(sky)))]
    return mix(colour, under(cover, _TONES[time]), share)


def standing_out(ground: str) -> str:
    """Paper or ink, whichever is read better on a colour."""
    return INK if luminous(ground) > 0.72 else PAPER


def reads(colour: str, ground: str) -> bool:
    """Whether a colour is read on another."""
    return abs(luminous(colour) - luminous(ground)) > 0.32


def is_busy(where: Where) -> bool:
    """Whether clouds, leaves or curtains may lie behind a text."""
    is_calm = where.ground in {None, "plain", "gradient", "studio", "space", "underwater", "moon"}
    return not is_calm and where.time != "night"
