"""The light of a ground: what the time of day and the weather make of the sky and of all colours.

Floor 3. Grounds name their colours as they are by day; `lit` tells how they look in this light,
and how the air before them takes their colour away with distance.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from seedbed.engines.drafting.colours import mix, under

Time: TypeAlias = Literal["day", "dawn", "dusk", "night"]
Weather: TypeAlias = Literal["clear", "cloudy", "rain", "snow", "fog", "storm"]

_SKIES = {
    "day": ("#2f8fe6", "#74c1f5", "#d9f1fb"),
    "dawn": ("#6f86c9", "#e0a3bf", "#ffd0a6", "#fff0cf"),
    "dusk": ("#2a2867", "#7c3f8c", "#e2686a", "#ffbb66"),
    "night": ("#060b26", "#101d50", "#2b4488"),
}
_HAZES = {"day": "#cfeaf7", "dawn": "#f7cfbd", "dusk": "#d9806f", "night": "#2b4180"}
_TONES = {"day": "#ffffff", "dawn": "#ffe3d8", "dusk": "#d8a2ae", "night": "#495a9c"}
_COVERS = {
    "clear": ("#ffffff", 0.0, 0.0),
    "cloudy": ("#c3cfd9", 0.5, 0.1),
    "rain": ("#8c9cab", 0.72, 0.22),
    "snow": ("#dde7ef", 0.62, 0.2),
    "fog": ("#d5dde2", 0.75, 0.6),
    "storm": ("#56626f", 0.85, 0.25),
}
_DIMMED = {"clear": "#ffffff", "rain": "#c2ccd6", "storm": "#9aa6b8", "fog": "#eef2f4"}


@dataclass(frozen=True, slots=True)
class Light:
    """What is seen by: the `sky` from above down to the horizon, the colour of the air (`haze`)
    and how thick it is, and the `tone` that all colours take.
    """

    time: Time
    weather: Weather
    sky: tuple[str, ...]
    haze: str
    thick: float
    tone: str

    @property
    def is_dark(self) -> bool:
        """Whether stars are seen."""
        return self.time == "night"

    @property
    def has_lamps(self) -> bool:
        """Whether lamps are lit."""
        return self.time in {"dusk", "night"}

    @property
    def is_open(self) -> bool:
        """Whether sun, moon and stars are seen."""
        return self.weather in {"clear", "cloudy"}

    def lit(self, colour: str, far: float = 0.0) -> str:
        """A colour in this light, from near (0) to as far as can be seen (1)."""
        return mix(under(colour, self.tone), self.haze, min(1.0, far * (0.8 + self.thick)))


def light(time: Time, weather: Weather, colours: tuple[str, ...] = ()) -> Light:
    """The light of a time and a weather; `colours` stand for those of a clear sky."""
    cover, share, thick = _COVERS[weather]
    cover = under(cover, _TONES[time])
    if time == "night":
        cover = mix(cover, "#0a0f24", 0.45)
    tone = under(_TONES[time], _DIMMED.get(weather, "#ffffff"))
    usual = _SKIES[time]
    sky = (*colours, *usual[len(colours) :])
    return Light(
        time=time,
        weather=weather,
        sky=tuple(mix(one, cover, share) for one in sky),
        haze=mix(_HAZES[time], cover, share),
        thick=thick,
        tone=tone,
    )
