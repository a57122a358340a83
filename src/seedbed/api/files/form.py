"""A form with a file in it (multipart/form-data), read as it comes, so that the file is never held.

Floor 6. A form may say its fields before the file or behind it. Their names may nest, as in
`expires_after[seconds]`; one that says nothing is the same as one that is left out.
"""

import re
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from enum import Enum, auto
from typing import TypeAlias, TypeVar, cast

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from seedbed.core.artifact import PLAIN, is_media
from seedbed.core.errors import RequestMalformed
from seedbed.core.value import value

FRAME = 1 << 20
"""Bytes that a form may have around its file."""
_LONGEST_FIELD = 64 << 10
_MOST_FIELDS = 100
_NAME = re.compile(r"(\w+)((?:\[\w*\]){1,4})")
Fields = TypeVar("Fields", bound=msgspec.Struct)


@value
class Head:
    """What a form says of one part: the name of its field, and what it calls its file."""

    field: str
    name: str
    media: str


class _Mark(Enum):
    PART_ENDS = auto()
    FORM_ENDS = auto()


_Said: TypeAlias = Head | bytes | _Mark
Keep: TypeAlias = Callable[[Head, AsyncGenerator[bytes]], Awaitable[object]]
"""What is done with the file as it comes."""


async def read_form(
    stream: AsyncGenerator[bytes], content_type: str, keep: Keep, *, file: str
) -> Mapping[str, str]:
    """The fields of a form; what comes in the field `file` goes to `keep`.

    Raises:
        RequestMalformed: it is no such form, is cut off, or has several files.
    """
    parts, fields, files = _Parts(stream, content_type), dict[str, str](), 0
    while (head := await parts.next()) is not None:
        if head.field != file:
            fields[head.field] = await _text(parts, head.field)
        elif (files := files + 1) == 1:
            await keep(head, parts.pieces())
        if files > 1 or len(fields) > _MOST_FIELDS:
            raise _malformed("it has more than one file, or than a hundred fields")
    return fields


def read_fields(fields: Mapping[str, str], kind: type[Fields]) -> Fields:
    """The fields of a form as they are typed; what is not known here is passed over.

    Raises:
        RequestMalformed: one is missing, of a wrong type or out of range.
    """
    try:
        return msgspec.convert(nested(fields), kind, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$").removeprefix(".") or None
        raise RequestMalformed(
            f"{f'Field {field!r}' if field else 'The form'}: {what}.",
            hint="docs/reference/http.md lists the fields and their types.",
            field=field,
        ) from error


def nested(fields: Mapping[str, str]) -> Mapping[str, object]:
    """Fields whose names nest, as the values that they are parts of.

    >>> nested({"a[b]": "1", "a[c]": "2", "d": "", "e": "3"})
    {'a': {'b': '1', 'c': '2'}, 'e': '3'}

    Raises:
        RequestMalformed: one is a part of what is itself a text.
    """
    whole: dict[str, object] = {}
    for name, said in fields.items():
        found = _NAME.fullmatch(name)
        *path, last = [found[1], *found[2][1:-1].split("][")] if found else [name]
        place = whole
        for step in path if said else ():
            if isinstance(inner := place.setdefault(step, {}), str):
                raise _malformed(f"the field {step[:40]!r} is a text and has parts")
            place = cast("dict[str, object]", inner)
        if said:
            place[last] = said
    return whole


class _Parts:
    """The parts of a form, one after the other: each has a head, and then its pieces are taken."""

    def __init__(self, stream: AsyncGenerator[bytes], content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise _malformed(f"its Content-Type is {content_type[:80]!r}")
        self._stream, self._said = stream, deque[_Said]()
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_header_field": self._heard_header,
                    "on_header_value": self._heard_value,
                    "on_header_end": self._heard_all,
                    "on_headers_finished": self._begun,
                    "on_part_data": lambda data, start, end: self._said.append(data[start:end]),
                    "on_part_end": lambda: self._said.append(_Mark.PART_ENDS),
                    "on_end": lambda: self._said.append(_Mark.FORM_ENDS),
                },
            )
        except FormParserError as error:
            raise _malformed(str(error)) from error

    async def next(self) -> Head | None:
        """The head of the next part; `None` at the end of the form."""
        said = await self._next()
        return said if isinstance(said, Head) else None

    async def pieces(self) -> AsyncGenerator[bytes]:
        """What the part has in it."""
        while isinstance(said := await self._next(), bytes):
            yield said

    async def _next(self) -> _Said:
        while not self._said:
            piece = await anext(self._stream, None)
            if piece is None:
                raise _malformed("it is cut off before its end")
            try:
                self._parser.write(piece)
            except FormParserError as error:
                raise _malformed(str(error)) from error
        return self._said.popleft()

    def _heard_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _heard_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _heard_all(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _begun(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        media = self._headers.get(b"content-type", b"").decode("latin-1").lower()
        told = [options.get(key, b"").decode("utf-8", "replace") for key in (b"name", b"filename")]
        self._headers = {}
        self._said.append(Head(told[0], told[1], media_of(media)))


def media_of(told: str) -> str:
    """The media type that is told, or that of unknown bytes where it is none.

    >>> media_of("text/plain"), media_of("pdf")
    ('text/plain', 'application/octet-stream')
    """
    return told if is_media(told) else PLAIN


async def _text(parts: _Parts, field: str) -> str:
    said = b""
    async for piece in parts.pieces():
        said += piece
        if len(said) > _LONGEST_FIELD:
            raise _malformed(f"its field {field[:40]!r} is longer than {_LONGEST_FIELD:,} bytes")
    return said.decode("utf-8", "replace")


def _malformed(why: str) -> RequestMalformed:
    return RequestMalformed(
        f"The form cannot be read: {why}.", hint="Send multipart/form-data with one file in it."
    )
