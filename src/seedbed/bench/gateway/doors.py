"""Doors: where each vendor's words for a conversation are asked, and how an answer there ends.

Floor 5. Every door is asked for the same conversation.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """One vendor's. `ends` stands in what comes last of a stream that is whole."""

    path: str
    ends: bytes


OPENAI = "openai"
"""The door that all gateways have."""
DOORS: Mapping[str, Door] = {
    OPENAI: Door("/v1/chat/completions", b"data: [DONE]"),
    "ark": Door("/api/v3/chat/completions", b"data: [DONE]"),
    "anthropic": Door("/v1/messages", b"event: message_stop"),
}
