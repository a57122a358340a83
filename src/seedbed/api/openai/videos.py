"""`/v1/videos` in OpenAI's words.

Floor 6. A film that was cancelled, or that nobody began in time, has no word here and is told as
`failed`. Of a film its frames are had, and no thumbnail. What goes beyond one film, such as its
extension, answers 501.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.films.films import KEPT, KIND, Film, Films, Wanted
from seedbed.api.images.size import told_size
from seedbed.api.intake import heard
from seedbed.api.openai.listing import read_wish
from seedbed.api.openai.listing import told as listed
from seedbed.api.openai.usual import Usual
from seedbed.api.openai.videos_read import (
    NEEDED,
    RemixBody,
    VideoBody,
    read_ask,
    read_refs,
    read_sent,
)
from seedbed.core.errors import FieldUnserved, PathUnserved
from seedbed.core.finish import read_finish
from seedbed.core.job import State
from seedbed.core.message import Media, MediaKind
from seedbed.core.value import changed
from seedbed.kit import ids

PATH = "/v1/videos"
_VIDEO = "video"
_HUNDREDTHS = 100
_STATUS: Mapping[State, str] = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
}
_CANCELLED: Mapping[str, object] = {"code": "cancelled", "message": "It was cancelled."}
_NO_CHARACTERS = "no characters are kept; a picture may be shown as input_reference."
_UNSERVED: Mapping[str, str] = {
    "/edits": f"a film is made anew from another by {PATH}/ID/remix.",
    "/extensions": "no film is made longer; a longer one may be asked for.",
    "/characters": _NO_CHARACTERS,
    "/characters/{id}": _NO_CHARACTERS,
}


def routes(films: Films, usual: Usual) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""

    async def create(request: Request) -> Response:
        principal, id_ = await films.admit(request), ids.fresh(KIND)
        said, picture = await read_sent(request, VideoBody)
        ask = read_ask(said, films.model(said.model or usual.model_for(NEEDED)))
        refs = await read_refs(films, principal.project, said, picture, id_=id_)
        ask, finish = changed(ask, refs=refs), read_finish(said.finish or {})
        return JSONResponse(told(await films.begin(principal, Wanted(id_, ask, finish=finish))))

    async def list_them(request: Request) -> Response:
        principal = await films.admit(request)
        found, more = await films.page(principal.project, read_wish(request.query_params))
        return JSONResponse(listed([told(one) for one in found], has_more=more))

    async def show(request: Request) -> Response:
        return JSONResponse(told(await films.named_by(request)))

    async def content(request: Request) -> Response:
        film = await films.named_by(request)
        if (variant := request.query_params.get("variant") or _VIDEO) != _VIDEO:
            because = "a film is had as it is, and nothing else of it."
            raise FieldUnserved("variant", value=repr(variant[:40]), because=because)
        return await films.content(request, film)

    async def remove(request: Request) -> Response:
        film = await films.named_by(request)
        await films.remove(film)
        return JSONResponse({"id": _id(film), "object": "video.deleted", "deleted": True})

    async def remix(request: Request) -> Response:
        principal, id_ = await films.admit(request), ids.fresh(KIND)
        film = await films.named_by(request)
        said, _ = await read_sent(request, RemixBody)
        artifact = await films.shown(film)
        await films.hold(id_, artifact.hash, principal.project)
        ref = Media(MediaKind.VIDEO, artifact.hash, {"role": "reference_video"})
        ask = changed(film.asked, prompt=said.prompt, refs=(ref,))
        wanted = Wanted(id_, ask, more={"remixed": _id(film)}, finish=film.finish)
        return JSONResponse(told(await films.begin(principal, wanted)))

    return [
        *(_unserved(path, because) for path, because in _UNSERVED.items()),
        Route(PATH, heard(create), methods=["POST"]),
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}", remove, methods=["DELETE"]),
        Route(f"{PATH}/{{id}}/content", content, methods=["GET"]),
        Route(f"{PATH}/{{id}}/remix", heard(remix), methods=["POST"]),
    ]


def told(film: Film) -> dict[str, object]:
    """A film as OpenAI's clients read it."""
    job, ask, made = film.job, film.ask, film.made
    size = film.size
    return {
        "id": _id(film),
        "object": _VIDEO,
        "model": ask["model"],
        "status": _STATUS.get(job.state, "failed"),
        "progress": _HUNDREDTHS if made else round((job.progress.share or 0) * _HUNDREDTHS),
        "created_at": film.kept.at // 10**6,
        "completed_at": job.ended // 10**6 if made and job.ended else None,
        "expires_at": (film.kept.at + KEPT) // 10**6,
        "prompt": ask["prompt"],
        "seconds": _seconds(film),
        "size": told_size(*size) if size else "auto",
        "remixed_from_video_id": film.more.get("remixed"),
        "error": _error(film),
    }


def _id(film: Film) -> str:
    return f"video_{film.number}"


def _seconds(film: Film) -> str:
    """As long as was asked for, or as it has become."""
    asked = film.ask.get("seconds") or (film.made or {}).get("seconds")
    return "auto" if asked is None else f"{asked:.3f}".rstrip("0").rstrip(".")


def _error(film: Film) -> Mapping[str, object] | None:
    is_cancelled = film.job.state is State.CANCELLED
    return _CANCELLED if is_cancelled else film.error


def _unserved(path: str, because: str) -> Route:
    async def refuse(request: Request) -> Response:
        raise PathUnserved(request.url.path, because=because)

    return Route(PATH + path, refuse, methods=["GET", "POST"])
