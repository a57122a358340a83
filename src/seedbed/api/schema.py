"""`GET /openapi.json`: the doors described for programs, made from what reads and refuses.

Floor 6. Bodies come from the structs that they are decoded into, statuses and codes from the tree
of errors.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seedbed import __version__
from seedbed.api import artifact_doors, consents, door, job_doors, own_doors, problems
from seedbed.api.anthropic import doors as anthropic_doors
from seedbed.api.ark import doors as ark_doors
from seedbed.api.openai import doors as openai_doors
from seedbed.api.openai import wire
from seedbed.api.shape import as_json
from seedbed.core import errors

_VENDORS = (
    *(openai_doors.VENDOR, anthropic_doors.VENDOR, ark_doors.VENDOR),
    *(consents.VENDOR, own_doors.VENDOR),
)
"""Where two have one path, the first is asked unless a header tells of the other."""
_ELSEWHERE = (
    "What is below /api/v3 is below /api/coding/v3 and /api/plan/v3, too; /v1/messages and "
    "/v1/messages/count_tokens are below /api/coding and /api/compatible. What is refused "
    "of a request with the header anthropic-version is told in Anthropic's words, wherever it went."
)
_CALLS: Mapping[str, tuple[type[msgspec.Struct], str, str]] = {
    "/v1/chat/completions": (wire.ChatBody, "A conversation is answered.", "Chat"),
    "/v1/completions": (wire.CompletionBody, "A text is continued.", "Completion"),
    "/v1/embeddings": (wire.EmbeddingBody, "Texts are turned into vectors.", "Embeddings"),
    "/v1/rerank": (wire.RerankBody, "Texts are ranked for a question.", "Ranking"),
}
_STREAMED = frozenset({"/v1/chat/completions", "/v1/completions"})
_READS: Mapping[str, tuple[str, str, int, str]] = {
    "/seedbed/deployments": ("get", "What is deployed, and how it fares.", 200, "Deployments"),
    "/seedbed/deployments/{name}/load": ("post", "Begin to load it.", 202, "Deployment"),
    "/seedbed/deployments/{name}/unload": ("post", "Begin to unload it.", 202, "Deployment"),
}
_OUTSIDE = frozenset({414, 431})
"""Statuses that are told before a request has come as far as its path."""


def route() -> Route:
    """Where the description is had; it tells nothing that a key would guard."""
    return Route("/openapi.json", _show, methods=["GET"])


def _show(_: Request) -> Response:
    """In a thread, since the first who asks waits until it is made."""
    return Response(_told(), media_type="application/json")


@cache
def _told() -> bytes:
    """Made when it is first asked for: that takes a quarter of a second, and few servers are."""
    return msgspec.json.encode(describe())


def describe() -> dict[str, object]:
    """The doors in the words of OpenAPI 3.1."""
    paths: dict[str, object] = {path: {"post": _call(path)} for path in _CALLS}
    paths |= {path: {method: _read(path, method)} for path, (method, *_) in _READS.items()}
    paths |= {path: {"get": _look(path)} for path in ("/healthz", "/readyz")}
    paths |= job_doors.paths(_refusals)
    paths |= artifact_doors.paths(_refusals)
    for path, told in door.paths(_VENDORS).items():
        paths[path] = {**cast("Mapping[str, object]", paths.get(path, {})), **told}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Seedbed", "version": __version__, "description": _ELSEWHERE},
        "paths": paths,
        "security": [{"key": []}],
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _call(path: str) -> dict[str, object]:
    kind, summary, answer = _CALLS[path]
    content: dict[str, object] = as_json(answer)
    if path in _STREAMED:
        content["text/event-stream"] = {}
    return {
        "summary": summary,
        "operationId": kind.__name__.removesuffix("Body").lower(),
        "requestBody": {"required": True, "content": as_json(kind.__name__)},
        "responses": {"200": {"description": "The answer.", "content": content}}
        | _refusals(set(_codes()) - _OUTSIDE - {405}),
    }


def _read(path: str, method: str) -> dict[str, object]:
    _, summary, status, answer = _READS[path]
    statuses = {401, 500, 503}
    statuses |= {404} if "{" in path else set()
    statuses |= {403} if path.startswith("/seedbed") else set()
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    content = as_json(answer)
    return {
        "summary": summary,
        "operationId": answer.lower() if method == "get" else path.rpartition("/")[2],
        "parameters": [name] if "{" in path else [],
        "responses": {str(status): {"description": summary, "content": content}}
        | _refusals(statuses),
    }


def _look(path: str) -> dict[str, object]:
    content = as_json("Health")
    kept = {"503": {"description": "Not now; `for` says why.", "content": content}}
    return {
        "summary": "Whether it is ready." if path == "/readyz" else "Whether it lives.",
        "operationId": path.removeprefix("/"),
        "security": [],
        "responses": {"200": {"description": "It is.", "content": content}}
        | (kept if path == "/readyz" else {}),
    }


def _refusals(statuses: set[int]) -> dict[str, object]:
    content = as_json("Problem")
    codes = _codes()
    return {
        str(status): {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(codes[status])}.",
            "content": content,
        }
        for status in sorted(statuses)
    }


def _codes() -> dict[int, list[str]]:
    """The codes of errors that a caller can meet, by status."""
    codes: dict[int, list[str]] = {}
    for kind in _tree(errors.SeedbedError):
        status = next(problems.STATUS[k] for k in kind.__mro__ if k in problems.STATUS)
        codes.setdefault(status, []).append(kind.code)
    return codes


def _tree(kind: type[errors.SeedbedError]) -> Iterator[type[errors.SeedbedError]]:
    if kind is not errors.SetupIncomplete:  # what the operator must mend is told as any other 500
        yield kind
        for child in kind.__subclasses__():
            yield from _tree(child)


def _schemas() -> dict[str, object]:
    kinds = [*(kind for kind, *_ in _CALLS.values()), *job_doors.BODIES]
    kinds += artifact_doors.BODIES
    told = door.bodies(kinds) | door.schemas(_VENDORS)
    return {**told, **job_doors.ANSWERS, **artifact_doors.ANSWERS}
