"""`POST /seedbed/regions`: what somebody circled, boxed or outlined in a picture, as boxes.

Floor 6. It costs nothing, and keeps nothing. Whoever leaves ends the work.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.answer import Watch
from seedbed.api.guard import Guard
from seedbed.api.intake import LONGEST_BODY, Left, body, heard
from seedbed.api.openai.body import read_body
from seedbed.api.shape import TEXT, list_of, object_of
from seedbed.core.access import Scope
from seedbed.core.errors import RequestMalformed
from seedbed.kit.interrupt import Interrupt
from seedbed.media.finding import Finding

PATH = "/seedbed/regions"
_JSON = "application/json"


class RegionsBody(msgspec.Struct, forbid_unknown_fields=True):
    """The picture: an address, a data URI, a file's id, or an artifact's hash. It may be sent as it
    is, too.
    """

    image: str


_SIDE = {"type": "number"}
_SIDES = object_of({"x": _SIDE, "y": _SIDE, "width": _SIDE, "height": _SIDE})
_AREA = object_of(
    {
        "form": {"enum": ["box", "ellipse", "outline"]},
        "box": _SIDES,
        "points": list_of(object_of({"x": _SIDE, "y": _SIDE})),
        "colour": TEXT,
        "named": TEXT,
        "words": list_of(TEXT),
        "beside": list_of(TEXT),
    }
)
TOLD = object_of({"regions": list_of(_AREA)})
"""The answer: places are shares of the picture."""


def routes(finding: Finding, guard: Guard) -> list[Route]:
    """The route, for keys that carry `Scope.MODELS`."""

    async def find(request: Request) -> Response:
        principal = await guard.let_in(request.scope, Scope.MODELS)
        source = await _source(request)
        async with Interrupt() as interrupt:
            watch = Watch(request.receive, interrupt)
            try:
                return JSONResponse(await finding.find(source, principal.project))
            finally:
                await watch.end()
        raise Left

    return [Route(PATH, heard(find), methods=["POST"])]


async def _source(request: Request) -> str | bytes:
    """The picture, or where it is.

    Raises:
        RequestMalformed: the body is empty, or is JSON and does not name a picture.
        RequestTooLarge, CodingUnserved: as of any body.
    """
    headers: dict[bytes, bytes] = dict(request.scope["headers"])
    sent = await body(request.receive, headers, limit=LONGEST_BODY)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _JSON:
        return read_body(sent, RegionsBody)[0].image
    if not sent:
        raise RequestMalformed(
            "The body is empty.",
            hint='Send a picture as it is, or {"image": ...} as application/json.',
            field="image",
        )
    return sent
