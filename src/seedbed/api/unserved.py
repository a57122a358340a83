"""What the vendors' own houses have and this one has not: its paths answer 501 with a sentence.

Floor 6. A program is told what is missing, where a 404 would send its author to look for a mistake
in the address. Only whole branches are here; a single path is refused by the door beside it.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seedbed.api.ark.manner import BASES
from seedbed.core.errors import PathUnserved

_ABROAD = "it belongs to the vendor's own cloud."
_AGENTS = "no agents run here; an agent of your own may call the models."
_ASSISTANTS = "the vendor took it back; /v1/responses and /v1/conversations took its place."
_CALLED_BACK = "a job names who is called back at its end: the field callback of /seedbed/jobs."
_LIVE = "answers are streams of events over HTTP, and there is no line that stays open."
_SOUND = "sound is spoken and heard at /v1/audio."
_VOICES = "voices are those of the models; none is made here."
_TRAINING = "nothing is trained here."

UNSERVED: Mapping[str, str] = {
    "/v1/agents": _AGENTS,
    "/v1/assistants": _ASSISTANTS,
    "/v1/audio/voice_consents": _VOICES,
    "/v1/audio/voices": _VOICES,
    "/v1/chatkit": _AGENTS,
    "/v1/complete": "it is an old form of /v1/messages.",
    "/v1/containers": "no programs of models are run here.",
    "/v1/content_provenance_checks": _ABROAD,
    "/v1/decisions": _ABROAD,
    "/v1/deployment_runs": _AGENTS,
    "/v1/deployments": _AGENTS,
    "/v1/dreams": _AGENTS,
    "/v1/environments": _AGENTS,
    "/v1/evals": "no evaluations are run here.",
    "/v1/fine_tuning": _TRAINING,
    "/v1/live": _LIVE,
    "/v1/memory_stores": _AGENTS,
    "/v1/organization": "keys and budgets are kept by `seedbed keys`.",
    "/v1/organizations": "keys and budgets are kept by `seedbed keys`.",
    "/v1/projects": "keys and budgets are kept by `seedbed keys`.",
    "/v1/realtime": _LIVE,
    "/v1/safety": _ABROAD,
    "/v1/sessions": _AGENTS,
    "/v1/skills": _AGENTS,
    "/v1/threads": _ASSISTANTS,
    "/v1/tunnels": _AGENTS,
    "/v1/user_profiles": _ABROAD,
    "/v1/vaults": _AGENTS,
    "/v1/webhook_endpoints": _CALLED_BACK,
    "/v1/webhook_event_types": _CALLED_BACK,
    **{
        base + path: because
        for base in BASES
        for path, because in (
            ("/audio", _SOUND),
            ("/classification", "the vendor took it back."),
        )
    },
}
"""Where each branch begins, and why nothing answers there."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def routes() -> list[Route]:
    """The routes of all of them, to be asked after those of every door."""
    return [
        Route(path, refuse, methods=_METHODS, name=branch)
        for branch in UNSERVED
        for path in (branch, f"{branch}/{{rest:path}}")
    ]


async def refuse(request: Request) -> Response:
    """Say that nothing answers there.

    Raises:
        PathUnserved: always.
    """
    path = request.url.path
    branch = next(one for one in UNSERVED if f"{path}/".startswith(f"{one}/"))
    raise PathUnserved(path, because=UNSERVED[branch])
