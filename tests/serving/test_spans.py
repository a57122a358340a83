"""What a span says, read by the library that collectors read it with."""

from dataclasses import replace

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from seedbed.core.access import private
from seedbed.core.model import Upstream
from seedbed.core.money import Modality
from seedbed.core.usage import Usage
from seedbed.kit import ids
from seedbed.serving.observing import Record
from seedbed.serving.spans import Spans
from tests.serving.records import BEGAN, free, refusal, settled

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
UPSTREAM = Upstream("https://api.example.com/v1", "openai", "big-model-2")


def read(*records: Record, upstream: Upstream | None = None) -> ResourceSpans:
    spans = Spans({"m@here": upstream}, instance="instance_1", version="1.2")
    request = ExportTraceServiceRequest.FromString(spans.request(records))
    (resource,) = request.resource_spans
    return resource


def span(record: Record, *, upstream: Upstream | None = None) -> Span:
    return read(record, upstream=upstream).scope_spans[0].spans[0]


def told(span: Span) -> dict[str, object]:
    return {attribute.key: _value(attribute.value) for attribute in span.attributes}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind or "")


def _named(attributes: list[KeyValue]) -> dict[str, object]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def test_a_span_tells_the_project_that_pays() -> None:
    one = settled()
    who = replace(one.entry.principal, project=private("web", ids.fresh("private")))
    assert (
        told(span(replace(one, entry=replace(one.entry, principal=who))))["seedbed.project"]
        == "web"
    )


def test_an_answer_is_a_span_from_its_beginning_to_its_end() -> None:
    one = span(settled())
    assert one.name == "chat m"
    assert one.kind == Span.SPAN_KIND_CLIENT
    assert one.start_time_unix_nano == BEGAN * 1000
    assert one.end_time_unix_nano == (BEGAN + 500_000) * 1000
    assert one.status.code == Status.STATUS_CODE_UNSET


def test_a_span_says_who_what_how_much_and_nothing_else() -> None:
    assert told(span(settled(first=40_000))) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "m",
        "gen_ai.response.model": "m",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.04,
        "user.id": "ada",
        "seedbed.request": "req_1",
        "seedbed.project": "default",
        "seedbed.key": "key_1",
        "seedbed.deployment": "m@here",
        "seedbed.engine": "scripted",
        "seedbed.stop": "end",
        "seedbed.spent_micros": 37,
        "seedbed.reserved_micros": 100,
        "seedbed.currency": "USD",
        "seedbed.held_us": 250_000,
    }


def test_tokens_of_a_kind_are_told_where_there_are_any() -> None:
    said = told(span(settled(usage=Usage(1, 2, 3, 4, 5))))
    assert said["gen_ai.usage.input_tokens"] == 6
    assert said["gen_ai.usage.output_tokens"] == 9
    assert said["gen_ai.usage.cache_read.input_tokens"] == 2
    assert said["gen_ai.usage.cache_write.input_tokens"] == 3
    assert said["gen_ai.usage.reasoning.output_tokens"] == 5


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://api.example.com/v1", 443),
        ("http://api.example.com/v1", 80),
        ("http://api.example.com:8000/v1", 8000),
    ],
)
def test_an_upstream_is_told_by_its_dialect_address_and_name(url: str, port: int) -> None:
    said = told(span(settled(), upstream=Upstream(url, "anthropic", "big-model-2")))
    assert said["gen_ai.provider.name"] == "anthropic"
    assert said["gen_ai.response.model"] == "big-model-2"
    assert (said["server.address"], said["server.port"]) == ("api.example.com", port)
    assert said["gen_ai.request.model"] == "m"


def test_an_answer_that_failed_is_an_error() -> None:
    one = span(settled(stop="failed", code="engine_failed"))
    assert one.status.code == Status.STATUS_CODE_ERROR
    assert told(one)["error.type"] == "engine_failed"
    assert told(one)["gen_ai.response.finish_reasons"] == ["error"]


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("end", "stop"),
        ("sequence", "stop"),
        ("length", "length"),
        ("call", "tool_calls"),
        ("filter", "content_filter"),
        ("cancelled", "error"),
    ],
)
def test_why_it_ended_is_told_in_the_words_of_most(stop: str, reason: str) -> None:
    said = told(span(settled(stop=stop)))
    assert said["gen_ai.response.finish_reasons"] == [reason]
    assert said["seedbed.stop"] == stop


@pytest.mark.parametrize(
    ("modality", "operation"),
    [
        (Modality.EMBEDDING, "embeddings"),
        (Modality.RERANK, "rerank"),
        (Modality.IMAGE, "generate_content"),
    ],
)
def test_other_work_than_chat_has_its_own_name(modality: Modality, operation: str) -> None:
    one = span(settled(modality=modality))
    assert one.name == f"{operation} m"
    assert "gen_ai.response.finish_reasons" not in told(one)


def test_a_refusal_is_an_error_at_one_moment() -> None:
    one = span(refusal())
    assert one.name == "chat m"
    assert one.start_time_unix_nano == one.end_time_unix_nano == BEGAN * 1000
    assert one.status.code == Status.STATUS_CODE_ERROR
    assert told(one) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "seedbed",
        "gen_ai.request.model": "m",
        "error.type": "capacity_exceeded",
        "seedbed.request": "req_9",
        "seedbed.key": "key_1",
        "seedbed.stop": "refused",
    }


def test_what_cost_nothing_is_a_span_of_its_own_kind() -> None:
    one = span(free())
    assert one.name == "count_tokens m"
    assert one.start_time_unix_nano == (BEGAN - 1000) * 1000
    assert one.end_time_unix_nano == BEGAN * 1000
    assert one.status.code == Status.STATUS_CODE_UNSET
    assert told(one) == {
        "gen_ai.operation.name": "count_tokens",
        "gen_ai.provider.name": "seedbed",
        "gen_ai.request.model": "m",
        "seedbed.request": "req_8",
        "seedbed.key": "key_1",
        "seedbed.stop": "free",
    }


def test_a_span_is_the_child_of_the_callers() -> None:
    one = span(settled(trace=f"00-{TRACE}-{CALLER}-01"))
    assert one.trace_id.hex() == TRACE
    assert one.parent_span_id.hex() == CALLER
    assert one.span_id.hex() not in {CALLER, ""}


@pytest.mark.parametrize("header", [None, "nonsense", f"00-{'0' * 32}-{CALLER}-01"])
def test_without_a_sound_header_a_trace_is_begun(header: str | None) -> None:
    one = span(settled(trace=header))
    assert (len(one.trace_id), len(one.span_id), one.parent_span_id) == (16, 8, b"")


def test_a_span_has_the_same_ids_each_time_and_other_requests_have_others() -> None:
    assert span(settled(1)) == span(settled(1))
    assert span(settled(1)).span_id != span(settled(2)).span_id
    assert span(settled(1)).trace_id != span(settled(2)).trace_id


def test_many_spans_are_told_in_order_with_the_house_that_made_them() -> None:
    house = read(settled(1), refusal(), settled(2))
    assert _named(list(house.resource.attributes)) == {
        "service.name": "seedbed",
        "service.version": "1.2",
        "service.instance.id": "instance_1",
    }
    (scope,) = house.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("seedbed", "1.2")
    assert [told(one)["seedbed.request"] for one in scope.spans] == ["req_1", "req_9", "req_2"]
