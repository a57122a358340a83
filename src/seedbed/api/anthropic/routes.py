"""Where Anthropic's dialect answers.

Floor 6. Model calls are carried by `seedbed.api.hot`; the rest are routes of the site. Where other
vendors have a path, too, it is Anthropic's for requests with `anthropic-version`.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.anthropic import catalogue
from seedbed.api.anthropic.counting import Counting
from seedbed.api.anthropic.manner import ROOTS
from seedbed.api.anthropic.messages import Messages
from seedbed.api.anthropic.route import Chosen, is_anthropic, is_head
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.dialect import Dialect
from seedbed.api.guard import Guard
from seedbed.core.errors import ModelUnknown
from seedbed.serving.gateway import Gateway
from seedbed.tools.remote import BOUNDS, Bounds


def calls(sealer: Sealer, bounds: Bounds = BOUNDS) -> Mapping[tuple[str, str], Dialect]:
    """The model calls; thoughts are sealed by `sealer`, servers of tools held to the bounds."""
    messages, counting = Messages(sealer, bounds), Counting(sealer)
    found: dict[tuple[str, str], Dialect] = {}
    for root in ROOTS:
        found["POST", f"{root}/messages"] = messages
        found["POST", f"{root}/messages/count_tokens"] = counting
    return found


def routes(gateway: Gateway, guard: Guard) -> list[Route]:
    """The routes besides model calls, to be asked before those of other vendors."""

    async def list_models(request: Request) -> Response:
        await guard.let_in(request.scope)
        return JSONResponse(catalogue.page(gateway.named, request.query_params))

    async def show_model(request: Request) -> Response:
        await guard.let_in(request.scope)
        name = request.path_params["name"]
        if name not in gateway.named:
            raise ModelUnknown(name, known=tuple(gateway.named))
        return JSONResponse(catalogue.model(name, gateway.named[name]))

    async def answers(_: Request) -> Response:
        """That something answers at all, which some clients ask before they begin."""
        return Response()

    return [
        Chosen("/v1/models", list_models, method="GET", wanted=is_anthropic),
        Chosen("/v1/models/{name:path}", show_model, method="GET", wanted=is_anthropic),
        Chosen("/", answers, method="HEAD", wanted=is_head),
    ]
