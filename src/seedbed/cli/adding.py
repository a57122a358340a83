"""The card of a new model: of files that are had and looked at, or of an upstream.

Floor 6. What a word means is `seedbed.store.origin`, what a file says `seedbed.store.survey`, and
which engine can run it is asked of the house.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from seedbed.cli.house import House
from seedbed.core.errors import EngineFailed, PullFailed, SeedbedError, SettingRefused
from seedbed.core.model import (
    Adapter,
    FolderSource,
    ListPrice,
    Model,
    ModelFile,
    Requantised,
    Role,
    Source,
    Upstream,
)
from seedbed.core.prices import Unit
from seedbed.engines.upstreams.probing import Probed
from seedbed.kit import plug
from seedbed.store import origin
from seedbed.store.catalogue import safe_member
from seedbed.store.fetch import is_guarded
from seedbed.store.hub import unguarded
from seedbed.store.origin import Origin
from seedbed.store.survey import survey
from seedbed.store.weights import Road

REQUANTISED = "Q8_0"
"""What weights are made anew as: of what can be made here, what loses least."""
_SECRET = re.compile(r"env:[A-Za-z_]\w*|file:.+")
_PRICE = re.compile(rf"({'|'.join(Unit)})=(\d{{1,9}}(?:\.\d{{1,6}})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator says of a new model beside its place."""

    title: str | None = None
    licence: str | None = None
    window: int | None = None
    projector: str | None = None
    adapters: tuple[str, ...] = ()
    requantise: str | None = None
    secret: str | None = None
    prices: tuple[str, ...] = ()


def setting(house: House, name: str) -> str:
    """A setting as it stands."""
    return next(row.value for row in house.settings if row.name == name)


def upstream_model(
    house: House, name: str, found: Upstream, wish: Wish
) -> tuple[Model, list[tuple[str, str]]]:
    """The card of a model that others serve, once it was tried; and what it lacks, in their words.

    Raises:
        SettingRefused: no engine speaks to it, the operator has to say more of it, it cannot be
            reached, or it refuses us.
        PullFailed: its address is a public one without https.
    """
    engines = _engines_speaking(found.dialect)
    if wish.secret and not _SECRET.fullmatch(wish.secret):
        raise SettingRefused(
            "--secret is no reference to a secret.",
            hint="Write env:NAME for a variable or file:PATH for a file, never the secret itself.",
        )
    if not is_guarded(found.url) and not _is_private(found.url):
        raise unguarded(found.url)
    if not wish.window:
        raise SettingRefused(
            "An upstream does not say how much its model reads.",
            hint="Say so with --window TOKENS; its provider's page tells it.",
        )
    model = Model(
        name=name,
        title=wish.title or found.model,
        engines=engines,
        window=wish.window,
        parameters=0,
        licence=wish.licence or "unknown",
        upstream=replace(found, secret=wish.secret),
        price=_price(house, wish.prices),
    )
    probed = _probed(house, model, found)
    aliases = (probed.answers_as,) if probed.answers_as else ()
    upstream = replace(found, secret=wish.secret, serves=probed.features, aliases=aliases)
    lacking = sorted((feature.value, why) for feature, why in probed.lacking.items())
    return replace(model, upstream=upstream), lacking


def _is_private(url: str) -> bool:
    """Whether an address is in a network of the operator's own, by its number."""
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_private
    except ValueError:
        return False


def _engines_speaking(dialect: str) -> tuple[str, ...]:
    """The kinds of engines that know an upstream's words.

    Raises:
        SettingRefused: there is none.
    """
    family = "seedbed.engines"
    modules = {kind: plug.load(family, kind) for kind in plug.kinds(family)}
    spoken: Mapping[str, Iterable[str]] = {
        kind: module.DIALECTS for kind, module in modules.items() if hasattr(module, "DIALECTS")
    }
    engines = tuple(kind for kind, dialects in spoken.items() if dialect in dialects)
    if not engines:
        known = ", ".join(sorted({dialect for of in spoken.values() for dialect in of}))
        raise SettingRefused(
            f"No engine here speaks {dialect!r} to an upstream.",
            hint=f"Spoken here are {known}. Most servers and providers speak openai.",
        )
    return engines


def _probed(house: House, model: Model, upstream: Upstream) -> Probed:
    try:
        return house.probe(model)
    except EngineFailed as error:
        raise SettingRefused(
            f"{upstream.model!r} at {upstream.url} does not answer. {error.what}",
            hint="Check the address, which mostly ends in its version, as in /v1; the name after "
            "the #, which is the provider's own; and --secret.",
        ) from error


def _price(house: House, prices: Sequence[str]) -> ListPrice:
    found = {price: _PRICE.fullmatch(price) for price in prices}
    wrong = [price for price, read in found.items() if read is None]
    if wrong or not found:
        raise SettingRefused(
            f"Nothing is used unpriced, and --price is {wrong[0]!r}, which is no UNIT=SUM."
            if wrong
            else "Nothing is used unpriced, and this model has no --price.",
            hint="Give one for a million tokens of each unit, such as --price input_fresh=0.25 "
            f"--price output_visible=2; 0 if it is free. The units are {', '.join(Unit)}.",
        )
    return ListPrice(
        currency=setting(house, "currency"),
        since=datetime.fromtimestamp(house.clock.wall(), tz=UTC).date(),
        source="given with `seedbed models add`",
        per_million={Unit(read[1]): str(Decimal(read[2])) for read in found.values() if read},
    )


