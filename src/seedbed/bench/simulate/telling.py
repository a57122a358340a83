"""Replays, told: as a table, and as figures.

Floor 5.
"""

from collections.abc import Mapping, Sequence

from seedbed.bench.simulate.judging import Judged

COLUMNS = (
    "policy",
    "answered",
    "refused",
    "late",
    "cost",
    "rent",
    "in time/s",
    "first p50",
    "p95",
    "p99",
    "cached",
    "used",
)


def row(judged: Judged) -> tuple[str, ...]:
    """One replay, in the order of `COLUMNS`; times are in seconds."""
    return (
        judged.policy,
        f"{judged.answered:,}",
        f"{judged.refused:,}",
        f"{judged.late:,}",
        f"{judged.cost:,.2f}",
        f"{judged.rent:,.2f}",
        f"{judged.goodput:,.1f}",
        *(f"{seconds:.3f}" for seconds in judged.first.values()),
        f"{judged.cached:.1%}",
        f"{judged.used:.1%}",
    )


def figures(judged: Sequence[Judged]) -> Mapping[str, Mapping[str, float | None]]:
    """All replays, by policy, for a program; what there is none of is `null`."""
    return {one.policy: _figures(one) for one in judged}


def _figures(one: Judged) -> Mapping[str, float | None]:
    firsts = {f"first_p{part}_s": round(it, 4) for part, it in one.first.items()}
    return {
        "answered": one.answered,
        "refused": one.refused,
        "late": one.late,
        "cost": round(one.cost, 6),
        "rent": round(one.rent, 6),
        "in_time_per_s": round(one.goodput, 3),
        **{name: it if one.answered else None for name, it in firsts.items()},
        "cached": round(one.cached, 4),
        "used": round(one.used, 4),
    }
