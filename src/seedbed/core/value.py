"""Values: frozen dataclasses that are made at a third of the price.

Floor 1. A frozen dataclass stores each field by a call, since its own assignment is refused, and a
request makes some thirty values of a hundred fields. Here a value is filled in while it is of a
class that takes assignments, its draft, and then becomes one of its own class.
"""

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(kind: type[T]) -> type[T]:
    """As `dataclass(frozen=True, slots=True)`, but without `__post_init__`."""
    made: Any = dataclass(frozen=True, slots=True)(kind)
    names = [field.name for field in fields(made)]
    known: dict[str, Any] = {
        "Draft": type("Draft", (), {"__slots__": names}),
        "LEFT_OUT": object(),
    }
    parameters, lines = ["cls"], ["self = Draft()"]
    for field in fields(made):
        name = given = field.name
        if field.default_factory is not MISSING:
            known[f"make_{name}"] = field.default_factory
            given = f"make_{name}() if {name} is LEFT_OUT else {name}"
            name = f"{name}=LEFT_OUT"
        elif field.default is not MISSING:
            known[f"default_{name}"] = field.default
            name = f"{name}=default_{name}"
        parameters.append(name)
        lines.append(f"self.{field.name} = {given}")
    lines += ["self.__class__ = cls", "return self"]
    # written as text, as `dataclasses` does it, so that making a value is one call
    exec(f"def __new__({', '.join(parameters)}):\n    " + "\n    ".join(lines), known)  # noqa: S102
    made.__new__ = known["__new__"]

    def reduce(one: object) -> tuple[object, tuple[object, ...]]:
        return made, tuple(getattr(one, name) for name in names)

    made.__reduce__ = reduce
    del made.__init__
    return made


def changed(one: T, **changes: object) -> T:
    """As `dataclasses.replace`, of a value, at a third of the price."""
    kind: Any = type(one)
    return kind(**{name: getattr(one, name) for name in kind.__slots__} | changes)
