"""Metrics: what was used, how long it took, and how the house fares, in Prometheus' words.

Floor 4. Counted in plain numbers, a group at a time; the library only writes them out, when
somebody looks. A label is a word of ours or a name that is served here, so that no caller can make
a new one, and none tells whose use it was.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from seedbed.core.money import Entry
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter
from seedbed.serving.observing import Free, Record, Settled

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
REQUEST_SECONDS = (
    *(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64),
    *(1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
)
FIRST_PIECE_SECONDS = (
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75),
    *(1.0, 2.5, 5.0, 7.5, 10.0),
)
"""Both are the buckets of OpenTelemetry's conventions for generative models."""
_KINDS = (
    *("input_fresh", "input_cache_read", "input_cache_write"),
    *("output_visible", "output_reasoning"),
)


class Histogram:
    """How many values fell into each bucket, and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value; a bound belongs to the bucket that it ends."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """The bounds, each with how many values are not over it."""
        bounds = [*map(str, self._bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True))


class Metrics(Collector):
    """Counts what happened, and asks the rest of the house how it fares when somebody looks."""

    def __init__(self, deployments: Sequence[LiveDeployment], meter: Meter) -> None:
        self._deployments = deployments
        self._meter = meter
        self._names = frozenset(
            name for live in deployments for name in live.deployment.model.names
        )
        self._requests = Counter[tuple[str, str, str]]()
        self._tokens = Counter[tuple[str, str]]()
        self._spent = Counter[tuple[str, str]]()
        self._took = defaultdict[str, Histogram](partial(Histogram, REQUEST_SECONDS))
        self._first = defaultdict[str, Histogram](partial(Histogram, FIRST_PIECE_SECONDS))
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def take(self, records: Sequence[Record]) -> None:
        """Count some records."""
        for record in records:
            if isinstance(record, Settled):
                self._count(record.entry, record.code or "")
            else:
                model = record.model if record.model in self._names else "unknown"
                how = ("free", "") if isinstance(record, Free) else ("refused", record.code)
                self._requests[model, *how] += 1

    def text(self) -> bytes:
        """All of it, as `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """Everything but what the library knows of the process."""
        yield from self._counters()
        yield _histogram("request", "How long an answer took, whole.", self._took)
        yield _histogram("first_piece", "How long its first piece took.", self._first)
        yield from self._gauges()

    def _count(self, entry: Entry, code: str) -> None:
        model = entry.model
        self._requests[model, entry.stop, code] += 1
        for kind, tokens in zip(_KINDS, entry.usage.counts(), strict=True):
            if tokens:
                self._tokens[model, kind] += tokens
        self._spent[model, entry.spent.currency] += entry.spent.micros
        self._took[model].observe(entry.took / 1e6)
        if entry.first is not None:
            self._first[model].observe(entry.first / 1e6)

    def _counters(self) -> Iterable[Metric]:
        requests = _counter("requests", "Asks that ended.", ("model", "stop", "code"))
        tokens = _counter("tokens", "Tokens, each counted once.", ("model", "kind"))
        spent = _counter("spent_micros", "Millionths of a currency unit.", ("model", "currency"))
        told = ((requests, self._requests), (tokens, self._tokens), (spent, self._spent))
        for family, counts in told:
            for labels, count in counts.items():
                family.add_metric(labels, count)
            yield family

    def _gauges(self) -> Iterable[Metric]:
        flight = GaugeMetricFamily(
            "seedbed_in_flight", "Asks that hold a deployment.", labels=["deployment"]
        )
        up = GaugeMetricFamily(
            "seedbed_engine_up", "Whether its engine is ready.", labels=["deployment"]
        )
        waiting = GaugeMetricFamily(
            "seedbed_waiting", "Asks that wait for a place.", labels=["deployment"]
        )
        for live in self._deployments:
            flight.add_metric([live.name], live.holders)
            up.add_metric([live.name], live.state == "ready")
            waiting.add_metric([live.name], live.queue.depth)
        yield from (flight, up, waiting)
        yield GaugeMetricFamily(
            "seedbed_ledger_up", "Whether entries can be written.", self._meter.trouble is None
        )
        yield GaugeMetricFamily(
            "seedbed_unwritten_entries", "Entries not in the books yet.", self._meter.unwritten
        )


def _counter(name: str, said: str, labels: Sequence[str]) -> CounterMetricFamily:
    return CounterMetricFamily(f"seedbed_{name}", said, labels=labels)


def _histogram(name: str, said: str, of: dict[str, Histogram]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(f"seedbed_{name}_seconds", said, labels=["model"])
    for model, histogram in of.items():
        family.add_metric([model], histogram.buckets(), histogram.sum)
    return family
