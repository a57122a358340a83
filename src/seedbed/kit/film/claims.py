"""What is told of how a picture or a film was made, in our words and in those of C2PA.

Floor 1. `provenance` signs it into files.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.kit.film.errors import FilmFault

_ORIGINS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_FIRST = {
    "drawn": ("algorithmicMedia", "Drawn by rule from a Scene, as vectors."),
    "generated": ("trainedAlgorithmicMedia", "Made by a trained model."),
}
_ACTIONS = {
    "captioned": ("c2pa.edited", "Captions were put beside it."),
    "coloured": ("c2pa.color_adjustments", "Colours of shots were matched."),
    "converted": ("c2pa.transcoded", "Written in another form."),
    "edited": ("c2pa.edited", "Changed in its Scene and made again."),
    "interpolated": ("c2pa.edited", "Frames between frames were made by following motion."),
    "joined": ("c2pa.edited", "Shots were put together."),
    "marked": ("c2pa.watermarked.unbound", "An unseen mark was put in."),
    "shrunk": ("c2pa.resized", "Made smaller than it was made first."),
    "sounded": ("c2pa.edited", "Sound was put beside it."),
    "spoken": ("c2pa.edited", "Speech in it was made by a program."),
    "upscaled": ("c2pa.resized", "Made larger than it was drawn."),
}
ACTIONS = frozenset(_FIRST) | frozenset(_ACTIONS)
"""What can be told of how something was made."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What is told of a file: its title, what drew it, and what was done, in order."""

    title: str
    made_by: str
    actions: tuple[str, ...] = ("drawn",)

    def __post_init__(self) -> None:
        unknown = [action for action in self.actions if action not in ACTIONS]
        if unknown:
            raise FilmFault(f"{unknown[0]} is nothing that is told: {', '.join(sorted(ACTIONS))}")

    def deeds(self) -> list[Mapping[str, object]]:
        """What was done in C2PA's words; the first is always that it was made."""
        how = next((action for action in self.actions if action in _FIRST), "drawn")
        origin, words = _FIRST[how]
        made: Mapping[str, object] = {
            "action": "c2pa.created",
            "digitalSourceType": _ORIGINS + origin,
            "softwareAgent": {"name": self.made_by},
            "description": words,
        }
        done = (_ACTIONS[action] for action in self.actions if action in _ACTIONS)
        return [made, *({"action": name, "description": words} for name, words in done)]
