"""Values as JSON text that every reader of ours can read again.

Floor 1. Python writes more than others read: numbers that are none, halves of letters, and what is
nested so deeply that the next reader runs out of stack.
"""

import json
from collections.abc import Mapping, Sequence
from typing import cast

DEEPEST = 200
"""How many lists and mappings may lie within each other."""


class NotJson(ValueError):
    """A value that cannot be written so, and why."""


def as_json(value: object) -> str:
    """The text of a value.

    >>> as_json({"a": (1, "é")})
    '{"a": [1, "é"]}'

    Raises:
        NotJson: it holds what JSON cannot, or is nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError) as error:
        raise NotJson(str(error)) from error
    except RecursionError as error:
        raise NotJson(_DEEP) from error
    if _is_deep(value):
        raise NotJson(_DEEP)
    return text


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [one for held in level for one in _held(held)]
        if not level:
            return False
    return True


def _held(value: object) -> list[object]:
    """The lists and mappings within a value."""
    if isinstance(value, Mapping):
        value = list(cast(Mapping[object, object], value).values())
    if not isinstance(value, list | tuple):
        return []
    inner = cast(Sequence[object], value)
    return [one for one in inner if isinstance(one, Mapping | list | tuple)]


_DEEP = f"more than {DEEPEST} lists and mappings lie within each other"
