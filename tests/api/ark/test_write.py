"""Errors in Ark's words: status, type and code, and whether asking again can help."""

from datetime import date

import msgspec
import pytest

from seedbed.api.ark import wire
from seedbed.api.ark.read import read_chat
from seedbed.api.ark.write import problem
from seedbed.core import errors
from seedbed.core.errors import SeedbedError

INTERNAL = ("InternalServerError", "InternalServiceError")
NO = {b"x-should-retry": b"false"}
CASES: list[tuple[SeedbedError, int, str, str, dict[bytes, bytes]]] = [
    (errors.RequestRefused("No.", hint="Change it."), 400, "BadRequest", "InvalidParameter", {}),
    (
        errors.FieldUnserved("n", value="2", because="x"),
        400,
        "BadRequest",
        "InvalidParameter.UnsupportedParameter",
        {},
    ),
    (
        errors.FeatureUnserved("m", "tools"),
        400,
        "BadRequest",
        "InvalidParameter.UnsupportedParameter",
        {},
    ),
    (
        errors.PromptTooLong("m", tokens=9, window=5),
        400,
        "BadRequest",
        "OutofContextError",
        {},
    ),
    (
        errors.ModelUnknown("ep-1", known=()),
        404,
        "NotFound",
        "InvalidEndpointOrModel.NotFound",
        {},
    ),
    (errors.PathUnknown("GET", "/x"), 404, "NotFound", "NotFound.Path", {}),
    (
        errors.PathUnserved("/x", because="no engine does."),
        501,
        "NotImplemented",
        "OperationDenied.NotImplemented",
        NO,
    ),
    (errors.ObjectUnknown("context", "ctx-1"), 404, "NotFound", "NotFound.context", {}),
    (errors.ObjectBusy("context", "ctx-1"), 409, "Conflict", "OperationDenied.InvalidState", {}),
    (
        errors.ContentRefused("W"),
        400,
        "BadRequest",
        "InputTextSensitiveContentDetected",
        {},
    ),
    (
        errors.ContentRefused("W", side="output", of="video"),
        400,
        "BadRequest",
        "OutputVideoSensitiveContentDetected",
        {},
    ),
    (errors.OnceDiffers("k"), 422, "BadRequest", "InvalidParameter", {}),
    (errors.KeyMissing(), 401, "Unauthorized", "AuthenticationError", {}),
    (errors.ScopeMissing("admin"), 403, "Forbidden", "AccessDenied", {}),
    (
        errors.BudgetSpent("budget", spent="1", left="0", needed="1", until=None),
        403,
        "Forbidden",
        "AccountOverdueError",
        NO,
    ),
    (
        errors.BudgetReserved("budget", left="1", needed="2"),
        429,
        "TooManyRequests",
        "QuotaExceeded",
        {b"retry-after": b"2"},
    ),
    (
        errors.CapacityExceeded("m", places=1, seconds=7),
        429,
        "TooManyRequests",
        "ServerOverloaded",
        {b"retry-after": b"7"},
    ),
    (
        errors.EngineStarting("m", state="loading", retry_after=3),
        429,
        "TooManyRequests",
        "ServerOverloaded",
        {b"retry-after": b"3"},
    ),
    (errors.DeadlineExceeded(seconds=9), 504, *INTERNAL, NO),
    (errors.ModelUnpriced("m", on=date(2027, 1, 1), why="x"), 503, *INTERNAL, NO),
    (errors.MemoryExceeded("m", needs=2, may=1), 503, *INTERNAL, NO),
    (errors.EngineFailed("m", why="it died"), 502, *INTERNAL, {}),
    (errors.SettingRefused("No.", hint="Mend it."), 500, *INTERNAL, {}),
]


@pytest.mark.parametrize(
    ("error", "status", "kind", "code", "headers"), CASES, ids=[type(c[0]).__name__ for c in CASES]
)
def test_an_error_has_its_status_type_and_code(
    error: SeedbedError, status: int, kind: str, code: str, headers: dict[bytes, bytes]
) -> None:
    told = problem(error, "req_1")
    body = msgspec.json.decode(told.body)["error"]
    assert (told.status, body["type"], body["code"]) == (status, kind, code)
    assert dict(told.headers) == headers
    assert set(body) == {"code", "message", "param", "type"}
    assert body["message"].endswith(" Request id: req_1")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"{}", "MissingParameter.model", None),
        (b"{", "InvalidParameter", None),
        (
            b'{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":9}',
            "InvalidParameter.temperature",
            "temperature",
        ),
        (
            b'{"model":"m","messages":[{"role":"oracle","content":"x"}]}',
            "InvalidArgumentError.UnknownRole",
            "messages[0].role",
        ),
        (
            b'{"model":"m","messages":[{"role":"tool","content":"x"}]}',
            "InvalidParameter",
            "messages[0].tool_call_id",
        ),
        (
            b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url",'
            b'"image_url":{"url":"x","min_pixels":0}}]}]}',
            "InvalidArgumentError.InvalidPixelLimit",
            "messages[0].content[0].image_url.min_pixels",
        ),
    ],
)
def test_what_cannot_be_read_is_told_by_its_field(
    body: bytes, code: str, param: str | None
) -> None:
    with pytest.raises(SeedbedError) as refused:
        read_chat(body, wire.ChatBody)
    error = msgspec.json.decode(problem(refused.value, "req_1").body)["error"]
    assert (error["code"], error["param"]) == (code, param)


def test_a_field_is_called_as_the_call_calls_it() -> None:
    error = errors.PromptTooLong("m", tokens=9, window=5)
    told = problem(error, "req_1", {"messages": "input"})
    assert msgspec.json.decode(told.body)["error"]["param"] == "input"
