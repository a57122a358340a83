"""The operator's deployments: one TOML file a model, whose name is the model's.

Floor 2. They lie in `$SEEDBED_HOME/deployments`. A model without a file has one deployment, on the
first of its engines that the machine can run. A file is read strictly, as cards are.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from seedbed.core.errors import SettingRefused
from seedbed.core.fleet import HERE, Fleet, Place
from seedbed.core.policy import Policy
from seedbed.store.catalogue import NAME, CardPrice, CardUpstream, price_of, upstream_of

Count = Annotated[int, msgspec.Meta(ge=1, le=1024)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}\Z")]
"""What a deployment may be called: the part behind the `@` of its whole name."""


class _Place(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: Name
    engine: Name | None = None
    places: Count | None = None
    threads: Count | None = None
    layers: Annotated[int, msgspec.Meta(ge=0, le=1024)] | None = None
    lookup: bool = False
    upstream: CardUpstream | None = None
    price: CardPrice | None = None
    prefill: Name | None = None
    decode: Name | None = None


class _Fleet(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    policy: Policy = Policy.BALANCED
    pinned: Name | None = None
    fallbacks: tuple[str, ...] = ()
    cascade: tuple[Name, ...] = ()
    deployments: Annotated[tuple[_Place, ...], msgspec.Meta(min_length=1)] = (_Place(name=HERE),)


def read_fleets(folder: Path) -> Mapping[str, Fleet]:
    """The deployments of each model that has a file there.

    Raises:
        SettingRefused: a file cannot be understood; the sentence names it and the field.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def _read(path: Path) -> Fleet:
    try:
        if not re.fullmatch(NAME, path.stem):
            raise msgspec.ValidationError(f"{path.stem!r} is no name for a model")
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Fleet)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise SettingRefused(
            f"The deployments in {path} cannot be understood: {error}.",
            hint="Mend the file, or take it away: the model then has one deployment, here.",
        ) from error
    fleet = Fleet(
        places=tuple(map(_place, found.deployments)),
        policy=found.policy,
        pinned=found.pinned or "",
        fallbacks=found.fallbacks,
        cascade=found.cascade,
    )
    fleet.check(str(path))
    return fleet


def _place(found: _Place) -> Place:
    return Place(
        name=found.name,
        engine=found.engine,
        places=found.places,
        threads=found.threads,
        layers=found.layers,
        lookup=found.lookup,
        upstream=upstream_of(found.upstream),
        price=price_of(found.price),
        prefill=found.prefill or "",
        decode=found.decode or "",
    )
