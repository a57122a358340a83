"""Where an ask goes: the deployments of its model in the order in which they are tried, and why.

Floor 4. Pure: what is known of each deployment comes in as a `Candidate`. The order goes by what
each is expected to cost and how long it is expected to take, its line included. What a deployment
has in its cache shortens what it has to read, so an ask goes where its prefix is, as long as that
gains more than the line there costs; nothing else holds a session to a deployment, but that among
equals the one that it was on last is taken.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from random import Random
from typing import TypeAlias, TypeVar

from seedbed.core.policy import Policy
from seedbed.core.route import Option
from seedbed.core.value import value
from seedbed.serving.speed import Estimate

MICROS_PER_SECOND = 1_000.0
"""What a second of waiting is worth, in millionths, under `balanced`: 3.60 an hour.

That is between what hardware costs (0.05 to 3 an hour) and what the time of a person costs (20 and
more). An answer of 1,000 tokens read and 300 written costs about 220 millionths from a small model
that others serve: so nobody waits a second to save a part of that. From a large one it costs 7,500,
and the caller waits some seconds to halve it. For batch work waiting is worth nothing."""

_ALIKE = 0.05
"""Candidates are equals where they differ by no more of the best: estimates are not truer."""
_SAMPLED = 3
_HOLDERS = 4
T = TypeVar("T")


@value
class Candidate:
    """What is known of one deployment for one ask.

    `micros` is what the ask is expected to cost there, `None` where no price is in force;
    `waiting` is in seconds in line. `why_not` says in words why it cannot be asked at all.
    `is_last` marks the one that answered the same session last.
    """

    name: str
    micros: int | None
    estimate: Estimate
    waiting: float = 0.0
    cached_bytes: int = 0
    why_not: str | None = None
    is_local: bool = False
    is_last: bool = False

    @property
    def total(self) -> float:
        """Seconds until it will have answered, its line included."""
        return self.waiting + self.estimate.total


@value
class Rule:
    """By what is chosen. `pinned` are the names that alone are asked, in that order."""

    policy: Policy = Policy.BALANCED
    pinned: tuple[str, ...] = ()
    micros_per_second: float = MICROS_PER_SECOND


@value
class Placement:
    """The candidates that may be asked, the best first, and those that may not, with the reason.

    Where none is expected to answer `within` the seconds that the ask has, `meets_deadline` is
    false and the first is the one that is nearest to it.
    """

    ranked: tuple[Candidate, ...]
    refused: tuple[tuple[Candidate, str], ...]
    rule: Rule
    within: float | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The names, in the order in which they are to be tried."""
        return tuple(candidate.name for candidate in self.ranked)

    @property
    def meets_deadline(self) -> bool:
        """Whether the first is expected to answer in time."""
        return bool(self.ranked) and _is_in_time(self.ranked[0], self.within)

    def options(self) -> tuple[Option, ...]:
        """The same for the record of the request, each with its reason in words."""
        ranked = (_option(one, self._why(nth, one)) for nth, one in enumerate(self.ranked))
        return (*ranked, *(_option(one, f"not asked: {why}") for one, why in self.refused))

    def _why(self, nth: int, one: Candidate) -> str:
        if self.rule.policy is Policy.PINNED:
            return "pinned" if nth == 0 and one.name == self.rule.pinned[0] else "stands in for it"
        if not _is_in_time(one, self.within):
            late = one.total - (self.within or 0)
            return f"expected {late:.1f} s after the deadline"
        if nth:
            return _behind(self.rule, one, self.ranked[0])
        if len(self.ranked) == 1:
            return "the only one that can be asked"
        second = self.ranked[1]
        if one.is_last and _score(self.rule, one) > _score(self.rule, second) * (1 - _ALIKE):
            return "as good as the best, and it served this session last"
        return _BEST[self.rule.policy]


Score: TypeAlias = tuple[bool, float, float, bool]


