"""Frozen dataclasses as JSON: read with the place of every fault, written without what is usual,
described as a JSON schema.

Floor 1. A field's type says what may stand there: plain types, `Literal`, `X | None`, tuples,
mappings, dataclasses, and unions of dataclasses that are told apart by their field `kind`. Bounds
are given by `Annotated`: a `Range` for numbers, `Most` for texts and tuples, `Like` for texts.
"""

import dataclasses
import functools
import json
import math
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")
_KIND = "kind"
_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number"}
_SHOWN = 60
_EXACT = 1 << 53


@dataclass(frozen=True, slots=True)
class Range:
    """A number lies between these, both included."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Most:
    """A text has so many characters at most, a tuple so many members."""

    count: int


@dataclass(frozen=True, slots=True)
class Like:
    """A text matches this pattern as a whole; `named` says in words what that is."""

    pattern: str
    named: str


class BadRecord(ValueError):
    """What stands at `at` cannot stand there; `why` says what could."""

    def __init__(self, at: str, value: object, why: str) -> None:
        super().__init__(f"{at or 'it'} is {_shown(value)}; {why}.")
        self.at, self.value, self.why = at, value, why


def read(kind: type[T], data: object, at: str = "") -> T:
    """What JSON has, as a value of that dataclass.

    Raises:
        BadRecord: something in it is not what its type says.
    """
    return cast("T", _read(kind, (), data, at))


def write(record: object) -> Any:  # noqa: ANN401 - as JSON has it
    """A value as JSON has it; what is as usual is left out, but for the `kind`."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        told: dict[str, object] = {}
        for field in dataclasses.fields(record):
            member = getattr(record, field.name)
            if field.name == _KIND or member != _usual(field):
                told[field.name] = write(member)
        return told
    if isinstance(record, tuple | list):
        return [write(member) for member in cast("tuple[object, ...]", record)]
    if isinstance(record, Mapping):
        members = cast("Mapping[str, object]", record)
        return {name: write(member) for name, member in members.items()}
    return record


