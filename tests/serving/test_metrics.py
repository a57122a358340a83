from dataclasses import fields
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter
from seedbed.serving.metrics import Histogram, Metrics
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from tests.serving import houses
from tests.serving.records import free, refusal, settled

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
Samples = dict[tuple[str, str], float]


@pytest.fixture
def live(clock: FakeClock) -> LiveDeployment:
    return houses.live(Scripted("m", window=64), clock)


@pytest.fixture
def meter(database: Database, clock: FakeClock) -> Meter:
    return Meter(Ledger(database), currency="USD", clock=clock)


@pytest.fixture
def metrics(live: LiveDeployment, meter: Meter) -> Metrics:
    return Metrics([live], meter)


def samples(metrics: Metrics) -> Samples:
    """Every line that Prometheus would read, by its name and its labels' values."""
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_answers_are_counted_by_model_and_by_how_they_ended(metrics: Metrics) -> None:
    metrics.take([settled(1), settled(2), settled(3, stop="failed", code="engine_failed")])
    metrics.take([settled(4)])
    counted = {key: n for key, n in samples(metrics).items() if key[0] == "seedbed_requests_total"}
    assert counted == {
        ("seedbed_requests_total", " m end"): 3,
        ("seedbed_requests_total", "engine_failed m failed"): 1,
    }


def test_a_refused_ask_is_counted_by_its_error(metrics: Metrics) -> None:
    metrics.take([refusal()])
    assert samples(metrics)["seedbed_requests_total", "capacity_exceeded m refused"] == 1


def test_what_cost_nothing_is_counted_apart(metrics: Metrics) -> None:
    metrics.take([free()])
    assert samples(metrics)["seedbed_requests_total", " m free"] == 1


def test_a_name_that_a_caller_made_up_is_no_label(metrics: Metrics) -> None:
    metrics.take([refusal(f"made-up-{number}") for number in range(5)])
    assert samples(metrics)["seedbed_requests_total", "capacity_exceeded unknown refused"] == 5
    assert b"made-up" not in metrics.text()


def test_who_asked_is_no_label(metrics: Metrics) -> None:
    metrics.take([settled(), refusal()])
    said = metrics.text().decode()
    assert "ada" not in said
    assert "key_1" not in said
    assert "default" not in said


UNITS = {"images", "film_milliseconds", "sound_milliseconds"}


def test_tokens_are_counted_by_what_became_of_them_and_none_is_left_out(metrics: Metrics) -> None:
    metrics.take([settled(usage=Usage(1, 2, 3, 4, 5)), settled(usage=Usage(10, 0, 0, 0, 0))])
    told = samples(metrics)
    names = [field.name for field in fields(Usage) if field.name not in UNITS]
    assert [told["seedbed_tokens_total", f"{kind} m"] for kind in names] == [
        11,
        2,
        3,
        4,
        5,
    ]


def test_what_was_spent_is_counted_in_millionths(metrics: Metrics) -> None:
    metrics.take([settled(1), settled(2)])
    assert samples(metrics)["seedbed_spent_micros_total", "USD m"] == 74


def test_how_long_answers_took_is_told_in_buckets(metrics: Metrics) -> None:
    metrics.take([settled(1, first=40_000), settled(2, first=9_000_000), settled(3)])
    told = samples(metrics)
    assert told["seedbed_request_seconds_bucket", "0.32 m"] == 0
    assert told["seedbed_request_seconds_bucket", "0.64 m"] == 3
    assert told["seedbed_request_seconds_count", "m"] == 3
    assert told["seedbed_request_seconds_sum", "m"] == 1.5
    assert told["seedbed_first_piece_seconds_bucket", "0.02 m"] == 0
    assert told["seedbed_first_piece_seconds_bucket", "0.04 m"] == 1
    assert told["seedbed_first_piece_seconds_count", "m"] == 2


def test_a_value_that_is_a_bound_is_counted_up_to_it_and_one_beyond_all_at_the_end() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (1.0, 1.5, 2.0, 2.1):
        histogram.observe(value)
    assert histogram.buckets() == [("1.0", 1), ("2.0", 3), ("+Inf", 4)]


def test_it_tells_what_is_held_at_this_moment(metrics: Metrics, live: LiveDeployment) -> None:
    held = live.hold()
    assert samples(metrics)["seedbed_in_flight", "m@here"] == 1
    held.give()
    told = samples(metrics)
    assert told["seedbed_in_flight", "m@here"] == 0
    assert told["seedbed_engine_up", "m@here"] == 1
    assert told["seedbed_ledger_up", ""] == 1
    assert told["seedbed_unwritten_entries", ""] == 0


def test_it_tells_what_is_down(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch, live: LiveDeployment, meter: Meter
) -> None:
    monkeypatch.setattr(type(live), "state", "starting")
    monkeypatch.setattr(type(meter), "trouble", "the disk is full")
    monkeypatch.setattr(type(meter), "unwritten", 7)
    told = samples(metrics)
    assert told["seedbed_engine_up", "m@here"] == 0
    assert told["seedbed_ledger_up", ""] == 0
    assert told["seedbed_unwritten_entries", ""] == 7


def test_it_tells_what_the_process_takes(metrics: Metrics) -> None:
    assert samples(metrics)["process_resident_memory_bytes", ""] > 0


def test_every_metric_is_on_its_page(metrics: Metrics) -> None:
    metrics.take([settled()])
    page = PAGE.read_text()
    names = {name for name, _ in samples(metrics)} - {"process_max_fds"}
    for name in names:
        family = name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
        assert f"`{family}`" in page
