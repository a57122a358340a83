"""The outside witness of steps: a file to which each adds a line as it begins and as it is done.

Floor 5. A line is on the machine, whoever is killed after it. The witness knows a step's effect by
its idempotency key: the same key again changes nothing.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedbed.jobs.scripted import Doing

BEGAN, DID = "began", "did"
_TAB, _END = "\t", "."
"""A line between two pages can be cut off by a kill: it begins anew, and is whole with its end."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a process noted of a step: that it began it, or that it did it."""

    word: str
    job: str
    name: str
    key: str
    run: int
    process: int


class Witness:
    """Notes what this process does."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, word: str, doing: Doing) -> None:
        """Add a line, in one piece."""
        job, process = doing.job, os.getpid()
        facts = (word, job.id, doing.name, doing.key, str(job.run), str(process), _END)
        os.write(self._file, f"\n{_TAB.join(facts)}\n".encode())


class Notes:
    """What the witness has noted so far; `look` reads what has come since.

    `of` counts the lines that a process has written with a word.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0
        self.lines: list[Line] = []
        self.of = Counter[tuple[int, str]]()

    def look(self) -> None:
        """Read on."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            said = file.read()
        whole = said[: said.rfind(b"\n") + 1]
        self._read += len(whole)
        facts = [text.split(_TAB) for text in whole.decode().splitlines()]
        new = [_line(each) for each in facts if each[-1] == _END]
        self.lines += new
        self.of.update((line.process, line.word) for line in new)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the lines tell, beside the steps that are recorded.

    `again` counts steps that were begun anew, because whoever did them was killed in them; of those
    `after` had had their effect. `killed` counts the processes that this befell. `repeated` are
    effects that were done again although they were recorded, or under another key, and records
    without an effect.
    """

    again: int
    after: int
    killed: int
    repeated: int


def seen(lines: Sequence[Line], recorded: Mapping[str, int]) -> Seen:
    """Judge. `recorded` has the key of each recorded step with the run that did it."""
    last = Counter[str]()
    keys: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines:
        last[line.key] = max(last[line.key], line.run)
        keys[line.job, line.name].add(line.key)
    begun = [line for line in lines if line.word == BEGAN]
    did = {(line.key, line.run) for line in lines if line.word == DID}
    cut = [line for line in begun if line.run < last[line.key]]
    twice = len(begun) - len({(line.key, line.run) for line in begun})
    other = sum(len(known) - 1 for known in keys.values())
    late = sum(last[key] > run for key, run in recorded.items())
    missing = len(set(recorded) - {key for key, _ in did})
    return Seen(
        again=len(cut),
        after=sum((line.key, line.run) in did for line in cut),
        killed=len({line.process for line in cut}),
        repeated=twice + other + late + missing,
    )


def _line(facts: Sequence[str]) -> Line:
    word, job, name, key, run, process, _ = facts
    return Line(word, job, name, key, int(run), int(process))
