"""What each deployment was seen to hold at most, in a file that survives a restart.

Floor 4. Each has a peak for each kind of memory.
"""

from pathlib import Path

import msgspec
import structlog

from seedbed.kit import atomic

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Peak(msgspec.Struct, frozen=True):
    setup: str
    bytes: int


class Peaks:
    """The file of all peaks, in bytes. Without a path, nothing outlives this process."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._peaks = self._read()

    def of(self, name: str, kind: str, setup: str) -> int | None:
        """What the deployment held at most of that kind of memory, as it is set up now; `None`
        where it was not measured so.
        """
        found = self._peaks.get(f"{name} {kind}")
        return found.bytes if found and found.setup == setup else None

    def note(self, name: str, kind: str, setup: str, bytes_: int) -> None:
        """Remember what the deployment holds at most of that kind of memory."""
        self._peaks[f"{name} {kind}"] = _Peak(setup, bytes_)
        if self._path is None:
            return
        try:
            atomic.write(self._path, msgspec.json.encode(self._peaks))
        except OSError as error:  # a full disk keeps no engine from its work
            log.warning("peaks.unwritten", path=str(self._path), why=str(error))

    def _read(self) -> dict[str, _Peak]:
        """What was written; a file that cannot be read is measured anew."""
        if self._path is None:
            return {}
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, _Peak])
        except (OSError, msgspec.MsgspecError):
            return {}
