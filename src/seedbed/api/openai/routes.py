"""Where OpenAI's dialect answers.

Floor 6. Model calls are in `CALLS`, carried by `seedbed.api.hot`; the rest are routes of the site.
"""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedbed.api.dialect import Dialect, Reading
from seedbed.api.guard import Guard
from seedbed.api.openai.read import read_chat
from seedbed.api.openai.write import ChatWriter, problem
from seedbed.api.problems import Problem
from seedbed.core.errors import ModelUnknown, SeedbedError
from seedbed.core.model import Model


class Chat:
    """`POST /v1/chat/completions`."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a chat completion request."""
        ask, chat = read_chat(body)
        options = chat.stream_options
        writer = ChatWriter(
            id_="chatcmpl-" + request_id.removeprefix("req_"),
            created=now,
            model=ask.model,
            include_usage=bool(options and options.include_usage),
        )
        return Reading(ask, bool(chat.stream), writer)

    def problem(self, error: SeedbedError) -> Problem:
        """An error in OpenAI's shape."""
        return problem(error)


CALLS: Mapping[tuple[str, str], Dialect] = {("POST", "/v1/chat/completions"): Chat()}


def routes(models: Sequence[Model], guard: Guard, *, since: int) -> list[Route]:
    """The routes besides model calls. `since` is when this server began, in epoch seconds."""
    known = {model.name: _model(model, since) for model in models}

    async def list_models(request: Request) -> JSONResponse:
        await guard.admit(request.headers.get("authorization"))
        return JSONResponse({"object": "list", "data": list(known.values())})

    async def show_model(request: Request) -> JSONResponse:
        await guard.admit(request.headers.get("authorization"))
        name = request.path_params["name"]
        if name not in known:
            raise ModelUnknown(name, known=tuple(known))
        return JSONResponse(known[name])

    return [
        Route("/v1/models", list_models, methods=["GET"]),
        Route("/v1/models/{name:path}", show_model, methods=["GET"]),
    ]


def _model(model: Model, since: int) -> dict[str, object]:
    return {"id": model.name, "object": "model", "created": since, "owned_by": "seedbed"}
