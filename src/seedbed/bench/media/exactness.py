"""How many strings on posters are exact, as a reader of pictures finds them.

Floor 5. Each string is read from its own box, enlarged three times. What one reader misses a second
one reads again, where there is one. The same strings, black on white and alone, tell how good the
readers are: what they miss there is their fault, and not the picture's.
"""

from collections.abc import Sequence
from typing import TypeAlias

from seedbed.bench.media.posters import Exact, Poster, controls, exact, posters
from seedbed.core.scene.layers import Text
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.stage import Stage
from seedbed.kit.film.pictures import Frame
from seedbed.media.reading import Reader, reread
from seedbed.media.words import says

Told: TypeAlias = dict[str, object]


def measured(count: int) -> Told:
    """The rates, and what was read in the place of each that was missed."""
    some = posters(count)
    drawn, alone = _read(some), _read(controls(some))
    return {
        "rate": drawn.rate,
        "strings": drawn.count,
        "control_rate": alone.rate,
        "controls": alone.count,
        "misses": [[one.text.text, one.read] for one in drawn.misses],
    }


def _read(some: Sequence[Poster]) -> Exact:
    art, lettering, reader = read_art(), Lettering(Fonts()), Reader()

    def draw(scene: Scene) -> Frame:
        return Stage(scene, art=art, lettering=lettering, pictures={}).still().copy()

    def read(picture: Frame, text: Text) -> str | None:
        lines = [line.text for line in reader.read(picture, text.box)]
        if says(lines, text.text):
            return None
        again = (reread(picture, text.box) or "").splitlines()
        return None if says(again, text.text) else " ".join(lines)

    return exact(some, draw, read)
