"""What is recorded in `golden/`: found, made into what it tells of, and written anew."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

RECORDING = "RECORD" in os.environ
"""Whether what is answered now becomes what is recorded."""


def cases(folder: str) -> list[Path]:
    """The files of a folder, in order."""
    return sorted((Path(__file__).parent / "golden" / folder).glob("*.json"))


def made(told: Mapping[str, object], kinds: Mapping[str, Any]) -> Any:
    """An event or a part, of the kind whose name it `is`."""
    fields = {name: value for name, value in told.items() if name != "is"}
    return msgspec.convert(fields, kinds[str(told["is"])])


def record(path: Path, case: msgspec.Struct) -> None:
    """Write JSON with one item of a list on each line, so that a difference can be read."""
    fields: dict[str, object] = msgspec.to_builtins(case)
    lines = ",\n".join(f'"{name}": {_lines(value)}' for name, value in fields.items())
    path.write_text(f"{{\n{lines}\n}}\n")


def _lines(value: object) -> str:
    if isinstance(value, list):
        items = [json.dumps(item, ensure_ascii=False) for item in cast("list[object]", value)]
        return "[\n  " + ",\n  ".join(items) + "\n]"
    return json.dumps(value, ensure_ascii=False)
