"""Whether an upstream answered with the model that it was asked for.

Floor 3. Many tell which model answered. A provider may add a version or leave out a maker, and what
stands for whichever model it is set to is named by that; any other name is another model's.
"""

import re
from collections.abc import Collection
from fnmatch import fnmatchcase

_VERSION = re.compile(r"[-@:](\d{3,}(-\d\d){0,2}|latest)$")
"""A day, a number of three digits or more, or the newest: what can stand behind a model's name."""
_STAND_INS = ("ep-",)
"""Beginnings of Ark's endpoints, which are asked for in place of a model."""


def is_same(wanted: str, told: str, aliases: Collection[str] = ()) -> bool:
    """Whether an upstream that was asked for `wanted` may answer as `told`.

    `aliases` are other names that it may answer as, in which `*` stands for anything. A model whose
    version was asked for is not the same in another version.
    """
    asked, answered = wanted.casefold(), told.casefold()
    return (
        _ends_alike(asked, answered)
        or _ends_alike(asked, _VERSION.sub("", answered))
        or _ends_alike(_VERSION.sub("", asked), answered)
        or asked.startswith(_STAND_INS)
        or any(fnmatchcase(told, alias) for alias in aliases)
    )


def _ends_alike(one: str, other: str) -> bool:
    """Whether they are the same, but for makers or folders that one of them has before its name."""
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")
