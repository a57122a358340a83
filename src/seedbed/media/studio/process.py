"""The process of one order, started with `python -m`.

Floor 5. It reads one order from its standard input, and says how far it is, and what came of it, in
lines on its standard output. It alone imports the libraries of films.
"""

import sys
from pathlib import Path

import msgspec

from seedbed.core.errors import SeedbedError
from seedbed.core.scene.form import read_scene
from seedbed.kit.film.errors import FilmFault, NoRoom
from seedbed.media.checking import Checker
from seedbed.media.regions import found
from seedbed.media.repairing import repaired
from seedbed.media.studio.assembling import assembled
from seedbed.media.studio.converting import converted, enlarged
from seedbed.media.studio.orders import (
    ORDERS,
    Assemble,
    Brought,
    Check,
    Convert,
    Done,
    Enlarge,
    Find,
    Line,
    Order,
    Refine,
    Repair,
    Survey,
    Wrong,
)
from seedbed.media.studio.refining import refined, surveyed


def run(order: Order) -> dict[str, object]:
    """The facts of what came of it.

    Raises:
        FilmFault: a file is not what it must be.
        NoRoom: the disk is full.
    """
    match order:
        case Assemble():
            return assembled(order, _tell)
        case Survey():
            return surveyed(order)
        case Refine():
            return refined(order, _tell)
        case Convert():
            return converted(order, _tell)
        case Enlarge():
            return enlarged(order)
        case Find(picture=picture, out=out):
            return found(picture, Path(out) if out else None)
        case Repair():
            return repaired(order)
        case Check(file=file, scene=scene):
            return Checker().check(Path(file), read_scene(scene)).written()


def _tell(share: float, what: str) -> None:
    _say(Done(share, what))


def _say(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Do the order that comes, and say what came of it."""
    order = ORDERS.decode(sys.stdin.buffer.readline())
    try:
        _say(Brought(run(order)))
    except NoRoom as error:
        _say(Wrong(str(error), is_full=True))
    except FilmFault as error:
        _say(Wrong(str(error)))
    except SeedbedError as error:
        _say(Wrong(error.what.removesuffix(".")))


if __name__ == "__main__":
    main()
