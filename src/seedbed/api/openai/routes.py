"""Where OpenAI's dialect answers.

Floor 6. Model calls are in `calls`, carried by `seedbed.api.hot`; the rest are routes of the site.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedbed.api.dialect import Dialect
from seedbed.api.guard import Guard
from seedbed.api.openai.chat import Chat
from seedbed.api.openai.completions import Completions
from seedbed.api.openai.embeddings import Embeddings
from seedbed.api.openai.rerank import Rerank
from seedbed.api.openai.stored import Stored
from seedbed.core.errors import ModelUnknown
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway


def calls(stored: Stored) -> Mapping[tuple[str, str], Dialect]:
    """The model calls, by method and path."""
    return {
        ("POST", "/v1/chat/completions"): Chat(stored),
        ("POST", "/v1/completions"): Completions(),
        ("POST", "/v1/embeddings"): Embeddings(),
        ("POST", "/v1/rerank"): Rerank(),
    }


def routes(gateway: Gateway, guard: Guard, *, since: int) -> list[Route]:
    """The routes besides model calls. `since` is when this server began, in epoch seconds."""

    async def list_models(request: Request) -> JSONResponse:
        await guard.let_in(request.scope)
        data = [_model(name, live, since) for name, live in gateway.named.items()]
        return JSONResponse({"object": "list", "data": data})

    async def show_model(request: Request) -> JSONResponse:
        await guard.let_in(request.scope)
        name = request.path_params["name"]
        if name not in gateway.named:
            raise ModelUnknown(name, known=tuple(gateway.named))
        return JSONResponse(_model(name, gateway.named[name], since))

    return [
        Route("/v1/models", list_models, methods=["GET"]),
        Route("/v1/models/{name:path}", show_model, methods=["GET"]),
    ]


def _model(name: str, live: LiveDeployment, since: int) -> dict[str, object]:
    model = live.deployment.model
    return {
        "id": name,
        "object": "model",
        "created": since,
        "owned_by": "seedbed",
        "seedbed": {
            "features": sorted(live.engine.features),
            "window": model.window,
            "engine": live.deployment.engine,
            "state": live.state,
        },
    }
