"""What fonts there are, and which of them have the characters of a text.

Floor 3. Typst finds them where the system keeps its own, and in folders that are named. Which
characters one has is read from its file when a text first needs to know.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import skia
import typst

from seedbed.core.errors import SceneUndrawable

_LETTERS = "Noto Sans"
_CHINESE = "Noto Sans CJK SC"
_ASIAN = ("Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans CJK TC")
_LATER = ("Noto Sans Symbols", "Noto Sans Symbols2", "Noto Sans Math", "Noto Color Emoji")
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
"""Characters that change others or leave room: they need no font of their own."""
_PACKAGES = (
    (("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH"), "fonts-noto-cjk"),
    (("LATIN", "GREEK", "CYRILLIC", "DIGIT"), "fonts-dejavu-core"),
)
_SHOWN = 12


class Fonts:
    """The fonts of this machine, and those in `folders`, such as the user's own."""

    def __init__(self, folders: Sequence[Path] = (), *, system: bool = True) -> None:
        there = [str(folder) for folder in folders if folder.is_dir()]
        self.found = typst.Fonts(
            include_system_fonts=system, include_embedded_fonts=False, font_paths=list(there)
        )
        self._faces = _faces(self.found.fonts())

    @property
    def families(self) -> tuple[str, ...]:
        """The names of all, in order."""
        return tuple(sorted(self._faces))

    def for_text(self, text: str, families: Sequence[str] = ()) -> tuple[str, ...]:
        """The families that a text is set in: of these the first that has a character gives it.

        They begin with those that are asked for, as far as they are here; then come such as go
        well with the text, and those that alone have one of its characters.

        Raises:
            SceneUndrawable: no font here has some of its characters.
        """
        chosen = [name for name in families if name in self._faces]
        chosen += [name for name in _pairs(text, families) if name in self._faces]
        missing = self._without(seen(text), chosen)
        for name in self._others(chosen):
            if not missing:
                break
            if (left := self._without(missing, [name])) != missing:
                chosen.append(name)
                missing = left
        if missing:
            raise _no_font(missing)
        return tuple(dict.fromkeys(chosen))

    def missing(self, characters: Iterable[str]) -> list[str]:
        """Those characters that no font here has."""
        return self._without(characters, list(self._others(())))

    def has(self, family: str, character: str) -> bool:
        """Whether a family that is here has a character."""
        return _has(*self._faces[family], ord(character))

    def _without(self, characters: Iterable[str], families: Sequence[str]) -> list[str]:
        return [one for one in characters if not any(self.has(family, one) for family in families)]

    def _others(self, chosen: Sequence[str]) -> Iterator[str]:
        first = [name for name in (*_LATER, *_ASIAN) if name in self._faces]
        yield from (name for name in first if name not in chosen)
        plain = sorted(self._faces, key=lambda name: (_LETTERS not in name, name))
        yield from (name for name in plain if name not in chosen and name not in first)


def seen(text: str) -> tuple[str, ...]:
    """The characters of a text that a font must have, each once."""
    ends = {"\n", "\t"}
    return tuple(
        dict.fromkeys(
            one for one in text if one not in ends and unicodedata.category(one) not in _UNSEEN
        )
    )


def script(text: str) -> str:
    """The language whose manner a text is set in, as two letters; of no other it is English."""
    names = [unicodedata.name(one, "") for one in text]
    for begin, language in _LANGUAGES:
        if any(name.startswith(begin) for name in names):
            return language
    return "en"


_LANGUAGES = (
    (("HIRAGANA", "KATAKANA"), "ja"),
    ("HANGUL", "ko"),
    (("CJK", "BOPOMOFO"), "zh"),
    ("ARABIC", "ar"),
    ("HEBREW", "he"),
    ("THAI", "th"),
    ("DEVANAGARI", "hi"),
)
_OF_LANGUAGE = {"ja": "Noto Sans CJK JP", "ko": "Noto Sans CJK KR"}


def _pairs(text: str, families: Sequence[str]) -> list[str]:
    """Fonts that go well together: letters first, then what is written in squares."""
    pairs = [_LETTERS, _OF_LANGUAGE.get(script(text), _CHINESE)]
    if any("Serif" in name for name in families):
        return [name.replace("Sans", "Serif") for name in pairs] + pairs
    return pairs


def _faces(fonts: Sequence[typst.FontInfo]) -> dict[str, tuple[str, int]]:
    """The plainest face of each family, as its file and the number in it."""
    plain = sorted(
        fonts, key=lambda one: (one.style != "normal", one.stretch != 1, abs(one.weight - 400))
    )
    faces: dict[str, tuple[str, int]] = {}
    for one in plain:
        if one.path is not None:
            faces.setdefault(one.family, (one.path, one.index))
    return faces


@lru_cache(maxsize=256)
def _face(path: str, index: int) -> skia.Typeface | None:
    return skia.Typeface.MakeFromFile(path, index)


@lru_cache(maxsize=65_536)
def _has(path: str, index: int, character: int) -> bool:
    face = _face(path, index)
    return face is not None and face.unicharToGlyph(character) != 0


def _no_font(missing: Sequence[str]) -> SceneUndrawable:
    told = ", ".join(f"{one} (U+{ord(one):04X})" for one in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
    packages = " ".join(sorted({_package(one) for one in missing}))
    return SceneUndrawable(
        "text",
        why=f"no font here has {told}{more}",
        hint=f"Install one (on Debian: apt-get install {packages}), or put its file into "
        "$SEEDBED_HOME/fonts.",
    )


def _package(character: str) -> str:
    name = unicodedata.name(character, "")
    for begin, package in _PACKAGES:
        if name.startswith(begin):
            return package
    if unicodedata.category(character) == "So":
        return "fonts-noto-color-emoji"
    return "fonts-noto-core"
