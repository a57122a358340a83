"""Where a new model is had, as an operator writes it in one word.

Floor 2. Only the words are read here: nothing is looked for.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from seedbed.core.errors import SettingRefused
from seedbed.core.model import FolderSource, HubSource, Source, Upstream, WebSource, WheelSource
from seedbed.store.catalogue import NAME, safe_member
from seedbed.store.fetch import is_guarded
from seedbed.store.hub import unguarded

MAIN = "main"
"""The branch of a repository that is meant where none is named."""
_PLACES = """A place is a file or folder on this machine, hf:OWNER/NAME[@REVISION]/FILE,
https://HOST/FILE, pypi:PACKAGE==VERSION/FILE, or DIALECT:https://HOST/BASE#MODEL."""
_HUB = re.compile(rf"hf:({NAME}/{NAME})(?:@([^/\s]+))?/(.+)")
_WHEEL = re.compile(r"pypi:([A-Za-z0-9][\w.-]*)==([A-Za-z0-9][\w.+!-]*)/(.+)")
_UPSTREAM = re.compile(r"([a-z][a-z0-9_]*):(https?://[^\s?#]+)#(\S+)")
_SPLIT = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf")
_MOST_PIECES = 1000
_FOLDER_FILES = frozenset({".xml", ".bin", ".json", ".jinja", ".txt", ".model"})

P = TypeVar("P", Path, PurePosixPath)


@dataclass(frozen=True, slots=True)
class Origin:
    """A source and the paths there of a model's files, the first one first. The revision of a
    repository may still be a branch.
    """

    source: Source
    members: tuple[str, ...]


def read_place(place: str) -> Origin | Upstream:
    """What one word means.

    Raises:
        SettingRefused: it cannot be understood, or nothing lies there on this machine.
        PullFailed: it is an address without https.
    """
    if found := _HUB.fullmatch(place):
        repository, revision, member = found.groups()
        return _origin(HubSource(repository, revision or MAIN), member)
    if found := _WHEEL.fullmatch(place):
        package, version, member = found.groups()
        return _origin(WheelSource(package, version), member)
    if found := _UPSTREAM.fullmatch(place):
        dialect, url, model = found.groups()
        return Upstream(url.rstrip("/"), dialect, model)
    if re.match(r"https?://", place):
        return _web(place)
    path = Path(place).expanduser()
    if not path.exists():
        raise SettingRefused(
            f"There is no file or folder {place!r}, and it is no other place either.",
            hint=_PLACES.replace("\n", " "),
        )
    return on_disk([path])


def on_disk(paths: Sequence[Path]) -> Origin:
    """Files on this machine, in the deepest folder that holds them all.

    The first may be a folder: of a model in several files whose first is `*_model.xml`.

    Raises:
        SettingRefused: the folder holds no such model, or a file is no plain one.
    """
    whole = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - links keep their name
    files = [one for path in whole for one in (_inside(path) if path.is_dir() else _pieces(path))]
    for path in files:
        if not path.is_file():
            raise SettingRefused(f"{path} is not there.", hint="Check the path.")
    folder = Path(os.path.commonpath([path.parent for path in files]))
    members = tuple(path.relative_to(folder).as_posix() for path in files)
    return Origin(FolderSource(str(folder)), members)


def file_name(member: str) -> str:
    """What a file is called here: the last part of its path, of letters that every disk takes.

    >>> file_name("a b/Küche (1).gguf")
    'K-che--1-.gguf'
    """
    name = re.sub(r"[^A-Za-z0-9._-]", "-", PurePosixPath(member).name).lstrip("._-")
    return name[-100:].lstrip("._-") or "file"


def _origin(source: Source, member: str) -> Origin:
    if not safe_member(member):
        raise SettingRefused(f"{member!r} leaves the place that it is in.", hint="Name a file.")
    return Origin(source, tuple(str(path) for path in _pieces(PurePosixPath(member))))


def _web(place: str) -> Origin:
    if not is_guarded(place):
        raise unguarded(place)
    parts = urlsplit(place)
    folder, _, member = parts.path.rpartition("/")
    if not member or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingRefused(
            f"{place!r} does not end in the name of a file.",
            hint="Give the plain address of the file, without a query, fragment or password.",
        )
    return _origin(WebSource(f"{parts.scheme}://{parts.netloc}{folder}/"), unquote(member))


def _pieces(path: P) -> list[P]:
    """A file, or all pieces of one that was split, of which any may be named."""
    found = _SPLIT.fullmatch(path.name)
    if not found or not 1 <= int(found[3]) <= _MOST_PIECES:
        return [path]
    count = int(found[3])
    return [
        path.with_name(f"{found[1]}-{piece:05d}-of-{count:05d}.gguf")
        for piece in range(1, count + 1)
    ]


def _inside(folder: Path) -> list[Path]:
    """The files of a model in a folder, the one that is loaded first. One that sees pictures has
    several graphs, of which the first is that of its language.
    """
    files = sorted(p for p in folder.iterdir() if p.suffix in _FOLDER_FILES and p.is_file())
    names = {path.name for path in files}
    for path in files:
        start = path.name.removesuffix("_model.xml").removesuffix("_language")
        wanted = {f"{start}_tokenizer.xml", f"{start}_tokenizer.bin", f"{path.stem}.bin"}
        if path.name.endswith("_model.xml") and wanted <= names:
            return [path, *(other for other in files if other != path)]
    raise SettingRefused(
        f"The folder {folder} holds no model: *_model.xml and .bin, with *_tokenizer.xml and .bin.",
        hint="Name a GGUF file in it, or another folder.",
    )
