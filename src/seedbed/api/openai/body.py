"""From bytes to a typed body: JSON in UTF-8, not too deep, each field of its type.

Floor 6. What all of OpenAI's calls share in reading; the words themselves are in `wire.py`.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

import msgspec

from seedbed.core.errors import FieldUnserved, RequestMalformed

Body = TypeVar("Body", bound=msgspec.Struct)

_DEEPEST = 200
"""How far values may nest, so that nothing behind the door runs out of stack over a schema."""
_LONGEST_QUOTE = 80


def read_body(body: bytes, kind: type[Body]) -> tuple[Body, Mapping[str, object]]:
    """The body as it is typed, and the fields of it that are not known here.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
    """
    raw = read_json(body)
    try:
        typed = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$").removeprefix(".") or None
        raise RequestMalformed(
            f"{f'Field {field!r}' if field else 'The body'}: {what}.",
            hint="docs/reference/http.md lists the fields and their types.",
            field=field,
        ) from error
    known = kind.__struct_encode_fields__
    fields = cast(dict[str, object], raw)
    return typed, {name: value for name, value in fields.items() if name not in known}


def read_json(text: bytes | str, *, field: str | None = None) -> object:
    """The value that a text of JSON holds; `field` is where it stands, if not the whole body.

    Raises:
        RequestMalformed: it is no JSON, or nests too deep.
    """
    where = f"Field {field!r}" if field else "The body"
    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RequestMalformed(
            f"{where} is not JSON: {error}.", hint="Send one JSON object, in UTF-8.", field=field
        ) from error
    if _too_deep(value):
        raise RequestMalformed(
            f"{where} nests deeper than {_DEEPEST} levels.", hint="Send a flatter one.", field=field
        )
    return value


def refuse(body: msgspec.Struct, refused: Mapping[str, tuple[bool, str]]) -> None:
    """Refuse by name what would change the meaning: fields, whether each is asked, and why.

    Raises:
        FieldUnserved
    """
    for field, (asked, because) in refused.items():
        if asked:
            value = msgspec.json.encode(getattr(body, field)).decode()
            raise FieldUnserved(field, value=value[:_LONGEST_QUOTE], because=f"{because}.")


def missing(field: str, because: str) -> RequestMalformed:
    """The error for a field that must be there and is not."""
    return RequestMalformed(
        f"Field {field!r} is missing: {because}.", hint="Add it and send again.", field=field
    )


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    match value:
        case dict():
            return cast(dict[str, object], value).values()
        case list():
            return cast(list[object], value)
        case _:
            return ()
