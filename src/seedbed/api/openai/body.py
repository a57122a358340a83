"""From bytes to a typed body: JSON in UTF-8, bounded in width and depth, each field of its type.

Floor 6. What all of OpenAI's calls share in reading; the words themselves are in `wire.py`. How
much work a body can make is seen before it is decoded, by counting bytes.
"""

from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from types import new_class
from typing import TypeAlias, TypeVar, cast

import msgspec

from seedbed.core.errors import FieldUnserved, RequestMalformed

Body = TypeVar("Body", bound=msgspec.Struct)

DEEPEST = 200
"""How far values may nest, so that nothing behind the door runs out of stack over a schema."""
MOST_MARKS = 250_000
"""Commas, colons and opening brackets in a body, those in its texts included: as many values can be
decoded without holding up all others."""
_LONGEST_QUOTE = 80
_ALL = bytes(range(256))
_NO_MARKS = _ALL.translate(None, b",:[{")
_NO_BRACKETS = _ALL.translate(None, b'[]{}"')
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


_Decoders: TypeAlias = tuple[msgspec.json.Decoder[Body], msgspec.json.Decoder[Body]]


@cache
def _decoders(kind: type[Body]) -> "_Decoders[Body]":
    """A decoder of bodies, and one for those that have no field which is not known here."""
    options = {"forbid_unknown_fields": True}
    strict = cast(type[Body], new_class(kind.__name__, (kind,), options))
    return msgspec.json.Decoder(kind), msgspec.json.Decoder(strict)


def read_body(body: bytes, kind: type[Body]) -> tuple[Body, Mapping[str, object]]:
    """The body as it is typed, and the fields of it that are not known here.

    Raises:
        RequestMalformed: it is no JSON, is too wide or too deep, or a field is missing, of a wrong
            type or out of range.
    """
    _look(body, "The body")
    decoder, strict = cast("_Decoders[Body]", _decoders(kind))
    try:
        return strict.decode(body), {}
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _read_closely(body, kind, decoder)


def _read_closely(
    body: bytes, kind: type[Body], decoder: msgspec.json.Decoder[Body]
) -> tuple[Body, Mapping[str, object]]:
    """Read a body that has a field which is not known here, or a fault that must be named."""
    known = kind.__struct_encode_fields__
    try:
        unknown = {n: raw for n, raw in _FIELDS.decode(body).items() if n not in known}
        typed = decoder.decode(body)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$").removeprefix(".") or None
        raise RequestMalformed(
            f"{f'Field {field!r}' if field else 'The body'}: {what}.",
            hint="docs/reference/http.md lists the fields and their types.",
            field=field,
        ) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _no_json("The body", error) from error
    return typed, _decoded(unknown) if unknown else {}


def read_json(text: bytes | str, *, field: str) -> object:
    """The value that the JSON in a field holds.

    Raises:
        RequestMalformed: it is no JSON, is too wide or nests too deep.
    """
    where = f"Field {field!r}"
    try:
        _look(text.encode() if isinstance(text, str) else text, where, field)
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _no_json(where, error, field) from error


Refused: TypeAlias = Mapping[str, tuple[tuple[object, ...], str]]
"""Fields that would change the meaning: the values of each that would not, and why it is refused.
Left out or `null` a field asks for nothing."""


def refuse(body: msgspec.Struct, refused: Refused) -> None:
    """Refuse by name what would change the meaning.

    Raises:
        FieldUnserved
    """
    for field, (harmless, because) in refused.items():
        value = getattr(body, field)
        if value is not None and value not in harmless:
            told = msgspec.json.encode(value).decode()
            raise FieldUnserved(field, value=told[:_LONGEST_QUOTE], because=f"{because}.")


def missing(field: str, because: str) -> RequestMalformed:
    """The error for a field that must be there and is not."""
    return RequestMalformed(
        f"Field {field!r} is missing: {because}.", hint="Add it and send again.", field=field
    )


def _look(text: bytes, where: str, field: str | None = None) -> None:
    """Refuse what is too wide or too deep, by its bytes.

    Raises:
        RequestMalformed
    """
    if len(text) > MOST_MARKS and len(text.translate(None, _NO_MARKS)) > MOST_MARKS:
        raise RequestMalformed(
            f"{where} has more than {MOST_MARKS:,} commas, colons and opening brackets.",
            hint="Send fewer values at once.",
            field=field,
        )
    if text.count(b"[") + text.count(b"{") > DEEPEST and depth(text) > DEEPEST:
        raise RequestMalformed(
            f"{where} nests deeper than {DEEPEST} levels.", hint="Send a flatter one.", field=field
        )


def _decoded(fields: Mapping[str, msgspec.Raw]) -> Mapping[str, object]:
    """The values of fields, decoded in one go.

    Raises:
        RequestMalformed: one is no JSON.
    """
    try:
        values: list[object] = msgspec.json.decode(b"[%b]" % b",".join(fields.values()))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _no_json("The body", error) from error
    return dict(zip(fields, values, strict=True))


def depth(text: bytes) -> int:
    r"""How deep brackets nest in JSON, those in its texts aside.

    >>> depth(b'{"a": [1, [2]], "b": "[[[[ \\" ["}')
    3
    """
    if b"\\" in text:
        text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = b"".join(text.translate(None, _NO_BRACKETS).split(b'"')[::2])
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _no_json(where: str, error: Exception, field: str | None = None) -> RequestMalformed:
    return RequestMalformed(
        f"{where} is not JSON: {error}.", hint="Send one JSON object, in UTF-8.", field=field
    )
