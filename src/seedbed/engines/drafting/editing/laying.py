"""Pictures that came along with the one that is changed: named in words, and laid as layers.

Floor 3. They are counted as they came, that which is changed being the first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import Picture
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Reference, Scene, Shot

_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
_HAN = {"二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_ONE = r"(?:pictures?|images?|photos?|photographs?|logos?)"
_ONE_HAN = "(?:图片|图像|照片|相片|图|标志)"
_NAMED = re.compile(
    rf"\b(?:(?:an?|the|this|that|these|those|both|all|other) )*"
    rf"(?:(?P<word>{'|'.join(_ORDINALS)}) )?{_ONE}\b(?: (?P<digit>\d+)\b)?"
    rf"|第(?P<han>[二三四五六]|\d+)[张个幅]{_ONE_HAN}?|图(?P<after>[二三四五六]|\d+)"
    rf"|(?:这|那|另)?(?:一|些|几)?[张个幅]?{_ONE_HAN}",
    re.IGNORECASE,
)
_STANDS_FOR = "apple", "苹果"
"""What is placed as a picture is, where no place is marked."""


def pictures(text: str) -> tuple[int, ...] | None:
    """The numbers of the pictures that words name; none of them where it is any that came.

    >>> pictures("the second picture"), pictures("把这张图"), pictures("a boat")
    ((2,), (), None)
    """
    found = list(_NAMED.finditer(text))
    numbers = [number for one in found if (number := _number(one))]
    return tuple(numbers) if found else None


def standing_in(text: str, count: int) -> str:
    """The words with things of which the planner knows where they go in place of pictures.

    >>> standing_in("put this picture on the left", 1)
    'put 1 apple on the left'
    """
    plain, han = _STANDS_FOR
    word = f"{count} {plain}{'s' if count > 1 else ''}" if text.isascii() else f"{count}个{han}"
    return _NAMED.sub(word, text, count=1)


@dataclass(frozen=True, slots=True)
class Laying:
    """The pictures of a Scene that are laid by words: those that no layer shows."""

    loose: tuple[Reference, ...]

    @classmethod
    def of(cls, scene: Scene) -> "Laying":
        """Those of a Scene."""
        return cls(tuple(loose(scene)))

    def meant(self, numbers: Sequence[int], shot: Shot, said: str) -> list[Reference]:
        """The pictures of these numbers, or all that are not in the shot yet.

        Raises:
            RequestMalformed: there are none such.
        """
        if wrong := [one for one in numbers if not 2 <= one <= len(self.loose) + 1]:
            came = f"Pictures 2 to {len(self.loose) + 1} can be put." if self.loose else ""
            what = f"There is no picture {wrong[0]} to be put, as {said[:100]!r} says."
            raise RequestMalformed(what, hint=f"{came} The first one is changed.", field="prompt")
        shown = {one.reference for one in shot.layers if isinstance(one, Picture)}
        left = [one for one in self.loose if one.id not in shown]
        if not numbers and not left:
            what = f"No picture is left to be put, as {said[:100]!r} says."
            hint = "Send it beside the one that is changed, and put each in one place."
            raise RequestMalformed(what, hint=hint, field="prompt")
        return [self.loose[one - 2] for one in numbers] or left


def loose(scene: Scene) -> list[Reference]:
    """The pictures of a Scene that no layer shows."""
    shown = {
        layer.reference
        for shot in scene.shots
        for layer in shot.layers
        if isinstance(layer, Picture)
    }
    return [one for one in scene.references if one.role == "picture" and one.id not in shown]


def laid(reference: Reference, box: Box) -> Picture:
    """A picture whole in a box."""
    return Picture(id=reference.id, reference=reference.id, box=box, fit="contain")


def _number(found: re.Match[str]) -> int:
    word = (found["word"] or "").lower()
    other = found["digit"] or found["han"] or found["after"] or "0"
    return _ORDINALS.get(word, 0) or _HAN.get(other, 0) or int(other)
