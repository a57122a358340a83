"""What one caller may make the server hold, and for how long.

Floor 6.
"""

from dataclasses import dataclass

LONG_BODY = "seedbed.long_body"
"""Set in a request's ASGI scope, its body may take as long as it keeps coming: for uploads of those
who were let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one caller may take; times in seconds."""

    connections: int = 10_000
    head_bytes: int = 64 << 10
    headers: int = 100
    url_bytes: int = 8 << 10
    waiting_requests: int = 8
    head_within: float = 10.0
    """From the connection to its first byte, and from there to the end of the head."""
    body_pause: float = 10.0
    body_within: float = 60.0
    idle: float = 75.0
    parting: float = 5.0
    """How long a caller who was refused may go on sending, so that it comes to read why."""