def files_model(
    house: House, name: str, found: Origin, wish: Wish, road: Road
) -> tuple[Model, list[tuple[str, str]]]:
    """The card of a model whose files are had, once they are seen to be sound; and the engines that
    cannot run it, with what they say.

    Raises:
        PullFailed, DiskFull: a file cannot be had, or is not what it is given as.
        SettingRefused: no engine here can run it, nor the one that it should be made anew for, or
            its window is not known.
    """
    source, members = _with_company(house, found, wish)
    files: list[ModelFile] = []
    try:
        for member, role in members:
            files.append(replace(_take(house, source, member, road), role=role))
        return _surveyed(house, name, source, files, wish)
    except SeedbedError:
        for file in files:
            house.weights.staged(file).unlink(missing_ok=True)
        raise


def _with_company(house: House, found: Origin, wish: Wish) -> tuple[Source, list[tuple[str, Role]]]:
    """All files of a model, with their roles, as members of one source at one commit."""
    company = [*([wish.projector] if wish.projector else []), *wish.adapters]
    if isinstance(found.source, FolderSource):
        first = [Path(found.source.path) / member for member in found.members]
        found = origin.on_disk([*first, *(Path(place).expanduser() for place in company)])
        beside = found.members[len(first) :]
        members = found.members[: len(first)]
    else:
        beside, members = tuple(company), found.members
    roles = [Role.PROJECTOR] if wish.projector else []
    roles += [Role.ADAPTER] * len(wish.adapters)
    if len(beside) != len(roles) or not all(map(safe_member, beside)):
        raise SettingRefused(
            f"A projector or an adapter is one file of the same source, and not {company}.",
            hint="Give its path: on this machine, or in the place that the weights come from.",
        )
    source = house.weights.pinned(found.source, house.client)
    return source, [*((m, Role.WEIGHTS) for m in members), *zip(beside, roles, strict=True)]


def _take(house: House, source: Source, member: str, road: Road) -> ModelFile:
    try:
        return house.weights.take(source, origin.file_name(member), member, road)
    except OSError as error:
        raise PullFailed(
            f"{member} could not be brought: {error}.",
            hint="Check that it can be read, and that the home can be written by you.",
        ) from error


def _surveyed(
    house: House, name: str, source: Source, files: list[ModelFile], wish: Wish
) -> tuple[Model, list[tuple[str, str]]]:
    places = {file: _place(house, source, file) for file in files}
    weights = [places[file] for file in files if file.role is Role.WEIGHTS]
    told = survey(weights, name=files[0].name)
    for file in files:
        if file.role is not Role.WEIGHTS:
            survey([places[file]], file.role, name=file.name)
    verdicts = house.engines_for(weights[0])
    engines = tuple(kind for kind, why in verdicts if why is None)
    cannot = [(kind, why) for kind, why in verdicts if why is not None]
    if not engines:
        raise SettingRefused(
            f"No engine here can run it ({'; '.join(f'{kind}: {why}' for kind, why in cannot)}).",
            hint="Take another file of the model, in another format or type.",
        )
    if wish.requantise and wish.requantise not in engines:
        raise SettingRefused(
            f"--requantise is {wish.requantise!r}, which is no engine that can run it here.",
            hint=f"Name one of {', '.join(engines)}, or leave --requantise out.",
        )
    model = Model(
        name=name,
        title=wish.title or told.title or name,
        engines=engines,
        window=_window(told.window, wish.window),
        parameters=told.parameters,
        licence=wish.licence or told.licence or "unknown",
        active=told.active if told.active != told.parameters else None,
        source=source,
        files=tuple(files),
        adapters=tuple(
            Adapter(_adapter_name(file.name), file.name)
            for file in files
            if file.role is Role.ADAPTER
        ),
        requantised=Requantised(wish.requantise, REQUANTISED) if wish.requantise else None,
    )
    return model, cannot


def _adapter_name(file: str) -> str:
    """What an adapter is called in the model's card: its file's name, as far as a name may go."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", Path(file).stem)


def _place(house: House, source: Source, file: ModelFile) -> Path:
    if isinstance(source, FolderSource):
        return Path(source.path) / file.member
    return house.weights.staged(file)


def _window(told: int, wanted: int | None) -> int:
    if not told and not wanted:
        raise SettingRefused(
            "The file does not say how many tokens the model reads, or says 0.",
            hint="Say so with --window TOKENS.",
        )
    if told and wanted and wanted > told:
        raise SettingRefused(
            f"The model was made for {told:,} tokens, and --window is {wanted:,}.",
            hint="Leave --window out, or make it smaller.",
        )
    return wanted or told
