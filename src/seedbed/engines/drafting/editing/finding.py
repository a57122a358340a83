"""Which layers of a shot words mean.

Floor 3.
"""

import re
from collections.abc import Sequence

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask, Shape, Subject, Text
from seedbed.engines.drafting.editing.wishes import Named, Wish
from seedbed.engines.drafting.words import MANY, Noun

_MOST_TOLD = 12
_TITLE = re.compile(r"\b(?:titles?|headlines?)\b|标题", re.IGNORECASE)


def found(wish: Wish, there: Sequence[AnyLayer], *, is_marked: bool) -> list[AnyLayer]:
    """The layers that a wish is about, of those `there` from the front to the back; in a place that
    `is_marked` several may be meant.

    Raises:
        RequestMalformed: none of them is meant, or it is open which.
    """
    layers = [one for named in wish.of for one in _found(wish, named, there, is_marked=is_marked)]
    return list({one.id: one for one in layers}.values())


def _found(
    wish: Wish, named: Named, there: Sequence[AnyLayer], *, is_marked: bool
) -> list[AnyLayer]:
    if named.kind == "here" and not is_marked and not named.is_all:
        raise _refused(
            f"It is open what {wish.said[:100]!r} is about.",
            f"Name it, or mark its place. There is: {told(there)}.",
        )
    matching = [one for one in there if _is(one, named)]
    if not matching:
        where = "At the marked place" if is_marked else "In the picture"
        what = f"known as {named.said[:100]!r}" if named.said else "but the ground"
        raise _refused(f"{where} there is nothing {what}.", f"There is: {told(there)}.")
    most = len(matching) if is_marked or named.is_all else _count(named)
    if len(matching) > most == 1:
        raise _refused(
            f"{named.said[:100]!r} may be any of {len(matching)}: {told(matching)}.",
            'Mark the place of the one that is meant, or say "all".',
        )
    return matching[:most]


def _refused(what: str, hint: str) -> RequestMalformed:
    return RequestMalformed(what, hint=hint, field="prompt")


def told(layers: Sequence[AnyLayer]) -> str:
    """What there is, in a line."""
    seen = [_name(one) for one in layers if not isinstance(one, Backdrop | Mask)]
    return ", ".join(seen[:_MOST_TOLD]) or "nothing but the ground"


def _name(layer: AnyLayer) -> str:
    match layer:
        case Text(text=text):
            return f'"{text[:40]}"'
        case Subject(what=what):
            return what.replace("-", " ")
        case Shape(form=form):
            return f"a {form}"
        case _:
            return f"the picture {layer.id}"


def _is(layer: AnyLayer, named: Named) -> bool:
    """Whether a layer may be what is named."""
    match named.kind:
        case "here":
            return True
        case "text" if isinstance(layer, Text):
            is_title = not _TITLE.search(named.said) or layer.name in {"title", ""}
            return named.quote in layer.text if named.quote else is_title
        case "thing" if isinstance(layer, Subject):
            return any(_is_one(layer, noun) for noun in named.nouns)
        case _:
            own = layer.name.strip().lower()
            return bool(own) and not isinstance(layer, Text) and own in named.said.lower()


def _is_one(layer: Subject, noun: Noun) -> bool:
    """Whether it is of that kind; and of that colour, where one is told and it has one."""
    is_kind = layer.what == noun.concept or layer.what.startswith(f"{noun.concept}-")
    return is_kind and (not noun.colour or layer.colour in {None, noun.colour})


def _count(named: Named) -> int:
    """How many are meant at most; "balloons" are as many as there are."""
    count = sum(noun.count for noun in named.nouns) or 1
    return 1_000 if any(noun.count == MANY for noun in named.nouns) else count
