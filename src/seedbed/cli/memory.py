"""Whether the memory that engines may hold is enough, as the server that runs knows it.

Floor 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx2
import msgspec

from seedbed.cli.house import House
from seedbed.serving.resident import GRAPHICS, MAIN

_MENDS: Mapping[str, str] = {
    MAIN: "set SEEDBED_MEMORY_MEGABYTES to {needs} or more",
    GRAPHICS: "give it fewer `layers` or places, or set SEEDBED_GRAPHICS_MEGABYTES to {needs}",
}


class _Holding(msgspec.Struct):
    needs: int
    is_measured: bool
    may: int


class _Deployment(msgspec.Struct):
    name: str
    memory: dict[str, _Holding]


class _Deployments(msgspec.Struct):
    data: list[_Deployment]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be said of one kind of memory; `mend` is empty where nothing has to be done."""

    kind: str
    told: str
    mend: str = ""


def standings(house: House, url: str, secret: str) -> Sequence[Standing]:
    """How the memory of the server at that address stands; nothing where it does not tell."""
    headers = {"authorization": f"Bearer {secret}"}
    try:
        answer = house.neighbour.get(f"{url}/seedbed/deployments", headers=headers)
        found = msgspec.json.decode(answer.content, type=_Deployments).data
    except (httpx2.HTTPError, msgspec.MsgspecError):
        return ()
    return [one for kind in _MENDS for one in _of(kind, found)]


def _of(kind: str, deployments: Sequence[_Deployment]) -> list[Standing]:
    holdings = {one.name: one.memory[kind] for one in deployments if kind in one.memory}
    may = max((holding.may for holding in holdings.values()), default=0)
    found = [_too_large(kind, name, h) for name, h in holdings.items() if h.needs > may]
    needs = sum(h.needs for h in holdings.values() if h.needs <= may)
    if needs > may:
        told = f"those served need {_megabytes(needs)} and may hold {_megabytes(may)}"
        found.append(Standing(kind, f"{told}: they take turns"))
    elif needs:
        found.append(Standing(kind, f"{_megabytes(needs)} of {_megabytes(may)} are needed"))
    return found


def _too_large(kind: str, name: str, holding: _Holding) -> Standing:
    how = "" if holding.is_measured else "at least "
    return Standing(
        kind,
        f"{name} needs {how}{_megabytes(holding.needs)}, and all together may hold "
        f"{_megabytes(holding.may)}: it is never loaded",
        f"{_MENDS[kind].format(needs=-(-holding.needs // 10**6))}, or take the model out of "
        "SEEDBED_MODELS",
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
