"""Where the land of each ground begins, for whoever places things on it.

Floor 3. Shares of the height, from above. What stands on the ground has its foot between the
`horizon` and the bottom; where there is no land, things float.
"""

from collections.abc import Mapping

from seedbed.core.scene.layers import Ground

FLOATING = 1.0
"""The horizon of a ground without land."""
HORIZONS: Mapping[Ground, float] = {
    "plain": FLOATING,
    "gradient": FLOATING,
    "sky": FLOATING,
    "sea": 0.58,
    "beach": 0.74,
    "city": 0.82,
    "forest": 0.74,
    "mountains": 0.76,
    "desert": 0.66,
    "field": 0.64,
    "snow": 0.66,
    "space": FLOATING,
    "studio": 0.72,
    "room": 0.74,
    "street": 0.74,
    "underwater": 0.86,
    "moon": 0.7,
}
LAMPS = frozenset(
    {
        *("sun", "sun-with-face", "full-moon", "full-moon-face", "crescent-moon", "ringed-planet"),
        *("first-quarter-moon", "last-quarter-moon", "waning-crescent-moon", "new-moon"),
        *("waxing-crescent-moon", "waxing-gibbous-moon", "waning-gibbous-moon"),
        *("first-quarter-moon-face", "last-quarter-moon-face", "new-moon-face"),
        *("globe-showing-americas", "globe-showing-asia-australia", "globe-showing-europe-africa"),
    }
)
"""Subjects that stand in the place of the sun, the moon and the planets of a ground."""