def place(rule: Rule, candidates: Sequence[Candidate], *, within: float | None) -> Placement:
    """Put the candidates in order. `within` is how many seconds the ask has until its deadline."""
    if len(candidates) == 1 and not rule.pinned:  # as usual: the model has one deployment
        (only,) = candidates
        why = _why_not(only)
        return (
            Placement((), ((only, why),), rule, within)
            if why
            else Placement((only,), (), rule, within)
        )
    refused: list[tuple[Candidate, str]] = []
    ranked: list[tuple[Score, Candidate]] = []
    for one in candidates:
        why = _why_not(one) or _not_pinned(rule, one)
        if why:
            refused.append((one, why))
        else:
            ranked.append((_rank(rule, one, within), one))
    ranked.sort(key=itemgetter(0))
    if rule.policy is not Policy.PINNED:
        _prefer_last(ranked)
    return Placement(tuple(one for _, one in ranked), tuple(refused), rule, within)


def shortlist(
    alike: Sequence[Sequence[T]], holders: Iterable[T], random: Random, *, each: int = _SAMPLED
) -> list[T]:
    """Of very many deployments those that are looked at for one ask.

    `alike` are the deployments in groups of the same hardware and price; of each group `each` are
    drawn, since the best of three at random has a line almost as short as the shortest of all.
    `holders` have the ask's prefix in their cache; the first few of them are looked at, too. Where
    the groups are small all are looked at.
    """
    found: dict[int, T] = {}
    for group in alike:
        some = group if len(group) <= each else [group[_draw(random, group)] for _ in range(each)]
        found.update((id(one), one) for one in some)
    for one, _ in zip(holders, range(_HOLDERS), strict=False):
        found[id(one)] = one
    return list(found.values())


def _draw(random: Random, group: Sequence[object]) -> int:
    return int(random.random() * len(group))  # a quarter of what `sample` takes


def _why_not(one: Candidate) -> str | None:
    return one.why_not or (None if one.micros is not None else "it has no price today")


def _not_pinned(rule: Rule, one: Candidate) -> str | None:
    if rule.policy is not Policy.PINNED or one.name in rule.pinned:
        return None
    return f"requests are pinned to {', '.join(rule.pinned)}"


def _rank(rule: Rule, one: Candidate, within: float | None) -> Score:
    """Least first: those in time before those that are late, which go by how late they are."""
    if rule.policy is Policy.PINNED:
        return False, rule.pinned.index(one.name), 0.0, False
    is_late = not _is_in_time(one, within)
    score = one.total if is_late else _score(rule, one)
    return is_late, score, one.total, not one.is_local


def _score(rule: Rule, one: Candidate) -> float:
    return _SCORES[rule.policy](rule, one, one.micros or 0)


_SCORES: dict[Policy, Callable[[Rule, Candidate, int], float]] = {
    Policy.CHEAPEST: lambda _, __, micros: micros,
    Policy.FASTEST: lambda _, one, __: one.total,
    Policy.BALANCED: lambda rule, one, micros: micros + rule.micros_per_second * one.total,
}
_BEST = {
    Policy.CHEAPEST: "the cheapest",
    Policy.FASTEST: "the first to have answered",
    Policy.BALANCED: "the least of cost and waiting together",
}


def _prefer_last(ranked: list[tuple[Score, Candidate]]) -> None:
    """Among equals, put first the one that served the session last."""
    if not ranked:
        return
    is_late, best, _, _ = ranked[0][0]
    for nth, ((late, score, _, _), one) in enumerate(ranked):
        if late != is_late or score > best * (1 + _ALIKE):
            return
        if one.is_last:
            ranked.insert(0, ranked.pop(nth))
            return


def _is_in_time(one: Candidate, within: float | None) -> bool:
    return within is None or one.total <= within


def _behind(rule: Rule, one: Candidate, best: Candidate) -> str:
    """In what a candidate is behind the first."""
    dearer, later = (one.micros or 0) - (best.micros or 0), one.total - best.total
    told = [f"{dearer:,} micros dearer"] if dearer > 0 else []
    told += [f"{later:.2f} s later"] if later >= 0.005 else []
    gains = [f"{-dearer:,} micros cheaper"] if dearer < 0 else []
    gains += [f"{-later:.2f} s sooner"] if later <= -0.005 else []
    if not told:
        return "as good"
    return " and ".join(told) + (f", though {' and '.join(gains)}" if gains else "")


def _option(one: Candidate, why: str) -> Option:
    known = math.isfinite(one.total)
    return Option(
        one.name,
        why,
        micros=one.micros,
        first=one.waiting + one.estimate.first if known else None,
        total=one.total if known else None,
        waiting=one.waiting,
        cached=one.cached_bytes,
    )
