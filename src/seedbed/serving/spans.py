"""One span for each model call, in OpenTelemetry's words for generative models, as bytes to send.

Floor 4. The numbers are those of the fields in OTLP's `trace.proto` and `common.proto`. A span
tells who, what, how much and how long; it never holds a prompt, an answer or a key. Its ids are
made from the request's, so that a span that is sent twice is one span.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from seedbed.core.access import payer
from seedbed.core.event import Stop
from seedbed.core.model import Upstream
from seedbed.core.money import Entry, Modality
from seedbed.kit import protobuf, traceparent
from seedbed.serving.observing import Free, Record, Refusal, Settled

Value: TypeAlias = str | int | float | list[str]
Attribute: TypeAlias = tuple[str, Value]

_CLIENT, _ERROR = 3, 2
_OPERATIONS = {
    Modality.TEXT: "chat",
    Modality.EMBEDDING: "embeddings",
    Modality.RERANK: "rerank",
}
_REASONS = {
    Stop.END: "stop",
    Stop.SEQUENCE: "stop",
    Stop.LENGTH: "length",
    Stop.CALL: "tool_calls",
    Stop.FILTER: "content_filter",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A model call as its span tells it; `began` and `took` are in microseconds."""

    request: str
    operation: str
    model: str
    began: int
    took: int
    told: Iterable[Attribute]


class Spans:
    """Writes records as spans. `upstreams` are the deployments by name, with whom each one asks."""

    def __init__(
        self, upstreams: Mapping[str, Upstream | None], *, instance: str, version: str
    ) -> None:
        self._upstreams = upstreams
        self._resource = _attributes(
            1,
            [
                ("service.name", "seedbed"),
                ("service.version", version),
                ("service.instance.id", instance),
            ],
        )
        self._scope = protobuf.text(1, "seedbed") + protobuf.text(2, version)

    def request(self, records: Sequence[Record]) -> bytes:
        """Records as the body of one OTLP request."""
        spans = b"".join(protobuf.data(2, self._span(record)) for record in records)
        scope = protobuf.data(1, self._scope) + spans
        return protobuf.data(1, protobuf.data(1, self._resource) + protobuf.data(2, scope))

    def _span(self, record: Record) -> bytes:
        call, failed = self._call(record), not isinstance(record, Free) and record.code
        ours = hashlib.blake2b(call.request.encode(), digest_size=24).digest()
        parent = traceparent.read(record.trace)
        attributes: list[Attribute] = [
            ("gen_ai.operation.name", call.operation),
            ("gen_ai.request.model", call.model),
            ("seedbed.request", call.request),
            *call.told,
        ]
        return (
            protobuf.data(1, parent.trace if parent else ours[:16])
            + protobuf.data(2, ours[16:])
            + protobuf.data(4, parent.span if parent else b"")
            + protobuf.text(5, f"{call.operation} {call.model}")
            + protobuf.whole(6, _CLIENT)
            + protobuf.fixed(7, call.began * 1000)
            + protobuf.fixed(8, (call.began + call.took) * 1000)
            + _attributes(9, attributes)
            + protobuf.data(15, protobuf.whole(3, _ERROR) if failed else b"")
        )

    def _call(self, record: Record) -> Call:
        match record:
            case Settled():
                return self._settled(record)
            case Free():
                return _free(record)
            case Refusal():  # pragma: no branch - the last of the kinds
                return _refused(record)

    def _settled(self, record: Settled) -> Call:
        entry = record.entry
        operation = _OPERATIONS.get(entry.modality, "generate_content")
        upstream = self._upstreams.get(entry.deployment)
        told = (*_served(record, upstream), *_used(entry), *_paid(entry))
        return Call(entry.request_id, operation, entry.model, entry.began, entry.took, told)


def _free(record: Free) -> Call:
    told: tuple[Attribute, ...] = (
        ("gen_ai.provider.name", "seedbed"),
        ("seedbed.key", record.key),
        ("seedbed.stop", "free"),
    )
    began = round(record.at * 1e6) - record.took
    return Call(record.request_id, "count_tokens", record.model, began, record.took, told)


def _refused(record: Refusal) -> Call:
    told: tuple[Attribute, ...] = (
        ("gen_ai.provider.name", "seedbed"),
        ("error.type", record.code),
        ("seedbed.key", record.key),
        ("seedbed.stop", "refused"),
    )
    return Call(record.request_id, "chat", record.model, round(record.at * 1e6), 0, told)


def _served(record: Settled, upstream: Upstream | None) -> Iterator[Attribute]:
    yield "gen_ai.provider.name", upstream.dialect if upstream else record.engine
    yield "gen_ai.response.model", upstream.model if upstream else record.entry.model
    if upstream:
        parts = urlsplit(upstream.url)
        yield "server.address", parts.hostname or ""
        yield "server.port", parts.port or (443 if parts.scheme == "https" else 80)
    if record.code:
        yield "error.type", record.code
    yield "seedbed.deployment", record.entry.deployment
    yield "seedbed.engine", record.engine


def _used(entry: Entry) -> Iterator[Attribute]:
    usage = entry.usage
    yield "gen_ai.usage.input_tokens", usage.input
    yield "gen_ai.usage.output_tokens", usage.output
    if usage.input_cache_read:
        yield "gen_ai.usage.cache_read.input_tokens", usage.input_cache_read
    if usage.input_cache_write:
        yield "gen_ai.usage.cache_write.input_tokens", usage.input_cache_write
    if usage.output_reasoning:
        yield "gen_ai.usage.reasoning.output_tokens", usage.output_reasoning
    if entry.modality == Modality.TEXT:
        yield "gen_ai.response.finish_reasons", [_reason(entry.stop)]
    if entry.first is not None:
        yield "gen_ai.response.time_to_first_chunk", entry.first / 1e6
    yield "seedbed.stop", entry.stop


def _paid(entry: Entry) -> Iterator[Attribute]:
    yield "user.id", entry.principal.user
    yield "seedbed.project", payer(entry.principal.project)
    yield "seedbed.key", entry.principal.key
    yield "seedbed.spent_micros", entry.spent.micros
    yield "seedbed.reserved_micros", entry.reserved.micros
    yield "seedbed.currency", entry.spent.currency
    yield "seedbed.held_us", entry.held


def _reason(stop: str) -> str:
    """Why it ended, in the words of most providers; `error` where it did not end by itself."""
    return _REASONS[Stop(stop)] if stop in _REASONS else "error"


def _attributes(number: int, attributes: Iterable[Attribute]) -> bytes:
    return b"".join(
        protobuf.data(number, protobuf.text(1, name) + protobuf.data(2, _value(value)))
        for name, value in attributes
    )


def _value(value: Value) -> bytes:
    match value:
        case str():
            return protobuf.text(1, value)
        case int():
            return protobuf.whole(3, value)
        case float():
            return protobuf.double(4, value)
        case _:
            each = (protobuf.data(1, protobuf.text(1, word)) for word in value)
            return protobuf.data(5, b"".join(each))
