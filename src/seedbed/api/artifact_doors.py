"""The doors of artifacts in the words of OpenAPI, for `schema.py`.

Floor 6.
"""

from collections.abc import Callable, Mapping

from seedbed.api.artifacts import LinkBody
from seedbed.api.links import PATH
from seedbed.api.shape import BYTES, as_json

BODIES = (LinkBody,)
ANSWERS: Mapping[str, object] = {
    "Artifact": {
        "type": "object",
        "required": ["id", "size", "media", "name", "url"],
        "properties": {"id": {"type": "string"}, "size": {"type": "integer", "minimum": 0}},
    },
    "Link": {
        "type": "object",
        "required": ["url", "until"],
        "properties": {"url": {"type": "string"}, "until": {"type": "integer"}},
    },
}
"""What every answer has for certain."""
_HASH = {
    "name": "hash",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}

Refusals = Callable[[set[int]], dict[str, object]]
"""The answers with which a door refuses, by their statuses."""


def paths(refusals: Refusals) -> dict[str, object]:
    """Each path with what it takes and answers."""

    def door(
        name: str, summary: str, answers: Mapping[str, object], *refused: int
    ) -> dict[str, object]:
        told = {
            status: {"description": summary, "content": content}
            for status, content in answers.items()
        }
        common = refusals({401, 403, 500, 503, *refused})
        return {"operationId": name, "summary": summary, "responses": {**told, **common}}

    put = door("putArtifact", "A file is kept.", {"201": as_json("Artifact")}, 400, 413, 415)
    whole: Mapping[str, Mapping[str, object]] = {"200": BYTES, "206": BYTES, "304": {}}
    read = door("readArtifact", "It is read, whole or in part.", whole, 404, 416)
    release = door("releaseArtifact", "This key holds it no more.", {"204": {}}, 404)
    link = door("linkArtifact", "A link opens it for a while.", {"200": as_json("Link")}, 400, 404)
    put["requestBody"] = {"content": BYTES}
    link["requestBody"] = {"content": as_json("LinkBody")}
    return {
        PATH: {"post": put},
        f"{PATH}/{{hash}}": {"parameters": [_HASH], "get": read, "delete": release},
        f"{PATH}/{{hash}}/link": {"parameters": [_HASH], "post": link},
    }
