"""Drawings of our own, in `own/NAME.svg`: things that no package has, and bodies for heads.

Each is in the colours of Fluent Emoji, in a square of 32. `<use href="#fox" ...>` stands for the
drawing of that name as it was published, so that a body is drawn once and its head is not copied.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

SIDE = 32.0
BUST = "-bust"
"""How the published drawing is called from then on, where there is one of our own of that name."""
_FOLDER = Path(__file__).parent / "own"
_USED = re.compile(r'<use href="#([a-z-]+)" (transform="[^"]+")/>')
_ROOT = re.compile(r"<svg [^>]*>|</svg>|\n *")


def own(published: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Their names and bodies; `published` are those of the packages that are as large.

    Raises:
        KeyError: one uses what was not published.
    """
    for file in sorted(_FOLDER.glob("*.svg")):
        text = _ROOT.sub("", file.read_text(encoding="utf-8"))
        body = _USED.sub(lambda used: f"<g {used[2]}>{published[used[1]]}</g>", text)
        yield file.stem, body
