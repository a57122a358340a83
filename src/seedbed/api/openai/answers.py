"""What every answer has for certain, as JSON schemas for the description of the doors.

Floor 6. The writers write more; what is not here may change.
"""

from collections.abc import Mapping

from seedbed.api.shape import COUNT, TEXT, TEXT_OR_NULL, object_of

_SPENT = object_of({"cost": TEXT, "currency": TEXT, "request_id": TEXT})
_USED = object_of({"prompt_tokens": COUNT, "total_tokens": COUNT})
_ANSWERED = {"id": TEXT, "model": TEXT, "created": COUNT, "usage": _USED, "seedbed": _SPENT}
_CHOICES = {"type": "array", "minItems": 1, "items": object_of({"index": COUNT})}
_MODEL = object_of({"id": TEXT, "object": {"const": "model"}, "created": COUNT})
_DEPLOYMENT = object_of({"name": TEXT, "model": TEXT, "engine": TEXT, "state": TEXT})
ANSWERS: Mapping[str, object] = {
    "Chat": object_of({"object": {"const": "chat.completion"}, "choices": _CHOICES} | _ANSWERED),
    "Completion": object_of(
        {"object": {"const": "text_completion"}, "choices": _CHOICES} | _ANSWERED
    ),
    "Embeddings": object_of(
        {
            "object": {"const": "list"},
            "data": {"type": "array", "items": object_of({"index": COUNT})},
            "model": TEXT,
            "usage": _USED,
            "seedbed": _SPENT,
        }
    ),
    "Ranking": object_of(
        {
            "id": TEXT,
            "model": TEXT,
            "results": {
                "type": "array",
                "items": object_of({"index": COUNT, "relevance_score": {"type": "number"}}),
            },
            "usage": _USED,
            "seedbed": _SPENT,
        }
    ),
    "Model": _MODEL,
    "Models": object_of({"object": {"const": "list"}, "data": {"type": "array", "items": _MODEL}}),
    "Deployment": _DEPLOYMENT,
    "Deployments": object_of({"data": {"type": "array", "items": _DEPLOYMENT}}),
    "Health": object_of({"status": TEXT}),
    "Problem": object_of(
        {"error": object_of({"message": TEXT, "type": TEXT, "code": TEXT, "param": TEXT_OR_NULL})}
    ),
}
