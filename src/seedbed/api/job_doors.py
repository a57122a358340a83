"""`/seedbed/jobs` described for programs, as a part of `/openapi.json`.

Floor 6.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from seedbed.api.job_body import MOST_LISTED, JobBody, ResumeBody
from seedbed.api.jobs import PATH
from seedbed.core.job import State

Answers: TypeAlias = Mapping[str, object]
Refusals: TypeAlias = Callable[[set[int]], Mapping[str, object]]
BODIES: tuple[type[msgspec.Struct], ...] = (JobBody, ResumeBody)

_REF = "#/components/schemas/"
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_TOLD: Mapping[str, object] = {
    "id": _TEXT,
    "kind": _TEXT,
    "state": {"enum": [state.value for state in State]},
    "seq": _COUNT,
    "priority": {"type": "integer"},
    "progress": {
        "type": "object",
        "required": ["done", "total", "note"],
        "properties": {"done": _COUNT, "total": {"type": ["integer", "null"]}, "note": _TEXT},
    },
    "created": {"type": "string", "format": "date-time"},
    "spent": _TEXT,
    "currency": _TEXT,
}
_JOB = {"type": "object", "required": list(_TOLD), "properties": dict(_TOLD)}
ANSWERS: Mapping[str, object] = {
    "Job": _JOB,
    "Jobs": {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": _JOB}},
    },
}
_ID = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 50}
_QUERY = [
    {"name": "limit", "in": "query", "schema": _LIMIT},
    {"name": "state", "in": "query", "schema": {"enum": [state.value for state in State]}},
    {"name": "kind", "in": "query", "schema": _TEXT},
]
_ONCE = {"name": "Idempotency-Key", "in": "header", "schema": _TEXT | {"pattern": "^[!-~]{1,200}$"}}
_SEEN = {"name": "Last-Event-ID", "in": "header", "schema": _TEXT | {"pattern": "^[0-9]{1,18}$"}}


def _json(name: str) -> dict[str, object]:
    return {"application/json": {"schema": {"$ref": _REF + name}}}


_JOB_TOLD: Answers = {"200": {"description": "The job.", "content": _json("Job")}}
_JOB_TAKEN: Answers = {"202": {"description": "As it stands now.", "content": _json("Job")}}
_JOBS_TOLD: Answers = {"200": {"description": "Jobs.", "content": _json("Jobs")}}
_FOLLOWED: Answers = {
    "200": {"description": "Each change of it.", "content": {"text/event-stream": {}}},
    "204": {"description": "It has ended, and its last event was seen."},
}
_ALWAYS = {401, 403, 500, 503}
_BODILY = {400, 408, 413, 415}


def paths(refusals: Refusals) -> dict[str, object]:
    """The paths; `refusals` describes the statuses of errors."""

    def door(
        name: str, what: str, answers: Answers, statuses: set[int], **more: object
    ) -> dict[str, object]:
        responses = {**answers, **refusals(_ALWAYS | statuses)}
        return {"summary": what, "operationId": name, **more, "responses": responses}

    def change(verb: str, what: str, statuses: set[int], **more: object) -> dict[str, object]:
        told = door(verb, what, _JOB_TAKEN, {404, 409} | statuses, parameters=[_ID], **more)
        return {"post": told}

    submit = {"parameters": [_ONCE], "requestBody": _body(JobBody, needed=True)}
    resume = _body(ResumeBody, needed=False)
    ids, seen = [_ID], [_ID, _SEEN]
    return {
        PATH: {
            "get": door("jobs", "The newest jobs.", _JOBS_TOLD, {400}, parameters=_QUERY),
            "post": door("submit", "Submit a job.", _JOB_TAKEN, _BODILY | {422}, **submit),
        },
        f"{PATH}/{{id}}": {"get": door("job", "One job.", _JOB_TOLD, {404}, parameters=ids)},
        f"{PATH}/{{id}}/events": {
            "get": door("follow", "A job as it changes.", _FOLLOWED, {400, 404}, parameters=seen)
        },
        f"{PATH}/{{id}}/cancel": change("cancel", "Have it end.", set()),
        f"{PATH}/{{id}}/resume": change("resume", "Go on.", _BODILY, requestBody=resume),
        f"{PATH}/{{id}}/retry": change("retry", "Submit it again.", set()),
    }


def _body(kind: type[msgspec.Struct], *, needed: bool) -> dict[str, object]:
    return {"required": needed, "content": _json(kind.__name__)}
