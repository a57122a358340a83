"""What whole and streamed messages share: what was used, and why the answer ended.

Floor 6. Of several stop texts it is told which was met, where the engine tells it. An answer that
filled its window ended at `max_tokens`, as one that had no more.
"""

from collections.abc import Mapping

import msgspec

from seedbed.core.event import Finished, Reply, Stop
from seedbed.core.usage import Usage

_REASONS: Mapping[Stop, str] = {
    Stop.END: "end_turn",
    Stop.SEQUENCE: "stop_sequence",
    Stop.LENGTH: "max_tokens",
    Stop.CALL: "tool_use",
    Stop.FILTER: "refusal",
}


def usage(used: Usage) -> dict[str, object]:
    """Tokens; those that were read anew are told apart from those of a cache."""
    stored = used.input_cache_write
    return {
        "input_tokens": used.input_fresh,
        "cache_creation_input_tokens": stored,
        "cache_read_input_tokens": used.input_cache_read,
        "cache_creation": {"ephemeral_5m_input_tokens": stored, "ephemeral_1h_input_tokens": 0},
        "output_tokens": used.output,
        "output_tokens_details": {"thinking_tokens": used.output_reasoning},
        "service_tier": "standard",
    }


def ending(end: Finished | Reply, stops: tuple[str, ...]) -> dict[str, object]:
    """Why an answer ended that was to end at one of those texts."""
    met = end.met
    if met is None and end.stop == Stop.SEQUENCE and len(stops) == 1:
        met = stops[0]
    return {"stop_reason": _REASONS[end.stop], "stop_sequence": met}


def arguments(raw: str) -> object:
    """Arguments as the object that is wanted here; what a model wrote amiss is kept in one."""
    try:
        return msgspec.json.decode(raw or "{}", type=dict[str, object])
    except (ValueError, RecursionError):
        return {"arguments": raw}
