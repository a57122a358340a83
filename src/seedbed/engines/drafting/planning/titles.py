"""What is written on a shot: where it stands, how large, in which colour.

Floor 3. A title has its room, and nothing else lies there.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from seedbed.core.scene.layers import Text, Type
from seedbed.core.scene.measures import Box
from seedbed.core.scene.motion import Key, Motion
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.colours import mix
from seedbed.engines.drafting.planning.palettes import behind, is_busy, reads, standing_out
from seedbed.engines.drafting.planning.places import Where
from seedbed.engines.drafting.planning.quoted import Quote, Side

_HEIGHTS = {"title": 0.13, "text": 0.09, "sign": 0.08, "caption": 0.052}
_WIDEST = 0.88
_EDGE = 0.055
_LEADING = 1.24
_PLATE = "#0b1020b8"
RISE = Motion((Key(0.0, y=0.02, opacity=0.0), Key(0.14), Key(1.0)), easing="out")
"""How a text comes in."""


def texts(
    quotes: Sequence[Quote], where: Where, form: float, *, alone: bool, is_film: bool
) -> list[Text]:
    """The texts of a shot, from above; `alone` where there is nothing else to be seen."""
    used: dict[Side, float] = {"top": _EDGE, "bottom": 1 - _EDGE, "middle": 0.5}
    found: list[Text] = []
    for place, one in enumerate(quotes):
        side = one.side or _side(one, place, alone=alone)
        box = _column(one, form) if one.upright else _row(one, form, side, used)
        motion = RISE if is_film else None
        found.append(lettered(f"text-{place + 1}", one, box, where, motion))
    return found


def _side(one: Quote, place: int, *, alone: bool) -> Side:
    if one.use == "caption":
        return "bottom"
    if alone:
        return "middle"
    return "top" if one.use == "title" or not place else "bottom"


def _row(one: Quote, form: float, side: Side, used: dict[Side, float]) -> Box:
    """A box as wide as the words, in as many lines as they need."""
    high = _HEIGHTS[one.use] * one.scale * min(1.0, 0.42 + 0.4 * form)
    ems = max(sum(1.0 if ord(each) > 0x2E7F else 0.56 for each in line) for line in _lines(one))
    count = len(_lines(one))
    while (lines := count * -(-ems * high / form // _WIDEST)) * high * _LEADING > 0.42:
        high *= 0.85
    wide = min(_WIDEST, 1.1 * ems * high / form + 0.02)
    tall = min(0.5, lines * high * _LEADING)
    y = {"top": used["top"], "bottom": used["bottom"] - tall, "middle": used["middle"] - tall / 2}
    step = tall + 0.02
    used[side] += -step if side == "bottom" else step
    x = {"left": _EDGE, "right": 1 - _EDGE - wide}.get(one.aside or "", (1 - wide) / 2)
    return _rounded(Box(x, min(max(y[side], 0.02), 0.98 - tall), wide, tall))


def _lines(one: Quote) -> list[str]:
    return one.text.split("\n")


def _column(one: Quote, form: float) -> Box:
    """A box for lines from the top to the bottom, at the right edge."""
    high = min(_HEIGHTS[one.use] * one.scale, 0.8 / max(1, len(one.text)))
    tall = min(0.86, len(one.text) * high * 1.12)
    wide = min(0.4, 1.3 * high / form)
    return _rounded(Box(0.94 - wide, 0.07, wide, tall))


def lettered(id_: str, one: Quote, box: Box, where: Where, motion: Motion | None) -> Text:
    """A text in its box, in a colour that is read on what lies behind it."""
    ground = behind(where, box.centre[1])
    colour = one.colour or standing_out(ground)
    plate = _PLATE if one.use in {"sign", "caption"} and one.colour is None else None
    style = Type(
        weight=700 if one.use in {"title", "sign"} or one.bold else 500,
        italic=one.italic,
        colour="#ffffff" if plate else colour,
        upright=one.upright,
        plate=plate,
    )
    if plate is None:
        edge = standing_out(colour)
        is_plain = reads(colour, ground) and not is_busy(where)
        soft = edge if not reads(colour, ground) else mix(ground, edge, 0.7)
        style = replace(style, shadow=f"{edge}80", outline=None if is_plain else soft)
    return Text(id=id_, name=one.use, text=one.text, box=box, type=style, motion=motion)


def _rounded(box: Box) -> Box:
    return Box(*(round(each, 4) for each in (box.x, box.y, box.width, box.height)))


def labelled(scene: Scene) -> Scene:
    """The Scene with a word in its lower right corner, on each shot, that says what made it."""
    word = "AI 生成" if _HAN.search(scene.said) else "AI generated"
    shots = [
        shot
        if shot.layer(LABEL)
        else replace(shot, layers=(*shot.layers, replace(_LABEL, text=word)))
        for shot in scene.shots
    ]
    return replace(scene, shots=tuple(shots))


LABEL = "ai-label"
"""The id of the layer that says so."""
_HAN = re.compile("[\u4e00-\u9fff]")
_LABEL = Text(
    id=LABEL,
    name="label",
    text="",
    box=Box(0.62, 0.935, 0.36, 0.045),
    type=Type(weight=500, align="right", colour="#ffffffe0", shadow="#000000a0"),
)
