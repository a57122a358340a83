"""What all of Ark's answers share: its errors.

Floor 6. Our own code of an error is dropped by name; its sentence tells as much. A spent budget has
Ark's status 403, and what is overloaded or not ready yet has its 429, since there is no 503 here.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from seedbed.api import problems
from seedbed.core import errors

FIELDS: Mapping[str, str] = {"format": "response_format"}
"""What a field that the gateway or an engine names is called in a chat; other calls differ."""


class _Words(NamedTuple):
    """A type of errors, a code in it, and the status where it is another than the house's."""

    type: str
    code: str
    status: int | None = None


_WORDS: Mapping[type[errors.SeedbedError], _Words] = {
    errors.RequestRefused: _Words("BadRequest", "InvalidParameter"),
    errors.FieldUnserved: _Words("BadRequest", "InvalidParameter.UnsupportedParameter"),
    errors.FeatureUnserved: _Words("BadRequest", "InvalidParameter.UnsupportedParameter"),
    errors.PromptTooLong: _Words("BadRequest", "OutofContextError"),
    errors.ModelUnknown: _Words("NotFound", "InvalidEndpointOrModel.NotFound"),
    errors.PathUnknown: _Words("NotFound", "NotFound.Path"),
    errors.PathUnserved: _Words("NotImplemented", "OperationDenied.NotImplemented"),
    errors.ObjectUnknown: _Words("NotFound", "NotFound"),
    errors.ObjectBusy: _Words("Conflict", "OperationDenied.InvalidState"),
    errors.JobRefused: _Words("Forbidden", "OperationDenied.InvalidState", 403),
    errors.AccessDenied: _Words("Unauthorized", "AuthenticationError"),
    errors.ScopeMissing: _Words("Forbidden", "AccessDenied"),
    errors.BudgetSpent: _Words("Forbidden", "AccountOverdueError", 403),
    errors.BudgetReserved: _Words("TooManyRequests", "QuotaExceeded"),
    errors.QueueFull: _Words("TooManyRequests", "QuotaExceeded"),
    errors.Unavailable: _Words("TooManyRequests", "ServerOverloaded", 429),
    errors.DeadlineExceeded: _Words("InternalServerError", "InternalServiceError"),
    errors.ModelUnpriced: _Words("InternalServerError", "InternalServiceError"),
    errors.MemoryExceeded: _Words("InternalServerError", "InternalServiceError"),
    errors.SeedbedError: _Words("InternalServerError", "InternalServiceError"),
}
_CODES = {
    "role": "InvalidArgumentError.UnknownRole",
    "min_pixels": "InvalidArgumentError.InvalidPixelLimit",
    "max_pixels": "InvalidArgumentError.InvalidPixelLimit",
    "previous_response_id": "InvalidParameter.PreviousResponseNotFound",
}
"""What is told of fields that have codes of their own."""
_LACKS = re.compile(r"missing required field `(\w+)`")
_HOPELESS = (
    errors.PathUnserved,
    errors.BudgetSpent,
    errors.DeadlineExceeded,
    errors.ModelUnpriced,
    errors.MemoryExceeded,
)
"""What is no other when it is asked again at once, though its status may say so."""


def problem(
    error: errors.SeedbedError, request_id: str, fields: Mapping[str, str] = FIELDS
) -> problems.Problem:
    """An error as the whole response; `fields` says how this call names the neutral ones."""
    error = problems.told(error)
    status = _words(error).status or problems.status(error)
    headers = problems.headers(error)
    if isinstance(error, _HOPELESS):
        headers = ((b"x-should-retry", b"false"),)
    return problems.Problem(status, headers, error_body(error, request_id, fields))


def error_body(
    error: errors.SeedbedError, request_id: str, fields: Mapping[str, str] = FIELDS
) -> bytes:
    """An error as JSON."""
    field = error.facts.get("field")
    if isinstance(field, str):
        head, dot, rest = field.partition(".")
        field = fields.get(head, head) + dot + rest
    body = {
        "code": _code(error, field),
        "message": f"{error} Request id: {request_id}",
        "param": field,
        "type": _words(error).type,
    }
    return msgspec.json.encode({"error": body})


def _code(error: errors.SeedbedError, field: object) -> str:
    """The nearest code; of a field that is wrong it has the name, too."""
    code = _words(error).code
    if isinstance(error, errors.ObjectUnknown):
        return f"{code}.{error.facts['kind']}"
    if isinstance(error, errors.ContentRefused):
        return f"{error.side.title()}{error.of.title()}SensitiveContentDetected"
    if code != "InvalidParameter":
        return code
    if lacks := _LACKS.search(str(error.__cause__)):
        return f"MissingParameter.{lacks[1]}"
    if not isinstance(field, str):
        return code
    last = field.rpartition(".")[2]
    return _CODES.get(last) or (f"{code}.{last}" if field.isidentifier() else code)


def _words(error: errors.SeedbedError) -> _Words:
    return next(_WORDS[kind] for kind in type(error).__mro__ if kind in _WORDS)
