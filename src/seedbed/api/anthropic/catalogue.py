"""`GET /v1/models` in Anthropic's shape, page by page.

Floor 6. When a model was made is not known, which the vendor says by the beginning of 1970.
"""

from collections.abc import Mapping, Sequence

from seedbed.api.files.paging import read_limit
from seedbed.core.ask import Feature
from seedbed.core.errors import RequestMalformed
from seedbed.serving.deployment import LiveDeployment

_USUAL, _MOST = 20, 1000
_THOUGHTS = ("adaptive", "disabled", "enabled")
_EFFORTS = ("low", "medium", "high", "xhigh", "max")


def page(models: Mapping[str, LiveDeployment], query: Mapping[str, str]) -> dict[str, object]:
    """The page of a list of models that a query asks for.

    Raises:
        RequestMalformed: its limit is out of range, or it begins at no model of the list.
    """
    names, limit = list(models), read_limit(query, usual=_USUAL, most=_MOST)
    if "before_id" in query:
        rest = names[: _place(names, query, "before_id")]
        shown = rest[-limit:]
    else:
        rest = names[_place(names, query, "after_id") + 1 :] if "after_id" in query else names
        shown = rest[:limit]
    return {
        "data": [model(name, models[name]) for name in shown],
        "has_more": len(rest) > len(shown),
        "first_id": shown[0] if shown else None,
        "last_id": shown[-1] if shown else None,
    }


def model(name: str, live: LiveDeployment) -> dict[str, object]:
    """One model; what it serves stands in its capabilities."""
    card, serves = live.deployment.model, live.engine.features
    return {
        "id": name,
        "type": "model",
        "display_name": card.title,
        "created_at": "1970-01-01T00:00:00Z",
        "max_input_tokens": card.window,
        "max_tokens": card.window,
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": None,
        "capabilities": _capabilities(serves),
    }


def _capabilities(serves: frozenset[Feature]) -> dict[str, object]:
    no, thinks = _supported(is_so=False), _supported(is_so=Feature.REASONING in serves)
    return {
        "batch": no,
        "citations": no,
        "code_execution": no,
        "context_management": no,
        "effort": thinks | dict.fromkeys(_EFFORTS, thinks),
        "image_input": _supported(is_so=Feature.MEDIA in serves),
        "pdf_input": no,
        "server_tools": no | {"code_execution": no, "web_search": no},
        "structured_outputs": _supported(is_so=Feature.SCHEMA in serves),
        "thinking": thinks | {"types": dict.fromkeys(_THOUGHTS, thinks) | {"between_tools": no}},
    }


def _supported(*, is_so: bool) -> dict[str, object]:
    return {"supported": is_so}


def _place(names: Sequence[str], query: Mapping[str, str], field: str) -> int:
    if query[field] in names:
        return names.index(query[field])
    raise RequestMalformed(
        f"{field!r} is {query[field]!r}, which is no model of this list.",
        hint="Take the `first_id` or the `last_id` of a page.",
        field=field,
    )
