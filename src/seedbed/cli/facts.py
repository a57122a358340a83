"""What is known of a model, for a program and in words.

Floor 6.
"""

from typing import cast

from seedbed.cli import show
from seedbed.cli.adding import setting
from seedbed.cli.house import House
from seedbed.core.errors import ModelAbsent, PullFailed
from seedbed.core.model import ListPrice, Model, Role, Source, Upstream
from seedbed.kit import gguf
from seedbed.store.weights import Laid


def told(house: House, model: Model) -> dict[str, object]:
    """All that is known of a model: its card, and what the head of its first file tells.

    Raises:
        PullFailed: a file lies here and cannot be read.
    """
    laid, head = _laid(house, model), None
    if laid.weights and laid.weights.suffix == ".gguf":
        try:
            head = gguf.read_head(laid.weights)
        except (gguf.BadGguf, OSError) as error:
            raise PullFailed(
                f"{laid.weights} cannot be read: {error}.", hint="Bring it anew."
            ) from error
    places = int(setting(house, "places"))
    held = size(model)
    if laid.weights:  # which may be the larger file that was made for the engine
        held += laid.weights.stat().st_size - model.of_role(Role.WEIGHTS)[0].bytes
    cache = head.cache * model.window * places if head else 0
    return {
        **row(house, model),
        "architecture": head.architecture if head else None,
        "active": model.active,
        "types": sorted(head.types) if head else [],
        "source": _source_told(model.source),
        "upstream": _upstream_told(model.upstream),
        "price_per_million": _price_told(model.price),
        "files": [
            {"name": f.name, "role": f.role, "bytes": f.bytes, "sha256": f.sha256}
            for f in model.files
        ],
        "requantised": f"{model.requantised.to} for {model.requantised.engine}"
        if model.requantised
        else None,
        "places": places if model.files else None,
        "memory": {"weights": held, "cache": cache, "all": held + cache} if model.files else None,
    }


def row(house: House, model: Model) -> dict[str, object]:
    """The half of it that a list tells."""
    return {
        "name": model.name,
        "title": model.title,
        "engines": model.engines,
        "window": model.window,
        "parameters": model.parameters,
        "bytes": size(model),
        "licence": model.licence,
        "here": house.weights.present(model),
        "served": model.name in house.serves,
    }


def words(key: str, value: object) -> str:
    """A value of `told`, for a person; empty where there is nothing to tell."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() if key == "bytes":
            return show.size(value) if value else ""
        case int():
            return f"{value:,}" if value else ""
        case {"weights": int(held), "cache": int(cache)}:
            also = f", and up to {show.size(cache)} of cache" if cache else ""
            return f"{show.size(held)} of files{also}"
        case dict():
            pairs = cast(dict[str, object], value).items()
            return ", ".join(f"{key} {words('', value)}" for key, value in pairs if value)
        case list() | tuple():
            return ", ".join(map(str, cast(list[object], value)))
        case _:
            return str(value or "")


def size(model: Model) -> int:
    """The bytes of all its files."""
    return sum(file.bytes for file in model.files)


def _laid(house: House, model: Model) -> Laid:
    """Where the files lie for the engine that comes first on the card; nowhere, if not here."""
    try:
        return house.weights.find(model, model.engines[0])
    except ModelAbsent:
        return Laid()


def _source_told(source: Source | None) -> dict[str, str] | None:
    found = {name: getattr(source, name) for name in source.__slots__} if source else {}
    return {name: str(value) for name, value in found.items() if value is not None} or None


def _upstream_told(upstream: Upstream | None) -> dict[str, object] | None:
    if upstream is None:
        return None
    return {
        "url": upstream.url,
        "dialect": upstream.dialect,
        "model": upstream.model,
        "secret": upstream.secret,
        "serves": sorted(upstream.serves),
    }


def _price_told(price: ListPrice | None) -> dict[str, str] | None:
    return {"currency": price.currency, **price.per_million} if price else None
