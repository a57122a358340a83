"""Figures out of rounds: which round counts, and what makes a figure none."""

from dataclasses import replace

import msgspec

from seedbed.bench.gateway.load import Got
from seedbed.bench.gateway.rounds import QUICK, Row
from seedbed.bench.gateway.run import Measured, Memory
from seedbed.bench.gateway.targets import Start
from seedbed.bench.gateway.telling import figures, losses, runs, table
from seedbed.bench.ledger import Killing, Spending
from seedbed.core.money import Amount

LOADS = {load.name: load for load in QUICK.loads}
DIRECT = Got(100, 0, 0, 0, wall=0.01, p50=100, p99=400, lag_p50=50, lag_p99=70)
OURS = Got(100, 0, 0, 0, wall=0.1, p50=300, p99=900, lag_p50=60, lag_p99=90)
BUSY = msgspec.structs.replace(OURS, wall=0.4, p50=5000, p99=70_000)
MEMORY = Memory(80.04, 90.0)


def rows(target: str, got: Got, cpu: float) -> list[Row]:
    return [Row(target, load, got, cpu) for load in LOADS.values()]


MEASURED = Measured(
    QUICK,
    [*rows("direct", DIRECT, 0.001), *rows("ours", BUSY, 0.09), *rows("ours", OURS, 0.03)],
    {"ours": [Start(0.9, 1.0, 0.8), Start(0.7, 0.8, 0.6), Start(3.0, 3.1, 0.8)]},
    {"direct": MEMORY, "ours": MEMORY},
    entries=803,
    spending=Spending(answered=250, refused=750, overspent=0, share=0.987),
    killing=Killing(20, 3, 400, unrecorded=0, wrong=0, written_off=Amount(1_500_000, "USD")),
    peers={"litellm": None},
)


def test_a_figure_is_that_of_the_best_round() -> None:
    assert figures(MEASURED) == {
        "gateway.added_p50_ms.c1": 0.2,
        "gateway.added_p99_ms.c10": 0.5,
        "gateway.requests_per_s": 1000,
        "gateway.cpu_us_per_request.c10": 300.0,
        "gateway.cpu_us_per_chunk": 5.0,
        "gateway.rss_mb": 80.0,
        "gateway.ready_s": 0.9,
        "gateway.upstream_requests_per_s": 10_000,
        "ledger.overspend": 0,
        "ledger.unrecorded": 0,
    }


def test_a_lost_answer_takes_the_figure_away_and_is_told() -> None:
    lame = Row("ours", LOADS["c10"], msgspec.structs.replace(OURS, answered=97, refused=3), 0.03)
    measured = replace(MEASURED, rows=[*MEASURED.rows, lame], entries=900)
    found = figures(measured)
    assert found["gateway.cpu_us_per_request.c10"] is None
    assert found["gateway.added_p99_ms.c10"] is None
    assert found["gateway.requests_per_s"] == 1000, "of another load"
    first, *_ = losses(measured)
    assert first.startswith("ours, c10: of 100 requests 3 were refused, 0 failed")


def test_a_peer_that_is_not_here_is_told() -> None:
    assert "There is no litellm here, so nothing is compared with it." in losses(MEASURED)
    assert runs(MEASURED)["times"] == {"relay": None, "litellm": None}


def test_the_ledger_is_compared_with_the_answers() -> None:
    assert "The ledger has 803 entries for 803 answers." in losses(MEASURED)
    for entries, said in ((801, "2 too few."), (804, "1 too many.")):
        _, books, *_ = losses(replace(MEASURED, entries=entries))
        assert books.endswith(said)


def test_what_strain_did_to_the_books_is_told() -> None:
    *_, spent, killed = losses(MEASURED)
    assert spent.startswith("Of 1000 asks")
    assert spent.endswith("98.7% of the tightest, and overspent 0.")
    assert "20 kills, 3 of them in a write" in killed
    assert killed.endswith("of 400 entries 0 were wrong, and 1.500000 USD was written off.")


def test_the_table_has_a_column_for_each_and_none_where_answers_were_lost() -> None:
    lines = {line[0]: line[1:] for line in table(MEASURED)}
    assert lines["1 in flight: p50, us"] == ("100", "300")
    assert lines["64 in flight: answers a second"] == ("10000", "1000")
    assert lines["first answer after, s"] == ("", "1.00")
    bad = Row("direct", LOADS["c1"], msgspec.structs.replace(DIRECT, short=1), 0.0)
    lines = {line[0]: line[1:] for line in table(replace(MEASURED, rows=[*MEASURED.rows, bad]))}
    assert lines["1 in flight: p50, us"] == ("none", "300")


def test_all_turns_are_kept_for_whoever_doubts_the_best() -> None:
    told = runs(MEASURED)
    assert len(msgspec.convert(told["rows"], list[dict[str, object]])) == 12
    assert (told["answers"], told["entries"]) == (803, 803)
