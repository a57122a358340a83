"""The catalogue: one TOML file a model, whose name is the model's.

Floor 2. The shipped cards lie in `seedbed/models`, the operator's in `$SEEDBED_HOME/catalogue`.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec

from seedbed.core.errors import ModelUnknown, SettingRefused
from seedbed.core.model import Model, WeightsFile, WheelSource

SHIPPED = Path(__file__).parent.parent / "models"


Tokens = Annotated[int, msgspec.Meta(ge=1)]
Size = Annotated[int, msgspec.Meta(ge=0)]


class _Source(msgspec.Struct, forbid_unknown_fields=True):
    package: str
    version: str
    member: str


class _Weights(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    bytes: Size
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _Card(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    engines: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    window: Tokens
    parameters: Size
    licence: str
    source: _Source | None = None
    weights: _Weights | None = None


class Catalogue:
    """Every model that this house knows, whether or not its weights are here."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.name: model for model in models}

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


def read_catalogue(*folders: Path) -> Catalogue:
    """Read every card in those folders; of two with one name, the later folder's counts.

    Raises:
        SettingRefused: a card cannot be understood; the sentence names the file and the field.
    """
    return Catalogue(_read(path) for folder in folders for path in sorted(folder.glob("*.toml")))


def _read(path: Path) -> Model:
    try:
        card = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Card)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingRefused(
            f"The model card {path} cannot be understood: {error}.",
            hint="Mend the file, or take it away.",
        ) from error
    source, weights = card.source, card.weights
    return Model(
        name=path.stem,
        title=card.title,
        engines=card.engines,
        window=card.window,
        parameters=card.parameters,
        licence=card.licence,
        source=WheelSource(source.package, source.version, source.member) if source else None,
        weights=WeightsFile(weights.name, weights.bytes, weights.sha256) if weights else None,
    )
