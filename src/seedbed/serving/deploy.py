"""From a card to a deployment that lives on this machine.

Floor 4. The first of the card's engines that the machine can run is taken. Engines are found by
their files; none is named here.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import cast

import structlog

from seedbed.core.book import PriceBook
from seedbed.core.errors import ModelUnpriced, SettingRefused
from seedbed.core.fleet import HERE, Fleet, Place
from seedbed.core.model import Deployment, Model, Upstream
from seedbed.engines.base import Engine, Generator, Reader, Spec
from seedbed.engines.upstreams.kv_transfer import Prefill
from seedbed.engines.upstreams.probing import Probed
from seedbed.kit import plug
from seedbed.kit.clock import Clock
from seedbed.kit.machine import Machine
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.pricing import shadows, tariffs
from seedbed.serving.residency import Residency
from seedbed.serving.resident import GRAPHICS, MAIN
from seedbed.serving.splitting import Split
from seedbed.serving.supervisor import Supervisor
from seedbed.store.kv import SavedPrefixes
from seedbed.store.weights import Laid

log: structlog.stdlib.BoundLogger = structlog.get_logger()

FAMILY = "seedbed.engines"
_STRAIGHT: Mapping[str, str] = MappingProxyType({})
_HERE = Place(name=HERE)


@dataclass(frozen=True, slots=True)
class Share:
    """What of this machine an engine gets: answers side by side, threads, and layers on a graphics
    processor; a program of the operator's to use in place of ours; and where it keeps what it read.
    """

    places: int
    threads: int
    layers: int = 0
    server: Path | None = None
    prefixes: SavedPrefixes | None = None


class Deployer:
    """Puts models on this machine. With a `residency` those that share its memory are loaded by it,
    and not at once.
    """

    def __init__(
        self,
        home: Path,
        *,
        machine: Machine,
        share: Share,
        book: PriceBook,
        clock: Clock,
        residency: Residency | None = None,
    ) -> None:
        self._home = home
        self._machine = machine
        self._share = share
        self._book = book
        self._clock = clock
        self._residency = residency

    def deploy(
        self,
        model: Model,
        lay: Callable[[Model, str], Laid],
        *,
        secret: Callable[[str], str],
        proxies: Mapping[str, str] = _STRAIGHT,
        place: Place = _HERE,
    ) -> LiveDeployment:
        """A model on its engine. `lay` says where its files are for a kind of engine, `secret` what
        a reference to a secret stands for; `proxies` are the variables that name the machine's.
        `place` is what the operator wants otherwise than the card and the settings have it.

        Raises:
            SettingRefused: none of its engines can run here, or the card lacks what it needs.
            ModelAbsent, ModelDamaged: its files are not here, or not what they were.
        """
        model, share = place.of(model), self._share
        kind, module = self._choose(model)
        laid = lay(model, kind)
        upstream = model.upstream
        spec = Spec(
            model,
            laid.weights,
            places=place.places or (share.places if upstream is None else _UPSTREAM_PLACES),
            threads=place.threads or share.threads,
            projector=laid.projector,
            adapters=laid.adapters,
            layers=share.layers if place.layers is None else place.layers,
            server=share.server,
            prefixes=share.prefixes,
            lookup=place.lookup,
            secret=secret(upstream.secret) if upstream and upstream.secret else None,
            proxies=proxies,
            fonts=(self._home / "fonts",),
        )
        try:
            engine = cast(Engine, module.make(spec))
        except ValueError as error:
            raise _unservable(model, str(error)) from error
        if place.layers and not (engine.program and engine.program.graphics):
            raise _unservable(model, f"{kind} puts no layers on graphics processors")
        return self._live(spec, kind, engine, place)

    def deploy_all(
        self,
        model: Model,
        fleet: Fleet,
        lay: Callable[[Model, str], Laid],
        *,
        secret: Callable[[str], str],
        proxies: Mapping[str, str] = _STRAIGHT,
    ) -> list[LiveDeployment]:
        """Every deployment of a model.

        Raises:
            SettingRefused, ModelAbsent, ModelDamaged: as `deploy` does.
        """
        lives: dict[str, LiveDeployment] = {}
        for place in sorted(fleet.places, key=lambda place: place.is_split):
            if place.is_split:
                reader, writer = lives[place.prefill], lives[place.decode]
                lives[place.name] = self._pair(place, reader, writer, secret, proxies)
            else:
                lives[place.name] = self.deploy(
                    model, lay, secret=secret, proxies=proxies, place=place
                )
        for place in fleet.places:
            if len(lives) > 1 and lives[place.name].name != f"{model.name}@{place.name}":
                raise _unservable(model, f"its deployment {HERE!r} is elsewhere: call it otherwise")
        return [lives[place.name] for place in fleet.places]

    def _pair(
        self,
        place: Place,
        reader: LiveDeployment,
        writer: LiveDeployment,
        secret: Callable[[str], str],
        proxies: Mapping[str, str],
    ) -> LiveDeployment:
        """Two deployments as one: long prompts are read by the one, and answered by the other."""
        model, own = writer.deployment.model, writer.deployment.own_hardware
        by: object = reader.engine
        upstream = reader.deployment.model.upstream
        if upstream is not None:
            key = secret(upstream.secret) if upstream.secret else None
            spec = Spec(
                model, None, places=_UPSTREAM_PLACES, threads=1, secret=key, proxies=proxies
            )
            by = Prefill(spec, upstream)
        if not isinstance(by, Reader) or not isinstance(writer.engine, Generator):
            raise _unservable(model, f"{reader.name} cannot read for {writer.name}")
        deployment = replace(writer.deployment, name=f"{model.name}@{place.name}")
        live = LiveDeployment(
            deployment,
            Split(by, writer.engine),
            tariffs(model, self._book, own_hardware=own),
            supervisor=None,
            clock=self._clock,
            shadows=shadows(model, self._book),
        )
        live.parts = (reader, writer)
        live.recall(self._home / "run" / f"{deployment.name}.split.speed")
        return live

    def _choose(self, model: Model) -> tuple[str, ModuleType]:
        lacking: list[str] = []
        for kind in model.engines:
            try:
                module = plug.load(FAMILY, kind)
            except LookupError as error:
                raise _unservable(model, str(error)) from error
            lack = module.lacks(self._machine)
            if lack is None:
                return kind, module
            lacking.append(f"{kind} wants {lack}")
        raise _unservable(model, f"this machine cannot run its engines ({'; '.join(lacking)})")

    def _live(self, spec: Spec, kind: str, engine: Engine, place: Place) -> LiveDeployment:
        model, supervisor = spec.model, None
        name = _name(place, model.upstream)
        file = model.name if name == HERE else f"{model.name}@{name}"
        if engine.program:
            supervisor = Supervisor(
                model.name,
                engine,
                engine.program,
                log_file=self._home / "logs" / f"{file}.log",
                base_environment=_environment(self._home / "engines" / kind),
                clock=self._clock,
                took_file=self._home / "run" / f"{file}.{kind}.took",
                wanted=self._residency is None,
            )
        own = engine.program is not None
        deployment = Deployment(
            f"{model.name}@{name}",
            model,
            kind,
            own_hardware=own,
            places=spec.places if own or place.places else _UPSTREAM_PLACES,
            cores=spec.threads,
        )
        live = LiveDeployment(
            deployment,
            engine,
            tariffs(model, self._book, own_hardware=own),
            supervisor=supervisor,
            clock=self._clock,
            shadows=shadows(model, self._book),
        )
        live.recall(self._home / "run" / f"{file}.{kind}.speed")
        if self._residency is not None and engine.program:
            live.residency = self._residency
            least = _least(model, engine.program.graphics)
            setup = f"{kind} {model.window}x{spec.places} {least}"
            self._residency.add(live, model=model.name, setup=setup, least=least)
        try:
            live.today()
        except ModelUnpriced as error:  # so each ask is told; the others are served
            log.warning("model.unpriced", model=model.name, why=error.what)
        return live


def _least(model: Model, on_graphics: float) -> dict[str, int]:
    """The bytes of a model's files, by the kind of memory that they are loaded into."""
    files = sum(file.bytes for file in model.files)
    least = {MAIN: round(files * (1 - on_graphics)), GRAPHICS: round(files * on_graphics)}
    return least if on_graphics else {MAIN: files}


