"""What all of OpenAI's answers share: errors, usage, and what an answer cost.

Floor 6. What an answer cost stands in an object of our own, `seedbed`, which the vendor's SDK
carries along.
"""

import re
from collections.abc import Mapping

import msgspec

from seedbed.api import problems
from seedbed.core import errors
from seedbed.core.event import Likely, Stop
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.kit import sse

REASONS = {
    Stop.END: "stop",
    Stop.SEQUENCE: "stop",
    Stop.LENGTH: "length",
    Stop.CALL: "tool_calls",
    Stop.FILTER: "content_filter",
}
"""Why an answer ended. The stop text that was met is dropped: there is no word for it."""
DONE = sse.frame(b"[DONE]")
FIELDS: Mapping[str, str] = {"format": "response_format"}
"""What a field that the gateway or an engine names is called in a chat; other calls differ."""

_CODES: dict[type[errors.SeedbedError], str] = {
    errors.ModelUnknown: "model_not_found",
    errors.PromptTooLong: "context_length_exceeded",
    errors.KeyMissing: "invalid_api_key",
    errors.KeyUnknown: "invalid_api_key",
    errors.CapacityExceeded: "rate_limit_exceeded",
    errors.BudgetSpent: "insufficient_quota",
    errors.BudgetReserved: "rate_limit_exceeded",
    errors.QueueFull: "rate_limit_exceeded",
    errors.ContentRefused: "moderation_blocked",
}
_TYPES: dict[type[errors.SeedbedError], str] = {
    errors.RequestRefused: "invalid_request_error",
    errors.AccessDenied: "authentication_error",
    errors.CapacityExceeded: "rate_limit_error",
    errors.BudgetSpent: "insufficient_quota",
    errors.BudgetReserved: "rate_limit_error",
    errors.QueueFull: "rate_limit_error",
    errors.SeedbedError: "server_error",
}
_IMPOSSIBLE = -9999.0
_HEAD = re.compile(r"\w+")


def problem(error: errors.SeedbedError, fields: Mapping[str, str] = FIELDS) -> problems.Problem:
    """An error as the whole response; `fields` says how this call names the neutral ones."""
    error = problems.told(error)
    body = error_body(error, fields)
    return problems.Problem(problems.status(error), problems.headers(error), body)


def error_body(error: errors.SeedbedError, fields: Mapping[str, str] = FIELDS) -> bytes:
    """An error as JSON."""
    field = error.facts.get("field")
    if isinstance(field, str):
        field = _HEAD.sub(lambda head: fields.get(head[0], head[0]), field, count=1)
    body = {
        "message": str(error),
        "type": _nearest(_TYPES, error),
        "param": field,
        "code": _nearest(_CODES, error) or error.code,
    }
    return msgspec.json.encode({"error": body})


def usage(used: Usage) -> dict[str, object]:
    """Tokens, as chats and completions tell them."""
    read, written = used.input, used.output
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {
            "cached_tokens": used.input_cache_read,
            "cache_write_tokens": used.input_cache_write,
        },
        "completion_tokens_details": {"reasoning_tokens": used.output_reasoning},
    }


def read_usage(used: Usage) -> dict[str, object]:
    """Tokens, as calls tell them that only read."""
    return {"prompt_tokens": used.input, "total_tokens": used.input}


def logprob(likely: Likely) -> float:
    """How likely a token was; what was impossible is told by the vendor's number for it."""
    return max(likely.logprob, _IMPOSSIBLE)


def cost(entry: Entry | None) -> dict[str, object]:
    """What the ledger's entry says, where there is one."""
    if entry is None:
        return {}
    told: dict[str, object] = {
        "cost": entry.spent.decimal,
        "currency": entry.spent.currency,
        "held_seconds": entry.held / 1e6,
        "request_id": entry.request_id,
    }
    if entry.warnings:
        told["warnings"] = entry.warnings
    return {"seedbed": told}


def _nearest(table: dict[type[errors.SeedbedError], str], error: errors.SeedbedError) -> str | None:
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)
