"""`POST /responses`, and what is kept of them.

Floor 6. They are OpenAI's Responses with words of Ark's own, and kept in one place with those, so
that both vendors' SDKs read an answer: it has the fields of both. Reading is in
`responses_read.py`, what comes in between in `responses_way.py`, writing in `responses_write.py`.
"""

from collections.abc import Mapping

from starlette.routing import Route

from seedbed.api.ark.manner import BASES, Ark
from seedbed.api.ark.responses_read import Read, is_cached, read_response
from seedbed.api.ark.responses_way import Following
from seedbed.api.ark.responses_write import FIELDS, ArkResponseWriter
from seedbed.api.dialect import Dialect, Reading
from seedbed.api.openai.responses import routes as openai
from seedbed.api.openai.responses.call import head_of, style_of
from seedbed.api.openai.responses.items import Kept, numbered
from seedbed.api.openai.responses.routes import Archive
from seedbed.api.openai.responses.state import RESPONSE, Past
from seedbed.api.problems import Problem
from seedbed.core.errors import ObjectUnknown, RequestMalformed, SeedbedError
from seedbed.core.value import changed
from seedbed.tools.remote import BOUNDS, Bounds


class Responses(Ark):
    """What is said is answered, and both are kept."""

    fields = FIELDS

    def __init__(self, past: Past, bounds: Bounds = BOUNDS) -> None:
        self._past, self._bounds = past, bounds

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for a response."""
        base = request_id.removeprefix("req_")
        read = read_response(body, numbered(base), now)
        asked, typed = read.asked, read.body
        style = changed(style_of(asked, typed, base), sums_up=True)
        head = head_of(asked, typed, f"resp_{base}", now) | _own(read)
        writer = ArkResponseWriter(head, style, request_id, reads_only=read.reads_only)
        way = Following(self._past, read, writer, self._bounds)
        return Reading(asked.ask, writer, writer if typed.stream else None, way)

    def problem(self, error: SeedbedError, *, request_id: str) -> Problem:
        """An error as the whole response; a response that is not there is the previous one."""
        if isinstance(error, ObjectUnknown) and error.facts["kind"] == RESPONSE:
            field = "previous_response_id"
            error = RequestMalformed(error.what, hint=error.hint, field=field)
        return super().problem(error, request_id=request_id)


def calls(past: Past, bounds: Bounds = BOUNDS) -> Mapping[tuple[str, str], Dialect]:
    """The model calls, by method and path; servers of tools are held to the bounds."""
    return {("POST", f"{base}/responses"): Responses(past, bounds) for base in BASES}


def routes(archive: Archive) -> list[Route]:
    """The routes besides model calls, which are OpenAI's, but for what ends an answer in the
    background; a body that comes with `DELETE` is not read.
    """
    below = [one for base in BASES for one in openai.routes(archive, f"{base}/responses")]
    return [one for one in below if not one.path.endswith("/cancel")]


def _own(read: Read) -> Kept:
    """What Ark tells of a response from its beginning, besides what OpenAI does."""
    body = read.body
    caching = "enabled" if is_cached(body) else "disabled"
    return {
        "thinking": {"type": body.thinking.type} if body.thinking else None,
        "caching": {"type": caching, "prefix": read.reads_only},
        "expire_at": read.until,
    }
