"""Programs of ours as processes in the background: begun with a log, and what they said last.

Floor 4.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from seedbed.core.errors import SetupIncomplete

LOOKS = 2_400
"""Looks until nothing more is waited for: two minutes, at twenty a second."""
LONGEST_LOG = 64 << 20
"""At the next start a longer log is put aside, in the place of the one put aside before."""


class _Told(msgspec.Struct):
    what: str
    hint: str


class _Words(msgspec.Struct):
    """The last words of a program that did not come up, in the shape of a command's errors."""

    error: _Told


@dataclass(frozen=True, slots=True)
class Begun:
    """A process that was begun, and where in its log its own words begin."""

    process: subprocess.Popen[bytes]
    log: Path
    at: int

    def why(self, what: str) -> SetupIncomplete:
        """Why it ended too soon, in its own sentence if it said one; `what` tells how soon."""
        with self.log.open("rb") as log:
            log.seek(self.at)
            said = log.read().decode(errors="replace").strip().splitlines()
        last = said[-1] if said else "it said nothing"
        try:
            error = msgspec.json.decode(last, type=_Words).error
            return SetupIncomplete(error.what, hint=error.hint)
        except msgspec.MsgspecError:
            told = what.format(status=self.process.returncode)
            return SetupIncomplete(f"{told}: {last}.", hint=f"Its log is {self.log}.")

    def end(self) -> None:
        """Have it end, and wait until it has."""
        self.process.terminate()
        self.process.wait()


def begin(argv: Sequence[str], environment: Mapping[str, str], log: Path) -> Begun:
    """Begin a program that outlives this one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        at = out.tell()
        process = subprocess.Popen(  # noqa: S603 - our own program
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=dict(environment),
            start_new_session=True,
        )
    return Begun(process, log, at)