def _name(place: Place, upstream: Upstream | None) -> str:
    """What a deployment is called that nobody has named: by where it is."""
    return "upstream" if place.name == HERE and upstream else place.name


_UPSTREAM_PLACES = 1024
"""How many asks go to an upstream at once; others wait."""


async def probe(
    model: Model, *, secret: Callable[[str], str], proxies: Mapping[str, str] = _STRAIGHT
) -> Probed:
    """What the upstream of a card serves; `secret` and `proxies` are as `deploy` takes them.

    Raises:
        SettingRefused: the card cannot be served, or its secret cannot be had.
        EngineFailed: the upstream cannot be reached, or refuses us.
    """
    named = model.upstream.secret if model.upstream else None
    key = secret(named) if named else None
    spec = Spec(model, None, places=1, threads=1, secret=key, proxies=proxies)
    try:
        return await plug.load(FAMILY, model.engines[0]).probe(spec)
    except ValueError as error:
        raise _unservable(model, str(error)) from error


def engines_here(machine: Machine) -> Sequence[tuple[str, str | None]]:
    """Every kind of engine, and what the machine lacks to run it, if it lacks something."""
    return [(kind, plug.load(FAMILY, kind).lacks(machine)) for kind in plug.kinds(FAMILY)]


def engines_for(weights: Path, machine: Machine) -> Sequence[tuple[str, str | None]]:
    """Every kind of engine that loads files, and why it cannot run that file here, if it cannot."""
    found: list[tuple[str, str | None]] = []
    for kind in plug.kinds(FAMILY):
        module = plug.load(FAMILY, kind)
        if hasattr(module, "refuses"):
            found.append((kind, module.lacks(machine) or module.refuses(weights)))
    return found


def _environment(home: Path) -> dict[str, str]:
    """All that an engine's process learns of ours: a home of its own, also for what it writes for
    a moment, and where programs are.
    """
    home.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(home), "TMPDIR": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}


def _unservable(model: Model, why: str) -> SettingRefused:
    return SettingRefused(
        f"The card of {model.name!r} cannot be served: {why}.",
        hint="Mend the card in the home's `catalogue` folder, or its file in `deployments`, if it "
        "has one; or take the model out of SEEDBED_MODELS.",
    )
