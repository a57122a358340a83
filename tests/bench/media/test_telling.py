"""What was measured of pictures and films, told."""

from dataclasses import replace

from seedbed.bench.media.resuming import Resumed
from seedbed.bench.media.run import Measured, Plan
from seedbed.bench.media.telling import figures, losses, runs, table

EXACT = {
    "rate": 0.99,
    "strings": 100,
    "control_rate": 0.995,
    "controls": 80,
    "misses": [["Open", "0pen"]],
    "rss_mb": 900.0,
}
FINISH = {"between_bare": 0.1, "between": 0.2, "larger_bare": 0.1, "larger": 0.1, "rss_mb": 1.0}
MEASURED = Measured(
    Plan(rounds=2, frames=10, posters=20, shots=4),
    {
        "still": [{"cpu_s": 0.6, "rss_mb": 1.0}, {"cpu_s": 0.5, "rss_mb": 1.0}],
        "still_bare": [{"cpu_s": 0.1, "rss_mb": 1.0}],
        "encode": [{"cpu_s": 2.0, "rss_mb": 800.0}, {"cpu_s": 2.5, "rss_mb": 900.0}],
        "encode_bare": [{"cpu_s": 1.8, "rss_mb": 700.0}],
        "finish": [FINISH],
        "exact": [EXACT],
    },
    Resumed(pieces=4, before=2, repeated=0),
)


def test_of_time_the_best_round_counts_and_of_memory_the_worst() -> None:
    assert figures(MEASURED) == {
        "media.draft_still_cpu_s": 0.5,
        "media.encode_ratio_bare": 0.9,
        "media.encode_rss_mb": 900,
        "media.interpolate_ratio_bare": 0.5,
        "media.upscale_ratio_bare": 1.0,
        "media.exact_string_rate": 0.99,
        "media.ocr_control_rate": 0.995,
        "media.resume_repeated_chunks": 0,
    }


def test_each_quantity_has_the_library_alone_beside_it() -> None:
    assert table(MEASURED)[1] == ("10 frames of 3840x2160: a CPU-s", "5.56", "5.00")
    assert {len(line) for line in table(MEASURED)} == {3}


def test_what_was_missed_and_what_a_kill_did_is_told() -> None:
    said = list(losses(MEASURED))
    assert len(said) == 3
    assert "'Open' was read as '0pen'." in said
    assert "2 of 4 pieces" in said[-1]


def test_an_aim_that_is_not_reached_is_told() -> None:
    slow = replace(
        MEASURED,
        parts={
            **MEASURED.parts,
            "still": [{"cpu_s": 4.0, "rss_mb": 1.0}],
            "encode": [{"cpu_s": 3.6, "rss_mb": 2_000.0}],
        },
    )
    first, second, third, *_ = losses(slow)
    assert first == "A still takes 4.00 CPU-s; 3 is the aim."
    assert second.startswith("We encode 50% of the frames")
    assert third == "Encoding holds 2000 MB; 1,500 is the aim."


def test_all_rounds_are_kept() -> None:
    told = runs(MEASURED)
    assert told["rounds"] == 2
    assert told["resumed"] == {"pieces": 4, "before": 2, "repeated": 0}
