"""Where Ark's dialect answers.

Floor 6. Model calls are those of `calls`, carried by `seedbed.api.hot`; the rest are routes of the
site. Each is below all of Ark's bases.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedbed.api.ark import multimodal
from seedbed.api.ark.chat import BatchChat, BotChat, Chat
from seedbed.api.ark.context import ContextChat, CreateContext
from seedbed.api.ark.contexts import Contexts
from seedbed.api.ark.embeddings import BatchEmbeddings, Embeddings
from seedbed.api.ark.manner import BASES
from seedbed.api.ark.tokenization import Tokenization
from seedbed.api.dialect import Dialect
from seedbed.api.guard import Guard
from seedbed.api.hot import Calls
from seedbed.api.intake import Answering
from seedbed.core.errors import FieldUnserved, ModelUnknown
from seedbed.serving.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Hall:
    """What the routes stand on. `since` is when this server began, in epoch seconds."""

    gateway: Gateway
    guard: Guard
    since: int


def calls(contexts: Contexts) -> Calls:
    """The model calls, by method and path."""
    told: dict[str, Dialect] = {
        "/chat/completions": Chat(),
        "/bots/chat/completions": BotChat(),
        "/batch/chat/completions": BatchChat(),
        "/embeddings": Embeddings(),
        "/batch/embeddings": BatchEmbeddings(),
        "/tokenization": Tokenization(),
        "/context/create": CreateContext(contexts),
        "/context/chat/completions": ContextChat(contexts),
    }
    usual = {("POST", base + path): one for base in BASES for path, one in told.items()}
    return {**usual, **multimodal.calls()}


def routes(hall: Hall) -> list[Route]:
    """The routes besides model calls."""

    async def list_models(request: Request) -> JSONResponse:
        await hall.guard.let_in(request.scope)
        data = [_model(name, hall.since) for name in hall.gateway.named]
        return JSONResponse({"object": "list", "data": data})

    async def show_model(request: Request) -> JSONResponse:
        await hall.guard.let_in(request.scope)
        name = request.path_params["name"]
        if name not in hall.gateway.named:
            raise ModelUnknown(name, known=tuple(hall.gateway.named))
        return JSONResponse(_model(name, hall.since))

    async def refuse_encryption(_: Request) -> JSONResponse:
        because = "messages are read by the house; TLS keeps them from others."
        raise FieldUnserved("x-is-encrypted", value="true", because=because)

    found: dict[str, tuple[str, Answering]] = {
        "/models": ("GET", list_models),
        "/models/{name:path}": ("GET", show_model),
        "/e2e/get/certificate": ("POST", refuse_encryption),
    }
    return [
        Route(base + path, answer, methods=[method])
        for base in BASES
        for path, (method, answer) in found.items()
    ]


def _model(name: str, since: int) -> dict[str, object]:
    return {"id": name, "object": "model", "created": since, "owned_by": "seedbed"}
