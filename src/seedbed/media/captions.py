"""Captions that come with the wish for a film.

Floor 5.
"""

from itertools import pairwise

from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.finish import FIELD, TITLES, Finish
from seedbed.kit.film import subtitles
from seedbed.kit.film.errors import FilmFault
from seedbed.media.studio.orders import Said

_AT = f"{FIELD}.captions"


def captions_of(finish: Finish) -> list[Said]:
    """The captions of a file, the first first.

    Raises:
        RequestMalformed: it cannot be read, or two are shown at once.
    """
    try:
        read = sorted(subtitles.read(finish.captions), key=lambda one: one.begin)
    except FilmFault as fault:
        raise _wrong(str(fault)) from fault
    if not read:
        raise _wrong("there is no caption in them")
    for one, after in pairwise(read):
        if after.begin < one.end:
            raise _wrong(f"the caption that ends at {one.end:g} s overlaps the next one")
    return [Said(one.begin, one.end, one.text) for one in read]


def check_finish(finish: Finish, *, drawn: bool) -> None:
    """See that a wish can be done, as far as it says itself, before anything is made and paid.

    Raises:
        RequestMalformed: its captions cannot be read.
        FieldUnserved: titles are wished for of a film that is not `drawn` of a Scene.
    """
    if finish.captions == TITLES and not drawn:
        because = "what has no Scene has no titles that are known; send captions as SubRip."
        raise FieldUnserved(_AT, value=repr(TITLES), because=because)
    if finish.captions not in {"", TITLES}:
        captions_of(finish)


def _wrong(why: str) -> RequestMalformed:
    return RequestMalformed(
        f"The captions cannot be used: {why}.",
        hint="Send a file of SubRip or WebVTT, in which one caption is shown at a time.",
        field=_AT,
    )
