"""Floor 3. The grounds that a shot may have, made by rule: one function each, in planes."""

from collections.abc import Callable, Mapping

from seedbed.core.scene.layers import Ground
from seedbed.engines.drafting.grounds.bare import desert, snow
from seedbed.engines.drafting.grounds.city import city
from seedbed.engines.drafting.grounds.forest import forest
from seedbed.engines.drafting.grounds.indoors import gradient, room, single, studio
from seedbed.engines.drafting.grounds.land import field, mountains
from seedbed.engines.drafting.grounds.moon import moon
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.sky import sky
from seedbed.engines.drafting.grounds.space import space
from seedbed.engines.drafting.grounds.street import street
from seedbed.engines.drafting.grounds.underwater import underwater
from seedbed.engines.drafting.grounds.water import beach, sea
from seedbed.engines.drafting.grounds.weather import weather

_GROUNDS: Mapping[Ground, Callable[[Setting], list[Plane]]] = {
    "plain": single,
    "gradient": gradient,
    "sky": lambda at: sky(at, 1.0),
    "sea": sea,
    "beach": beach,
    "city": city,
    "forest": forest,
    "mountains": mountains,
    "desert": desert,
    "field": field,
    "snow": snow,
    "space": space,
    "studio": studio,
    "room": room,
    "street": street,
    "underwater": underwater,
    "moon": moon,
}
_INDOORS = {"studio", "room", "space", "underwater", "moon"}
SKIES = {"sky"}
"""Grounds whose colours are those of the sky itself."""


def ground(place: Ground, at: Setting) -> list[Plane]:
    """The planes of a ground, the farthest first, with its weather before them."""
    planes = _GROUNDS[place](at)
    return planes if place in _INDOORS else [*planes, *weather(at)]
