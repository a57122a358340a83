"""A program that takes or restores the same backup again and again, killed each time elsewhere.

Each life is a fork that counts what it does to files, by Python's own audit, and kills itself at
one of these points. After it, what lies there must be whole; it is told on a line.
"""

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from seedbed.core.errors import BackupRefused
from seedbed.store.backup import take
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.premises import nothing_told
from seedbed.store.rehearsal import rehearse
from seedbed.store.restore import restore
from seedbed.store.swapping import finish
from tests.store.furnished import NOW, furnish, premises_of

_POINTS = frozenset(
    [
        "open",
        "os.link",
        "os.listdir",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.scandir",
        "shutil.copyfile",
        "shutil.rmtree",
        "sqlite3.connect",
    ]
)
_LIVES = 40
_LAST = 10
"""Of these points each is one."""


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    begin, look = {"restore": (_restoring, _house), "backup": (_backing_up, _backup)}[what]
    _forked(lambda: _furnish(folder))
    total = int(_forked(_counted(begin(folder), None)))
    drawn = random.sample(range(total - _LAST), _LIVES - _LAST)
    for point in sorted(drawn) + list(range(total - _LAST, total + 1)):
        _forked(_counted(begin(folder), point))
        told = _forked(lambda: look(folder))
        assert told, f"killed at {point} of {total}, it left what is not whole"
        sys.stdout.write(f"{point} {told}\n")


def _furnish(folder: Path) -> str:
    house = furnish(folder / "old")
    take(house.premises, folder / "backup", now=NOW, told=nothing_told)
    database = open_database(folder / "old" / "seedbed.db")
    Keys(database).revoke("laptop", now=NOW)
    database.close()
    return ""


def _restoring(folder: Path) -> Callable[[], None]:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(folder / "old", home)
    return lambda: _restore(folder / "backup", home, NOW)


def _restore(backup: Path, home: Path, now: int) -> None:
    restore(backup, premises_of(home), replace=True, now=now, told=nothing_told)


def _backing_up(folder: Path) -> Callable[[], None]:
    shutil.rmtree(folder / "new", ignore_errors=True)
    return lambda: _take(folder)


def _take(folder: Path) -> None:
    take(premises_of(folder / "old"), folder / "new" / "b", now=NOW, told=nothing_told)


def _house(folder: Path) -> str:
    """Which house is there, as the next program finds it; all of it must be of the one."""
    home = folder / "home"
    finish(home)
    database = open_database(home / "seedbed.db")
    (key,) = Keys(database).all()
    database.close()
    how = "new" if key.revoked is None else "old"
    assert (how == "old") == (not list(home.glob("before-restore-*"))), "half of it"
    assert (home / "prices" / "a.toml").exists()
    assert len([path for path in (home / "artifacts").rglob("*") if path.is_file()]) == 2
    _restore(folder / "backup", home, NOW + 1)  # which what was left behind does not hinder
    return how


def _backup(folder: Path) -> str:
    if (folder / "new" / "b").exists():
        return _sound(folder / "new" / "b")
    with suppress(BackupRefused):
        _sound(folder / "new" / ".b.unfinished")
    _take(folder)  # which what was left behind does not hinder
    return "none"


def _sound(backup: Path) -> str:
    """See that what has a manifest is a whole backup, whatever it is called."""
    assert all(check.is_right for check in rehearse(backup, now=NOW, told=nothing_told))
    return "sound"


def _counted(life: Callable[[], None], until: int | None) -> Callable[[], str]:
    """Live to that point, or to the end; how many points there were."""
    points = count()

    def reached(event: str, _: object) -> None:
        if event in _POINTS and next(points) == until:
            os.kill(os.getpid(), signal.SIGKILL)

    def live() -> str:
        sys.addaudithook(reached)
        life()
        return str(next(points))

    return live


def _forked(work: Callable[[], str]) -> str:
    """What it says in a process of its own; nothing if that was killed, or failed.

    This process itself stays without threads, which no fork would have.
    """
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, work().encode())
        os._exit(0)
    os.close(write)
    os.wait()
    told = os.read(read, 20).decode()
    os.close(read)
    return told


if __name__ == "__main__":
    main()
