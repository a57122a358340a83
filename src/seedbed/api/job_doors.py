"""`/seedbed/jobs` described for programs, as a part of `/openapi.json`.

Floor 6.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from seedbed.api.job_body import MOST_LISTED, JobBody, ResumeBody
from seedbed.api.jobs import PATH
from seedbed.api.shape import COUNT, TEXT, as_json, list_of, object_of
from seedbed.core.job import State

Answers: TypeAlias = Mapping[str, object]
Refusals: TypeAlias = Callable[[set[int]], Mapping[str, object]]
BODIES: tuple[type[msgspec.Struct], ...] = (JobBody, ResumeBody)

_TOLD: Mapping[str, object] = {
    "id": TEXT,
    "kind": TEXT,
    "state": {"enum": [state.value for state in State]},
    "seq": COUNT,
    "priority": {"type": "integer"},
    "progress": object_of({"done": COUNT, "total": {"type": ["integer", "null"]}, "note": TEXT}),
    "created": {"type": "string", "format": "date-time"},
    "spent": TEXT,
    "currency": TEXT,
}
_JOB = object_of(_TOLD)
ANSWERS: Mapping[str, object] = {
    "Job": _JOB,
    "Jobs": object_of({"data": list_of(_JOB)}),
}
_ID = {"name": "id", "in": "path", "required": True, "schema": TEXT}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 50}
_QUERY = [
    {"name": "limit", "in": "query", "schema": _LIMIT},
    {"name": "state", "in": "query", "schema": {"enum": [state.value for state in State]}},
    {"name": "kind", "in": "query", "schema": TEXT},
]
_ONCE = {"name": "Idempotency-Key", "in": "header", "schema": {**TEXT, "pattern": "^[!-~]{1,200}$"}}
_SEEN = {"name": "Last-Event-ID", "in": "header", "schema": {**TEXT, "pattern": "^[0-9]{1,18}$"}}


_JOB_TOLD: Answers = {"200": {"description": "The job.", "content": as_json("Job")}}
_JOB_TAKEN: Answers = {"202": {"description": "As it stands now.", "content": as_json("Job")}}
_JOBS_TOLD: Answers = {"200": {"description": "Jobs.", "content": as_json("Jobs")}}
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
    return {"required": needed, "content": as_json(kind.__name__)}
