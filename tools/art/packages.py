"""The packages that art and words are made from, each of one version, and what is read of them."""

import json
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Package:
    """A package of npm's."""

    name: str
    version: str
    licence: str

    @property
    def file(self) -> str:
        """What `npm pack` calls it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


FLUENT = Package("@iconify-json/fluent-emoji-flat", "1.2.6", "MIT")
NOTO = Package("@iconify-json/noto", "1.2.9", "Apache-2.0")
EMOJIBASE = Package("emojibase-data", "17.0.0", "MIT")
PACKAGES = (FLUENT, NOTO, EMOJIBASE)

# Groups of emojibase's that are left out: tones of skin and hair by themselves.
_COMPONENTS = 2


@dataclass(frozen=True, slots=True)
class Concept:
    """What a picture is of: its id, its code points, its group, its names by language."""

    id: str
    code: str
    group: int
    labels: dict[str, str]
    tags: dict[str, tuple[str, ...]]

    @property
    def sign(self) -> str:
        """What it is written as among letters."""
        return "".join(chr(int(point, 16)) for point in self.code.split("-") if point)


def fetch(package: Package, folder: Path) -> None:
    """Have it in the folder."""
    if not (folder / package.file).exists():
        folder.mkdir(parents=True, exist_ok=True)
        asked = ["npm", "pack", f"{package.name}@{package.version}"]
        subprocess.run(asked, cwd=folder, check=True)


def read(folder: Path, package: Package, member: str) -> Any:  # noqa: ANN401 - each has a form of its own
    """One of its JSON files."""
    with tarfile.open(folder / package.file) as archive:
        found = archive.extractfile(f"package/{member}")
        assert found is not None  # noqa: S101 - a folder of that name would be another package
        return json.load(found)


def concepts(folder: Path) -> Iterator[Concept]:
    """Every concept that may have a picture, in the order of emojibase."""
    tongues = {
        tongue: {row["hexcode"]: row for row in read(folder, EMOJIBASE, f"{tongue}/compact.json")}
        for tongue in ("en", "zh")
    }
    for code, row in tongues["en"].items():
        if row.get("group", _COMPONENTS) == _COMPONENTS or row["label"].startswith("keycap"):
            continue
        yield Concept(
            id=named(row["label"]),
            code=plain_code(code),
            group=row["group"],
            labels={tongue: rows[code]["label"] for tongue, rows in tongues.items()},
            tags={tongue: tuple(rows[code].get("tags", ())) for tongue, rows in tongues.items()},
        )


def plain_code(code: str) -> str:
    """Code points in small letters, without the mark for 'as a picture'."""
    return "-".join(point for point in code.lower().split("-") if point != "fe0f")


def named(label: str) -> str:
    """The id of a concept.

    >>> named("Santa Claus")
    'santa-claus'
    """
    letters = label.lower().replace("’", "").replace("ñ", "n")  # noqa: RUF001 - as emojibase writes
    return "-".join("".join(each if each.isalnum() else " " for each in letters).split())