def canonical(record: object) -> bytes:
    """The same bytes for the same value, for hashing."""
    told = json.dumps(write(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return told.encode()


def schema(kind: type) -> dict[str, object]:
    """A JSON schema (2020-12) of what `read` takes for this dataclass."""
    shapes: dict[str, object] = {}
    whole = _shape(kind, (), shapes)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": shapes}


def _read(kind: Any, notes: tuple[object, ...], data: object, at: str) -> object:  # noqa: ANN401
    origin, members = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _read(members[0], members[1:], data, at)
    if origin in {Union, types.UnionType}:
        return _read_union(members, notes, data, at)
    if origin is Literal:
        if not any(data is one or (type(data) is type(one) and data == one) for one in members):
            raise BadRecord(at, data, f"it is one of {', '.join(map(json.dumps, members))}")
        return data
    if origin is tuple:
        return _read_tuple(members, notes, data, at)
    if origin is Mapping:
        return _read_mapping(members[1], data, at)
    if dataclasses.is_dataclass(kind):
        return _read_record(cast("type", kind), data, at)
    return _read_plain(kind, notes, data, at)


def _read_union(
    members: tuple[Any, ...], notes: tuple[object, ...], data: object, at: str
) -> object:
    if data is None and type(None) in members:
        return None
    there = [member for member in members if member is not type(None)]
    if len(there) == 1:
        return _read(there[0], notes, data, at)
    known = {_kind_of(member): member for member in there}
    told = _told_kind(data)
    if not isinstance(told, str) or told not in known:
        names = ", ".join(sorted(known))
        raise BadRecord(_within(at, _KIND), told, f"it is one of {names}")
    return _read(known[told], (), data, at)


def _told_kind(data: object) -> object:
    return cast("Mapping[str, object]", data).get(_KIND) if isinstance(data, Mapping) else None


def _read_tuple(
    members: tuple[Any, ...], notes: tuple[object, ...], data: object, at: str
) -> tuple[object, ...]:
    if not isinstance(data, list | tuple):
        raise BadRecord(at, data, "it is a list")
    found = cast("list[object]", data)
    if members[-1] is Ellipsis:
        for note in notes:
            if isinstance(note, Most) and len(found) > note.count:
                raise BadRecord(at, f"{len(found)} long", f"it has {note.count} members at most")
        members = (members[0],) * len(found)
    elif len(found) != len(members):
        raise BadRecord(at, found, f"it is a list of {len(members)}")
    pairs = enumerate(zip(members, found, strict=True))
    return tuple(_read(member, (), one, f"{at}[{place}]") for place, (member, one) in pairs)


def _read_mapping(member: object, data: object, at: str) -> dict[str, object]:
    if not isinstance(data, Mapping):
        raise BadRecord(at, data, "it is an object")
    found = cast("Mapping[str, object]", data)
    return {name: _read(member, (), one, _within(at, name)) for name, one in found.items()}


def _read_record(kind: type, data: object, at: str) -> object:
    if not isinstance(data, Mapping):
        raise BadRecord(at, data, "it is an object")
    found = dict(cast("Mapping[str, object]", data))
    hints = _hints(kind)
    given: dict[str, object] = {}
    for field in dataclasses.fields(kind):
        if field.name in found:
            where = _within(at, field.name)
            given[field.name] = _read(hints[field.name], (), found.pop(field.name), where)
        elif _usual(field) is MISSING:
            raise BadRecord(_within(at, field.name), None, "it is needed")
    if found:
        name = min(found)
        known = ", ".join(hints)
        raise BadRecord(_within(at, name), found[name], f"nothing has that name here, but {known}")
    return kind(**given)


def _read_plain(kind: Any, notes: tuple[object, ...], data: object, at: str) -> object:  # noqa: ANN401
    if kind is float and type(data) is int and abs(data) <= _EXACT:
        data = float(data)
    elif kind is int and isinstance(data, float) and data.is_integer() and abs(data) <= _EXACT:
        data = int(data)  # as a schema has it, and some write it: 1e3 is an integer
    if type(data) is not kind:
        raise BadRecord(at, data, f"it is {'an' if kind is int else 'a'} {_PLAIN[kind]}")
    if isinstance(data, float) and not math.isfinite(data):
        raise BadRecord(at, data, "it is a finite number")
    for note in notes:
        if why := _breaks(note, data):
            raise BadRecord(at, data, why)
    if isinstance(data, str) and any("\ud800" <= one <= "\udfff" for one in data):
        raise BadRecord(
            at, data.encode(errors="replace").decode(), "it is a text of whole characters"
        )
    return data


def _breaks(note: object, data: object) -> str | None:
    match note, data:
        case Range(least, most), int() | float() if not least <= data <= most:
            return f"it lies between {least:g} and {most:g}"
        case Most(count), str() if len(data) > count:
            return f"it has {count:,} characters at most"
        case Like(pattern, named), str() if not re.fullmatch(pattern, data):
            return f"it is {named}"
        case _:
            return None


def _shape(kind: Any, notes: tuple[object, ...], shapes: dict[str, object]) -> dict[str, object]:  # noqa: ANN401
    origin, members = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _shape(members[0], members[1:], shapes)
    if origin in {Union, types.UnionType}:
        each = [_shape(member, notes, shapes) for member in members]
        return {"anyOf": each}
    if origin is Literal:
        return {"enum": list(members)}
    if origin is tuple:
        return _shape_of_tuple(members, notes, shapes)
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _shape(members[1], (), shapes)}
    if dataclasses.is_dataclass(kind):
        return _shape_of_record(cast("type", kind), shapes)
    if kind is type(None):
        return {"type": "null"}
    return {"type": _PLAIN[kind], **_bounds(notes)}


def _shape_of_tuple(
    members: tuple[Any, ...], notes: tuple[object, ...], shapes: dict[str, object]
) -> dict[str, object]:
    if members[-1] is not Ellipsis:
        each = [_shape(member, (), shapes) for member in members]
        return {"type": "array", "prefixItems": each, "minItems": len(each), "maxItems": len(each)}
    counts = [note.count for note in notes if isinstance(note, Most)]
    most = {"maxItems": min(counts)} if counts else {}
    return {"type": "array", "items": _shape(members[0], (), shapes), **most}


def _shape_of_record(kind: type, shapes: dict[str, object]) -> dict[str, object]:
    name = kind.__name__
    if name not in shapes:
        shapes[name] = {}  # it may hold itself
        hints = _hints(kind)
        fields = dataclasses.fields(kind)
        needed = [one.name for one in fields if _usual(one) is MISSING or one.name == _KIND]
        shapes[name] = {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "properties": {one.name: _shape(hints[one.name], (), shapes) for one in fields},
            "required": needed,
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}


def _bounds(notes: tuple[object, ...]) -> dict[str, object]:
    told: dict[str, object] = {}
    for note in notes:
        if isinstance(note, Range):
            told |= {"minimum": note.least, "maximum": note.most}
        elif isinstance(note, Most):
            told["maxLength"] = note.count
        else:
            told["pattern"] = f"^(?:{cast('Like', note).pattern})$"
    return told


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@functools.cache
def _kind_of(member: type) -> str:
    return get_args(_hints(member)[_KIND])[0]


def _usual(field: "dataclasses.Field[Any]") -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _within(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _shown(value: object) -> str:
    try:
        told = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError):
        told = repr(value)
    return told if len(told) <= _SHOWN else told[:_SHOWN] + "…"
