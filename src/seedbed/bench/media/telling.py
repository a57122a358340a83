"""What was measured of pictures and films, told: as figures, as a table, in words.

Floor 5. Of processor time the best round counts, since what else a machine does only ever adds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from seedbed.bench.media.run import Measured

NAMES = ("bare", "ours")
_MOST_STILL_S, _LEAST_RATIO, _MOST_RSS_MB = 3.0, 0.8, 1_500
_SHOWN = 10


def figures(measured: Measured) -> Mapping[str, float | None]:
    """The figures by their names. A ratio is how many times as much as the library alone we do."""
    exact, finish = measured.parts["exact"][0], measured.parts["finish"][0]
    return {
        "media.draft_still_cpu_s": round(_cpu(measured, "still"), 3),
        "media.encode_ratio_bare": _ratio(_cpu(measured, "encode_bare"), _cpu(measured, "encode")),
        "media.encode_rss_mb": round(max(one["rss_mb"] for one in measured.parts["encode"])),
        "media.interpolate_ratio_bare": _ratio(finish["between_bare"], finish["between"]),
        "media.upscale_ratio_bare": _ratio(finish["larger_bare"], finish["larger"]),
        "media.exact_string_rate": round(exact["rate"], 4),
        "media.ocr_control_rate": round(exact["control_rate"], 4),
        "media.resume_repeated_chunks": measured.resumed.repeated,
    }


def _cpu(measured: Measured, name: str) -> float:
    return min(one["cpu_s"] for one in measured.parts[name])


def _ratio(bare: float, ours: float) -> float:
    return round(bare / ours, 3)


def table(measured: Measured) -> list[tuple[str, ...]]:
    """A line for each quantity, with a column for the library alone and one for us."""
    frames, finish = measured.plan.frames, measured.parts["finish"][0]
    rates = [frames / _cpu(measured, name) for name in ("encode_bare", "encode")]
    held = [max(one["rss_mb"] for one in measured.parts[n]) for n in ("encode_bare", "encode")]
    return [
        (
            "a still of 2048x2048, CPU-s",
            *_cells([_cpu(measured, n) for n in ("still_bare", "still")], ".3f"),
        ),
        (f"{frames} frames of 3840x2160: a CPU-s", *_cells(rates, ".2f")),
        ("held at most while encoding, MB", *_cells(held, ".0f")),
        (
            "a frame between two of 1280x720, CPU-s",
            *_cells([finish["between_bare"], finish["between"]], ".3f"),
        ),
        (
            "one of 1280x720 made 3840x2160, CPU-s",
            *_cells([finish["larger_bare"], finish["larger"]], ".3f"),
        ),
    ]


def _cells(values: list[float], form: str) -> tuple[str, ...]:
    return tuple(format(value, form) for value in values)


def losses(measured: Measured) -> Iterator[str]:
    """What did not come up to its aim, and what was found, a sentence each."""
    told, exact, kill = figures(measured), measured.parts["exact"][0], measured.resumed
    if (still := _cpu(measured, "still")) > _MOST_STILL_S:
        yield f"A still takes {still:.2f} CPU-s; {_MOST_STILL_S:g} is the aim."
    if (ratio := told["media.encode_ratio_bare"] or 0.0) < _LEAST_RATIO:
        yield (
            f"We encode {ratio:.0%} of the frames that the library alone does; "
            f"{_LEAST_RATIO:.0%} is the aim."
        )
    if (held := told["media.encode_rss_mb"] or 0.0) > _MOST_RSS_MB:
        yield f"Encoding holds {held:.0f} MB; {_MOST_RSS_MB:,} is the aim."
    yield (
        f"Of {exact['strings']} strings on {measured.plan.posters} posters {len(exact['misses'])} "
        f"were not read as they are; of {exact['controls']} alone on white "
        f"{exact['control_rate']:.1%} were."
    )
    for wanted, read in exact["misses"][:_SHOWN]:
        yield f"{wanted!r} was read as {read!r}."
    yield (
        f"The worker was killed when {kill.before} of {kill.pieces} pieces were on the books; the "
        f"next one drew {kill.repeated} of them again."
    )


def runs(measured: Measured) -> Mapping[str, object]:
    """All rounds, for whoever wants to see how far they spread."""
    return {
        "rounds": measured.plan.rounds,
        "targets": list(NAMES),
        "table": [list(line) for line in table(measured)],
        "losses": list(losses(measured)),
        "plan": asdict(measured.plan),
        "parts": {name: list(rounds) for name, rounds in measured.parts.items()},
        "resumed": asdict(measured.resumed),
    }
