"""`/seedbed/deployments`: what is deployed and how it fares, for those who run the house.

Floor 6. A dialect of our own. Loading and unloading are begun here and go on after the answer;
the list tells how far they have come.
"""

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedbed.api.guard import Guard
from seedbed.core.access import Scope
from seedbed.core.errors import ModelUnknown
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway

_WITHIN = 60.0
"""Seconds that loading waits for others to make room."""


def routes(gateway: Gateway, guard: Guard) -> list[Route]:
    """The routes, for keys that carry `Scope.ADMIN`."""

    async def admit(request: Request) -> None:
        await guard.let_in(request.scope, Scope.ADMIN)

    def find(request: Request) -> LiveDeployment:
        name: str = request.path_params["name"]
        for live in gateway.deployments:
            if live.name == name:
                return live
        raise ModelUnknown(name, known=tuple(live.name for live in gateway.deployments))

    async def list_them(request: Request) -> JSONResponse:
        await admit(request)
        return JSONResponse({"data": [_told(live) for live in gateway.deployments]})

    async def load(request: Request) -> JSONResponse:
        await admit(request)
        live = find(request)
        await live.bring(within=_WITHIN)
        return JSONResponse(_told(live), status_code=202)

    async def unload(request: Request) -> JSONResponse:
        await admit(request)
        live = find(request)
        return JSONResponse(_told(live), status_code=202, background=BackgroundTask(live.unload))

    return [
        Route("/seedbed/deployments", list_them, methods=["GET"]),
        Route("/seedbed/deployments/{name:path}/load", load, methods=["POST"]),
        Route("/seedbed/deployments/{name:path}/unload", unload, methods=["POST"]),
    ]


def _told(live: LiveDeployment) -> dict[str, object]:
    return {
        "name": live.name,
        "model": live.deployment.model.name,
        "engine": live.deployment.engine,
        "state": live.state,
        "progress": live.progress,
        "places": live.deployment.places,
        "asked": live.holders,
        "waiting": {one.priority.value: one.waiting for one in live.queue.standings},
        "speed": {
            "read_tokens_per_second": round(live.load_now.speed.prefill, 1),
            "step_seconds": round(live.load_now.speed.step(1), 6),
            "served": live.load_now.speed.served,
        },
        "memory": _memory(live),
        "features": sorted(live.engine.features),
    }


def _memory(live: LiveDeployment) -> dict[str, object]:
    """By kind, the bytes that it needs, whether they were measured, and what all may hold."""
    shared = live.residency
    if shared is None:
        return {}
    holds = next(one.holdings for one in shared.residents if one.engine.name == live.name)
    return {
        one.kind: {
            "needs": holds[one.kind].need,
            "is_measured": holds[one.kind].is_measured,
            "may": int(one.bytes),
        }
        for one in shared.capacities
        if one.kind in holds
    }
