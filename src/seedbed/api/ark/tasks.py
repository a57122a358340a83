"""`/contents/generations/tasks` in Ark's words: films are asked for, watched and had by a link.

Floor 6. A task that waits is cancelled by deleting it, one that has ended is gone then, and one
that runs is refused, as at the vendor's. Each look at a task that has succeeded tells a fresh link,
which opens for a day without a key. Lists are of the newest thousand.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from math import gcd

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.ark.manner import BASES
from seedbed.api.ark.tasks_read import TaskBody, read_task
from seedbed.api.films.films import KIND, Film, Films
from seedbed.api.intake import LONGEST_BODY, body, heard
from seedbed.api.openai.body import read_body
from seedbed.core.errors import JobRefused, RequestMalformed
from seedbed.core.film import LINES, film_tokens
from seedbed.core.job import State
from seedbed.kit import ids

PATH = "/contents/generations/tasks"
_USUAL_PAGE, _LARGEST_PAGE = 10, 500
_TIERS = {lines: tier for tier, lines in LINES.items()}


def routes(films: Films) -> list[Route]:
    """The routes below each of Ark's bases, for keys that carry `Scope.MODELS`."""

    def link(request: Request) -> Callable[[Film], Awaitable[str]]:
        return partial(films.link, base=_base(request))

    async def create(request: Request) -> Response:
        principal, id_ = await films.admit(request), ids.fresh(KIND)
        headers = dict(request.scope["headers"])
        said, _ = read_body(await body(request.receive, headers, limit=LONGEST_BODY), TaskBody)
        wanted = await read_task(films, principal, said, id_=id_, base=_base(request))
        film = await films.begin(principal, wanted)
        return JSONResponse({"id": _id(film)} | _safety(film))

    async def list_them(request: Request) -> Response:
        principal, query = await films.admit(request), request.query_params
        number = _count(query.get("page_num"), "page_num", usual=1)
        size = _count(query.get("page_size"), "page_size", usual=_USUAL_PAGE)
        found = [one for one in await films.newest(principal.project) if _is_wanted(one, request)]
        page = found[(number - 1) * size : number * size]
        items = [await told(one, link(request)) for one in page]
        return JSONResponse({"items": items, "total": len(found)})

    async def show(request: Request) -> Response:
        return JSONResponse(await told(await films.named_by(request), link(request)))

    async def remove(request: Request) -> Response:
        """The body that Ark's SDK sends with it is not read."""
        film = await films.named_by(request)
        match film.job.state:
            case State.QUEUED:
                await films.cancel(film)
            case State.RUNNING:
                raise JobRefused(
                    f"The task {_id(film)} runs and cannot be deleted.",
                    hint="Wait for its end; what waits is cancelled, what has ended is deleted.",
                )
            case _:
                await films.remove(film)
        return JSONResponse({})

    return [
        route
        for path in (base + PATH for base in BASES)
        for route in (
            Route(path, heard(create), methods=["POST"]),
            Route(path, list_them, methods=["GET"]),
            Route(f"{path}/{{id}}", show, methods=["GET"]),
            Route(f"{path}/{{id}}", remove, methods=["DELETE"]),
        )
    ]


async def told(film: Film, link: Callable[[Film], Awaitable[str]]) -> dict[str, object]:
    """A task as Ark's clients read it; `link` writes one to a film."""
    job, ask, made = film.job, film.ask, film.made
    moment = job.ended or job.began or job.created
    body = {
        "id": _id(film),
        "model": ask["model"],
        "status": job.state.value,
        "error": film.error,
        "created_at": film.kept.at // 10**6,
        "updated_at": moment // 10**6,
        "seed": ask.get("seed", -1),
        **_shape(film),
        "framespersecond": round(made["fps"]) if made else ask.get("fps"),
        "generate_audio": made["sound"] if made else bool(ask.get("sound")),
        "draft": False,
        "service_tier": "default",
        "execution_expires_after": film.more.get("within"),
        "priority": film.more.get("priority", 0),
        **_safety(film),
    }
    if made is None:
        return body
    tokens = film_tokens(made["width"], made["height"], made["fps"], made["seconds"])
    content = {"video_url": await link(film)}
    usage = {"completion_tokens": tokens, "total_tokens": tokens}
    return body | {"content": content, "usage": usage}


def _id(film: Film) -> str:
    return f"cgt-{film.number}"


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _safety(film: Film) -> dict[str, object]:
    told_ = film.more.get("safety")
    return {} if told_ is None else {"safety_identifier": told_}


def _shape(film: Film) -> dict[str, object]:
    """How large and how long it is: as it was asked for, or else as it has become."""
    ask, made, size = film.ask, film.made, film.size
    tier, ratio = ask.get("tier"), ask.get("ratio")
    if size is not None:
        width, height = size
        part = gcd(width, height)
        tier = tier or _TIERS.get(min(size), f"{min(size)}p")
        ratio = ratio or f"{width // part}:{height // part}"
    told_: dict[str, object] = {"resolution": tier, "ratio": ratio}
    if "frames" in ask:
        return told_ | {"frames": ask["frames"]}
    seconds = ask.get("seconds") or (made or {}).get("seconds")
    return told_ | {"duration": -1 if seconds is None else round(seconds)}


def _is_wanted(film: Film, request: Request) -> bool:
    query = request.query_params
    wanted = query.getlist("filter.task_ids")
    return (
        query.get("filter.status", film.job.state.value) == film.job.state.value
        and query.get("filter.model", film.ask["model"]) == film.ask["model"]
        and query.get("filter.service_tier", "default") == "default"
        and (not wanted or _id(film) in wanted)
    )


def _count(said: str | None, field: str, *, usual: int) -> int:
    """A number of the query.

    Raises:
        RequestMalformed: it is none from 1 to 500.
    """
    if said is None:
        return usual
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= _LARGEST_PAGE):
        raise RequestMalformed(
            f"Parameter {field!r} is {said[:20]!r}.",
            hint=f"Send a number from 1 to {_LARGEST_PAGE}.",
            field=field,
        )
    return int(said)
