"""How long each shot takes.

Floor 3.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from seedbed.core.scene.measures import MOST_SECONDS
from seedbed.core.scene.motion import Transition
from seedbed.engines.drafting.planning.asked import Length
from seedbed.engines.drafting.planning.cuts import Cuts, Part

_ALONE, _OF_SEVERAL = 5.0, 3.0
_LEAST = 0.2


def timed(
    found: Cuts, told: Sequence[Length], least: Sequence[float], wanted: float | None
) -> tuple[list[float], list[str]]:
    """Seconds of each shot, and what contradicts itself; `least` is what its words take.

    What is said before the first shot, or where there is but one, is told of all; `wanted` is what
    the whole film is to take, whatever is said.
    """
    parts = found.parts
    each = [one.seconds for one in told if one.each]
    own = [_own(told, one, found) for one in parts]
    whole = [one.seconds for one in told if not one.each and _is_whole(one, found)]
    notes = _contradictions(whole)
    usual = each[-1] if each else _OF_SEVERAL if len(parts) > 1 else _ALONE
    seconds = [
        one if one is not None else max(usual, low) for one, low in zip(own, least, strict=True)
    ]
    total = wanted if wanted is not None else whole[-1] if whole else None
    if total is None:
        return _scaled(seconds, min(sum(seconds), MOST_SECONDS)), notes
    told_all = [one or (each[-1] if each else None) for one in own]
    together = sum(one for one in told_all if one is not None)
    if wanted is not None and whole and abs(whole[-1] - wanted) > 0.01:
        notes.append(f"It says {whole[-1]:g} s; {wanted:g} s were wanted beside it, and are taken.")
    elif all(told_all) and abs(together - total) > 0.01 and len(parts) > 1:
        notes.append(f"The shots take {together:g} s together; they are fitted to {total:g} s.")
    return _scaled(seconds, total + sum(one.into.seconds for one in parts[1:])), notes


def fitted(into: Transition, before: float, after: float) -> Transition:
    """A transition that is no longer than half of the shots that it joins."""
    return replace(into, seconds=round(min(into.seconds, 0.48 * before, 0.48 * after), 3))


def _own(told: Sequence[Length], part: Part, found: Cuts) -> float | None:
    """What is said of one shot."""
    seconds = [
        one.seconds for one in told if not one.each and not _is_whole(one, found) and _in(one, part)
    ]
    return seconds[-1] if seconds else None


def _is_whole(one: Length, found: Cuts) -> bool:
    if len(found.parts) == 1 or not (found.is_marked or one.lasts):
        return True
    return not any(_in(one, each) for each in found.parts)


def _in(one: Length, part: Part) -> bool:
    start = part.start if part.mark is None else part.mark
    return start <= one.start < part.end


def _contradictions(whole: Sequence[float]) -> list[str]:
    return [
        f"It says {before:g} s and then {after:g} s; the later is taken."
        for before, after in pairwise(whole)
        if before != after
    ]


def _scaled(seconds: Sequence[float], total: float) -> list[float]:
    share = total / sum(seconds)
    return [max(_LEAST, round(one * share, 3)) for one in seconds]
