"""What every answer has for certain, as JSON schemas for the description of the doors.

Floor 6. The writers write more; what is not here may change.
"""

from collections.abc import Mapping


def _object(needed: Mapping[str, object]) -> dict[str, object]:
    return {"type": "object", "required": list(needed), "properties": dict(needed)}


_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_SPENT = _object({"cost": _TEXT, "currency": _TEXT, "request_id": _TEXT})
_USED = _object({"prompt_tokens": _COUNT, "total_tokens": _COUNT})
_ANSWERED = {"id": _TEXT, "model": _TEXT, "created": _COUNT, "usage": _USED, "seedbed": _SPENT}
_CHOICES = {"type": "array", "minItems": 1, "items": _object({"index": _COUNT})}
_MODEL = _object({"id": _TEXT, "object": {"const": "model"}, "created": _COUNT})
_DEPLOYMENT = _object({"name": _TEXT, "model": _TEXT, "engine": _TEXT, "state": _TEXT})
ANSWERS: Mapping[str, object] = {
    "Chat": _object({"object": {"const": "chat.completion"}, "choices": _CHOICES} | _ANSWERED),
    "Completion": _object(
        {"object": {"const": "text_completion"}, "choices": _CHOICES} | _ANSWERED
    ),
    "Embeddings": _object(
        {
            "object": {"const": "list"},
            "data": {"type": "array", "items": _object({"index": _COUNT})},
            "model": _TEXT,
            "usage": _USED,
            "seedbed": _SPENT,
        }
    ),
    "Ranking": _object(
        {
            "id": _TEXT,
            "model": _TEXT,
            "results": {
                "type": "array",
                "items": _object({"index": _COUNT, "relevance_score": {"type": "number"}}),
            },
            "usage": _USED,
            "seedbed": _SPENT,
        }
    ),
    "Model": _MODEL,
    "Models": _object({"object": {"const": "list"}, "data": {"type": "array", "items": _MODEL}}),
    "Deployment": _DEPLOYMENT,
    "Deployments": _object({"data": {"type": "array", "items": _DEPLOYMENT}}),
    "Health": _object({"status": _TEXT}),
    "Problem": _object(
        {"error": _object({"message": _TEXT, "type": _TEXT, "code": _TEXT, "param": _TEXT_OR_NULL})}
    ),
}
