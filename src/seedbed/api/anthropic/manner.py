"""Anthropic's manner: its errors, its statuses, and the header that its SDK reads.

Floor 6. What an error has no words for here is dropped by name: which field it is about and our own
code for it, both of which its sentence tells.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api import problems
from seedbed.api.manner import Headers, Sent
from seedbed.core import errors

ROOTS = ("/v1", "/api/coding/v1", "/api/compatible/v1")
"""Where messages are taken; the others are what programs made for Ark ask."""
VERSION = b"anthropic-version"
"""The header by which its SDKs are known on paths that other vendors have, too."""

_STATUSES: Mapping[int, int] = {424: 400, 502: 500, 503: 529}
"""Statuses that have no type of error here, and those that tell the same."""
_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class Anthropic:
    """What all of Anthropic's calls share."""

    def problem(self, error: errors.SeedbedError, *, request_id: str) -> problems.Problem:
        """An error as the whole response."""
        told = problems.told(error)
        body = error_body(told, request_id)
        return problems.Problem(_status(told), problems.headers(told), body)

    def head(self, request_id: str, sent: Sent) -> Headers:
        """The headers that every response has: Anthropic's, and the one that our own words name."""
        del sent
        return ((b"request-id", request_id.encode()), (b"x-request-id", request_id.encode()))


def wants(path: str, sent: Sent) -> bool:
    """Whether a request wants this manner: by what it asks for, or by what its client says."""
    return VERSION in sent or any(f"{path}/".startswith(f"{root}/messages/") for root in ROOTS)


def error_body(error: errors.SeedbedError, request_id: str) -> bytes:
    """An error as JSON."""
    kind = _TYPES.get(_status(error), "invalid_request_error")
    told = {"type": kind, "message": str(error)}
    return msgspec.json.encode({"type": "error", "error": told, "request_id": request_id})


def _status(error: errors.SeedbedError) -> int:
    """A model whose places are all taken is no limit of the caller's."""
    if isinstance(error, errors.CapacityExceeded):
        return 529
    status = problems.status(error)
    return _STATUSES.get(status, status)
