"""Find the kinds of a family by their files.

Floor 1. `plug.load("seedbed.engines", "scripted")` imports one kind and no other, so that nothing
heavy is loaded that is not used.
"""

import importlib
import pkgutil
from types import ModuleType


def kinds(family: str) -> tuple[str, ...]:
    """The names of a family's kinds: its modules, but for `base` and sub-folders."""
    package = importlib.import_module(family)
    found = pkgutil.iter_modules(package.__path__)
    return tuple(sorted(m.name for m in found if m.name != "base" and not m.ispkg))


def load(family: str, kind: str) -> ModuleType:
    """The module of one kind.

    Raises:
        LookupError: the family has no such kind; the sentence names those that it has.
    """
    known = kinds(family)
    if kind not in known:
        raise LookupError(f"{family} has no kind {kind!r}; it has {', '.join(known)}")
    return importlib.import_module(f"{family}.{kind}")
