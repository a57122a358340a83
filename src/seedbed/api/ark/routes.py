"""Where Ark's dialect answers.

Floor 6. Model calls are those of `calls`, carried by `seedbed.api.hot`; the rest are routes of the
site. Each is below all of Ark's bases.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedbed.api.ark.chat import BatchChat, BotChat, Chat
from seedbed.api.ark.context import ContextChat, CreateContext
from seedbed.api.ark.contexts import Contexts
from seedbed.api.ark.embeddings import BatchEmbeddings, Embeddings
from seedbed.api.ark.manner import BASES
from seedbed.api.ark.multimodal import Endpoint, multimodal
from seedbed.api.ark.tokenization import Tokenization
from seedbed.api.dialect import Dialect
from seedbed.api.guard import Guard
from seedbed.core.ask import Priority
from seedbed.core.errors import FieldUnserved, ModelUnknown
from seedbed.kit.clock import Clock
from seedbed.serving.gateway import Gateway
from seedbed.serving.once import Generate


@dataclass(frozen=True, slots=True)
class Hall:
    """What the routes stand on. `since` is when this server began, in epoch seconds."""

    gateway: Gateway
    generate: Generate
    guard: Guard
    clock: Clock
    since: int


def calls(contexts: Contexts) -> Mapping[tuple[str, str], Dialect]:
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
    return {("POST", base + path): one for base in BASES for path, one in told.items()}


def routes(hall: Hall) -> list[Route]:
    """The routes besides model calls."""

    async def list_models(request: Request) -> JSONResponse:
        await hall.guard.admit(request.headers.get("authorization"))
        data = [_model(name, hall.since) for name in hall.gateway.named]
        return JSONResponse({"object": "list", "data": data})

    async def show_model(request: Request) -> JSONResponse:
        await hall.guard.admit(request.headers.get("authorization"))
        name = request.path_params["name"]
        if name not in hall.gateway.named:
            raise ModelUnknown(name, known=tuple(hall.gateway.named))
        return JSONResponse(_model(name, hall.since))

    async def refuse_encryption(_: Request) -> JSONResponse:
        because = "messages are read by the house; TLS keeps them from others."
        raise FieldUnserved("x-is-encrypted", value="true", because=because)

    def vectors(priority: Priority) -> Endpoint:
        return multimodal(hall.generate, hall.guard, hall.clock, priority)

    found: dict[str, tuple[str, Endpoint]] = {
        "/models": ("GET", list_models),
        "/models/{name:path}": ("GET", show_model),
        "/e2e/get/certificate": ("POST", refuse_encryption),
        "/embeddings/multimodal": ("POST", vectors(Priority.DEFAULT)),
        "/batch/embeddings/multimodal": ("POST", vectors(Priority.BATCH)),
    }
    return [
        Route(base + path, answer, methods=[method])
        for base in BASES
        for path, (method, answer) in found.items()
    ]


def _model(name: str, since: int) -> dict[str, object]:
    return {"id": name, "object": "model", "created": since, "owned_by": "seedbed"}
