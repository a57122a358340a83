"""What a tool of the house takes: one struct, which gives its schema and reads its arguments.

Floor 5.
"""

from collections.abc import Mapping
from typing import TypeVar, cast

import msgspec

from seedbed.core.errors import RequestMalformed

T = TypeVar("T", bound=msgspec.Struct)
SIZE = msgspec.Meta(
    pattern="^([1-9][0-9]{1,3}x[1-9][0-9]{1,3})?$",
    description="Width and height in pixels, such as 1024x768; or what the model likes.",
)
"""Of a text that tells a size, or is empty."""


def schema_of(kind: type[msgspec.Struct]) -> Mapping[str, object]:
    """The JSON schema of an object with the struct's fields, whose types are plain."""
    _, named = msgspec.json.schema_components([kind])
    return cast(Mapping[str, object], named[kind.__name__])


def read(arguments: Mapping[str, object], kind: type[T]) -> T:
    """The arguments as they are typed.

    Raises:
        RequestMalformed: one is missing, unknown, of a wrong type or out of range.
    """
    try:
        return msgspec.convert(arguments, kind)
    except msgspec.ValidationError as error:
        known = ", ".join(kind.__struct_fields__) or "none"
        raise RequestMalformed(
            f"These arguments cannot be read: {error}.", hint=f"The arguments are {known}."
        ) from error


def size_in(said: str) -> tuple[int, int] | None:
    """Width and height in a text of that kind.

    >>> size_in("1024x768"), size_in("")
    ((1024, 768), None)
    """
    width, _, height = said.partition("x")
    return (int(width), int(height)) if said else None
