"""`/v1/consents`: what somebody allowed to be made with their face or voice.

Floor 6. A consent is its project's. Moments are in epoch seconds, as the vendors have them. None is
deleted: one that is withdrawn ends the jobs that wait and name it, and stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.door import Door, Vendor
from seedbed.api.files.files import Files
from seedbed.api.files.paging import read_limit
from seedbed.api.intake import body, heard
from seedbed.api.jobs import Desk
from seedbed.api.openai.body import read_body
from seedbed.api.shape import COUNT, FLAG, TEXT, list_of, object_of, only
from seedbed.core.artifact import is_hash
from seedbed.core.consent import Consent, Kind, Made, Use
from seedbed.kit import ids
from seedbed.store.consents import KIND, Consents

PATH = "/v1/consents"
LONGEST_BODY = 64 << 10
_MICROS = 10**6
_USUAL, _MOST = 20, 100


class ConsentBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body. `evidence` is the hash of an artifact, or the id of a file."""

    who: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    kind: Kind
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    uses: Annotated[list[Use], msgspec.Meta(min_length=1, max_length=len(Use))]
    evidence: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    until: Annotated[int, msgspec.Meta(ge=0, le=1 << 40)] | None = None


@dataclass(frozen=True, slots=True)
class Bureau:
    """What these routes work with."""

    consents: Consents
    files: Files
    desk: Desk


def routes(bureau: Bureau) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""
    consents, desk = bureau.consents, bureau.desk

    async def record(request: Request) -> Response:
        who = await desk.admit(request)
        headers = dict(request.scope["headers"])
        said, _ = read_body(await body(request.receive, headers, limit=LONGEST_BODY), ConsentBody)
        one = await _consent(bureau, said, who.project)
        await consents.record(one, actor=who.user)
        return JSONResponse(told(one))

    async def list_them(request: Request) -> Response:
        who, query = await desk.admit(request), request.query_params
        limit = read_limit(query, usual=_USUAL, most=_MOST)
        after = query.get("after") or None
        found = await consents.newest(project=who.project, last=limit + 1, after=after)
        data = [told(one) for one in found[:limit]]
        return JSONResponse({"object": "list", "data": data, "has_more": len(found) > limit})

    async def show(request: Request) -> Response:
        who, id_ = await desk.admit(request), request.path_params["id"]
        one = await consents.find(id_, project=who.project)
        return JSONResponse(told(one) | {"made": made(await consents.made(one.id))})

    async def withdraw(request: Request) -> Response:
        who, id_ = await desk.admit(request), request.path_params["id"]
        one, jobs = await consents.withdraw(id_, actor=who.user, now=desk.now, project=who.project)
        return JSONResponse(told(one) | {"made": made(await consents.made(id_)), "cancelled": jobs})

    return [
        Route(PATH, heard(record), methods=["POST"]),
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}/withdraw", withdraw, methods=["POST"]),
    ]


async def _consent(bureau: Bureau, said: ConsentBody, project: str) -> Consent:
    """The consent that a body tells of.

    Raises:
        ObjectUnknown: its evidence is no file of the project's.
    """
    evidence = said.evidence
    if not is_hash(evidence):
        evidence = await bureau.files.hash_of(evidence, project)
    return Consent(
        *(ids.fresh(KIND), project, _plain(said.who), said.kind, _plain(said.purpose)),
        tuple(dict.fromkeys(said.uses)),
        evidence,
        bureau.desk.now,
        until=None if said.until is None else said.until * _MICROS,
    )


def told(one: Consent) -> dict[str, object]:
    """A consent as programs are told of it."""
    return {
        "id": one.id,
        "object": "consent",
        "who": one.who,
        "kind": one.kind.value,
        "purpose": one.purpose,
        "uses": [use.value for use in one.uses],
        "evidence": one.evidence,
        "created_at": one.at // _MICROS,
        "until": None if one.until is None else one.until // _MICROS,
        "withdrawn_at": None if one.withdrawn is None else one.withdrawn // _MICROS,
    }


def made(these: Sequence[Made]) -> list[Mapping[str, object]]:
    """What was made with one."""
    return [
        {"artifact": one.artifact, "job": one.job or None, "created_at": one.at // _MICROS}
        for one in these
    ]


def _plain(text: str) -> str:
    """A text with nothing in it that a database refuses."""
    return text.replace("\0", "")


_CONSENT = {"id": TEXT, "object": only("consent"), "who": TEXT, "kind": {"enum": list(Kind)}}
_TOLD = {**_CONSENT, "uses": list_of({"enum": list(Use)}), "evidence": TEXT, "created_at": COUNT}
_MADE = list_of(object_of({"artifact": TEXT, "created_at": COUNT}))
VENDOR = Vendor(
    "",
    (
        Door(f"POST {PATH}", "A consent is recorded.", "Consent", ConsentBody),
        Door(f"GET {PATH}", "The newest consents.", "Consents", query=("limit", "after")),
        Door(f"GET {PATH}/{{id}}", "One, and what was made with it.", "ConsentMade"),
        Door(f"POST {PATH}/{{id}}/withdraw", "It holds no more.", "ConsentMade"),
    ),
    {
        "Consent": object_of(_TOLD),
        "ConsentMade": object_of({**_TOLD, "made": _MADE}),
        "Consents": object_of(
            {"object": only("list"), "data": list_of(object_of(_TOLD)), "has_more": FLAG}
        ),
    },
)
"""The same in the words of OpenAPI, for `schema.py`."""
