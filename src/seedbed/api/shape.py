"""Small pieces of JSON schemas, for the description of the doors.

Floor 6. An answer is told by what it has for certain: its writer writes more, which may change.
"""

from collections.abc import Mapping

REF = "#/components/schemas/"
TEXT: Mapping[str, object] = {"type": "string"}
TEXT_OR_NULL: Mapping[str, object] = {"type": ["string", "null"]}
COUNT: Mapping[str, object] = {"type": "integer", "minimum": 0}
FLAG: Mapping[str, object] = {"type": "boolean"}
FILE: Mapping[str, object] = {"type": "string", "format": "binary"}
BYTES: Mapping[str, object] = {"*/*": {"schema": FILE}}
"""The content of an answer that is a file."""


def object_of(needed: Mapping[str, object]) -> dict[str, object]:
    """An object that has these."""
    return {"type": "object", "required": list(needed), "properties": dict(needed)}


def list_of(items: Mapping[str, object], **more: object) -> dict[str, object]:
    """A list of these; `more` bounds it."""
    return {"type": "array", "items": items, **more}


def only(word: str) -> dict[str, object]:
    """That text and no other."""
    return {"const": word}


def ref(name: str) -> dict[str, object]:
    """What is described under a name."""
    return {"$ref": f"{REF}{name}"}


def as_json(name: str) -> dict[str, object]:
    """The content of a body or an answer that is JSON."""
    return {"application/json": {"schema": ref(name)}}
