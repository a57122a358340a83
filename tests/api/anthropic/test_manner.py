"""Errors in Anthropic's shape, and whose requests want them."""

import json

import pytest

from seedbed.api.anthropic.manner import Anthropic, wants
from seedbed.core import errors

OURS = Anthropic()
VERSION = {b"anthropic-version": b"2023-06-01"}


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.RequestMalformed("a", hint="b"), 400, "invalid_request_error"),
        (errors.KeyMissing(), 401, "authentication_error"),
        (errors.LinkForged(), 403, "permission_error"),
        (errors.ModelUnknown("m", known=()), 404, "not_found_error"),
        (errors.ObjectUnknown("file", "file_1"), 404, "not_found_error"),
        (errors.PathUnknown("PUT", "/", allowed=("POST",)), 405, "invalid_request_error"),
        (errors.RequestTooLarge(limit=1), 413, "request_too_large"),
        (errors.OnceDiffers("k"), 422, "invalid_request_error"),
        (errors.BudgetReserved("b", needed="1", left="0"), 429, "rate_limit_error"),
        (errors.CapacityExceeded("m", places=4), 529, "overloaded_error"),
        (errors.EngineStarting("m", state="loading", retry_after=3), 529, "overloaded_error"),
        (errors.DeadlineExceeded(seconds=1), 504, "timeout_error"),
        (errors.EngineFailed("m", why="it ended"), 500, "api_error"),
        (errors.ModelAbsent("m"), 500, "api_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_error_has_its_status_and_its_type(
    error: errors.SeedbedError, status: int, kind: str
) -> None:
    told = OURS.problem(error, request_id="req_1")
    body = json.loads(told.body)
    assert told.status == status
    assert (body["type"], body["error"]["type"], body["request_id"]) == ("error", kind, "req_1")


def test_what_the_operator_must_mend_is_not_told() -> None:
    told = OURS.problem(errors.ModelAbsent("m"), request_id="req_1")
    assert b"pull" not in told.body


def test_when_to_try_again_is_told() -> None:
    error = errors.EngineStarting("m", state="loading", retry_after=3)
    assert OURS.problem(error, request_id="req_1").headers == ((b"retry-after", b"3"),)


def test_a_request_is_named_for_the_sdk_and_for_our_own_words() -> None:
    named = ((b"request-id", b"req_1"), (b"x-request-id", b"req_1"))
    assert OURS.head("req_1", VERSION) == named


@pytest.mark.parametrize(
    ("path", "is_wanted"),
    [
        ("/v1/messages", True),
        ("/v1/messages/count_tokens", True),
        ("/v1/messages/batches/b", True),
        ("/api/coding/v1/messages", True),
        ("/api/compatible/v1/messages/count_tokens", True),
        ("/v1/messagesx", False),
        ("/v1/models", False),
        ("/api/v3/chat/completions", False),
    ],
)
def test_a_path_or_the_header_of_its_sdks_wants_its_manner(path: str, is_wanted: bool) -> None:
    assert wants(path, {}) is is_wanted
    assert wants(path, VERSION)
