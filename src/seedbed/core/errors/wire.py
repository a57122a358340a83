"""The caller must change how the request is sent: its length, its pace, its coding.

Floor 1.
"""

from seedbed.core.errors.refused import RequestRefused


class RequestTooLarge(RequestRefused):
    """The body is longer than the door accepts."""

    code = "request_too_large"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"The request body is longer than {limit:,} bytes.",
            hint="Send a shorter one.",
            limit=limit,
        )


class RequestTooSlow(RequestRefused):
    """The body did not come in time."""

    code = "request_too_slow"

    def __init__(self, *, seconds: float) -> None:
        super().__init__(
            f"The request body had not come after {seconds:g} s.",
            hint="Send it in one go.",
            seconds=seconds,
        )


class HeadTooLarge(RequestRefused):
    """What comes before the body is longer than the door accepts, or has more headers."""

    code = "head_too_large"

    def __init__(self, *, limit: int, headers: int) -> None:
        super().__init__(
            f"The head of the request is longer than {limit:,} bytes, "
            f"or has more than {headers} headers.",
            hint="Send fewer and shorter headers.",
            limit=limit,
            headers=headers,
        )


class UrlTooLong(RequestRefused):
    """The address of the request is longer than the door accepts."""

    code = "url_too_long"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"The URL is longer than {limit:,} bytes.",
            hint="No path of this house needs so many.",
            limit=limit,
        )


class CodingUnserved(RequestRefused):
    """The body is compressed, and what it would unfold to cannot be known before."""

    code = "coding_unserved"

    def __init__(self, coding: str) -> None:
        super().__init__(
            f"The request body is compressed as {coding[:40]!r}, which is not taken.",
            hint="Send it as it is, without a Content-Encoding.",
            coding=coding,
        )
