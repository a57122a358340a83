"""A vendor's doors as lines of a table, and such lines in the words of OpenAPI, for `schema.py`.

Floor 6. Where two vendors have one path it is described once, with what either takes and answers,
and with the header that tells them apart.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from seedbed.api import shape
from seedbed.core.value import value

_QUERY: Mapping[str, Mapping[str, object]] = {
    "limit": {"type": "integer", "minimum": 1},
    "order": {"enum": ["asc", "desc"]},
}
"""What a query may have that is no text."""
_PART: Mapping[str, object] = {"description": "What was asked for of it.", "content": shape.BYTES}


@value
class Door:
    """One door: `ask` is a method and a path, `answer` the name of a shape or, empty, a file.

    What it `takes` is JSON that is read into a struct, or a form by the name of its shape; where it
    `is_file` a file does as well. It may answer in the media types of `also`, too.
    """

    ask: str
    summary: str
    answer: str
    takes: type[msgspec.Struct] | str | None = None
    streams: bool = False
    query: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    is_file: bool = False


@value
class Vendor:
    """The doors of one vendor. All its names begin with `prefix`; the shape of its errors is
    `Problem`. With `header` a request tells that it speaks these words where others speak, too.
    Its paths are below `base`.
    """

    prefix: str
    doors: tuple[Door, ...]
    shapes: Mapping[str, object]
    header: str = ""
    base: str = ""


_Line: TypeAlias = tuple[Vendor, Door]


def paths(vendors: Sequence[Vendor]) -> dict[str, dict[str, object]]:
    """Each path with what it takes and answers."""
    lines: dict[str, list[_Line]] = {}
    for vendor in vendors:
        for door in vendor.doors:
            method, path = door.ask.split()
            lines.setdefault(f"{method} {vendor.base}{path}", []).append((vendor, door))
    told: dict[str, dict[str, object]] = {}
    for ask, these in lines.items():
        method, path = ask.split()
        told.setdefault(path, {})[method.lower()] = _operation(ask, these)
    return told


def schemas(vendors: Sequence[Vendor]) -> dict[str, object]:
    """What the doors take and answer, by name."""
    told: dict[str, object] = {}
    for vendor in vendors:
        kinds = {door.takes for door in vendor.doors if isinstance(door.takes, type)}
        found = bodies(sorted(kinds, key=lambda kind: kind.__name__), vendor.prefix)
        told |= found | {vendor.prefix + name: one for name, one in vendor.shapes.items()}
    return told


def bodies(kinds: Iterable[type[msgspec.Struct]], prefix: str = "") -> dict[str, object]:
    """Structs and what they are made of, by names that begin with `prefix`."""
    _, found = msgspec.json.schema_components(
        kinds, schema_hook=_any, ref_template=f"{shape.REF}{prefix}{{name}}"
    )
    return {prefix + name: told for name, told in found.items()}


def _operation(ask: str, lines: Sequence[_Line]) -> dict[str, object]:
    door = lines[0][1]
    refused = {"application/json": {"schema": _either([v.prefix + "Problem" for v, _ in lines])}}
    told: dict[str, object] = {
        "summary": door.summary,
        "operationId": re.sub(r"\W+", "_", ask.lower()).strip("_"),
        "parameters": _parameters(ask, lines),
        "responses": {
            **_answers(lines),
            "4XX": {"description": "It is refused.", "content": refused},
            "5XX": {"description": "It failed here, or upstream.", "content": refused},
        },
    }
    if door.takes is not None:
        told["requestBody"] = {"required": True, "content": _taken(lines)}
    return told


def _answers(lines: Sequence[_Line]) -> dict[str, object]:
    _, door = lines[0]
    if not door.answer:
        if door.takes is not None:  # it is made for this caller, and nobody has it already
            return {"200": _PART}
        seen = {"description": "It is what the caller has already."}
        return {"200": _PART, "206": _PART, "304": seen}
    told = _either([vendor.prefix + one.answer for vendor, one in lines])
    content: dict[str, object] = {"application/json": {"schema": told}}
    if door.streams:
        content["text/event-stream"] = {}
    for media in door.also:
        content[media] = {}
    return {"200": {"description": "The answer.", "content": content}}


def _taken(lines: Sequence[_Line]) -> dict[str, object]:
    forms = [vendor.prefix + door.takes for vendor, door in lines if isinstance(door.takes, str)]
    if forms:
        return {"multipart/form-data": {"schema": _either(forms)}}
    kinds = [(vendor, door.takes) for vendor, door in lines if isinstance(door.takes, type)]
    told = _either([vendor.prefix + kind.__name__ for vendor, kind in kinds])
    content: dict[str, object] = {"application/json": {"schema": told}}
    if any(door.is_file for _, door in lines):
        content |= shape.BYTES
    return content


def _parameters(ask: str, lines: Sequence[_Line]) -> list[object]:
    needed = {"in": "path", "required": True, "schema": shape.TEXT}
    names = dict.fromkeys(name for _, door in lines for name in door.query)
    return [
        *({"name": name, **needed} for name in re.findall(r"{(\w+)}", ask)),
        *(_optional(name, "query") for name in names),
        *(_optional(vendor.header, "header") for vendor, _ in lines[1:]),
    ]


def _optional(name: str, place: str) -> dict[str, object]:
    return {"name": name, "in": place, "schema": _QUERY.get(name, shape.TEXT)}


def _either(names: Sequence[str]) -> dict[str, object]:
    refs = [shape.ref(name) for name in dict.fromkeys(names)]
    return refs[0] if len(refs) == 1 else {"anyOf": refs}


def _any(_: type) -> dict[str, object]:
    return {"description": "Any value."}
