"""A fleet as a file describes it: groups of deployments of one model that are alike.

Floor 5.
"""

import tomllib
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from seedbed.bench.simulate.steps import Steps
from seedbed.core.errors import SettingRefused
from seedbed.core.money import MICROS
from seedbed.serving.speed import Prior

_HOUR = 3_600.0
_MILLION = 1_000_000
_Above: TypeAlias = Annotated[float, msgspec.Meta(ge=1e-9, le=1e9)]
_NotBelow: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
_Tokens: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=10**12)]


class PerMillion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a million tokens cost: those that are read, found in the cache, and written."""

    input: _NotBelow = 0.0
    cached: _NotBelow = 0.0
    output: _NotBelow = 0.0


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`count` deployments that are alike.

    Each takes `places` asks at once. A step holds `chunk` tokens, those of the answers first. It
    takes `step` seconds with one answer, `beside` more for each further one, as long as `prefill`
    tells for the tokens that are read, and `read_behind` and `write_behind` for each token that
    stands before one that is read or written. An ask is `start` seconds on its way before it is
    read, and the first that is held to a form `form` more. It remembers the prefixes of `cache`
    tokens, in blocks of `block`; with `leading` whoever shares one that is just being computed
    waits for it. `per_hour` is what it costs while it is busy, if it is one's own.
    """

    name: str
    count: _Count = 1
    places: _Count = 16
    prefill: _Above
    step: _Above
    beside: _NotBelow = 0.0
    read_behind: _NotBelow = 0.0
    write_behind: _NotBelow = 0.0
    start: _NotBelow = 0.0
    form: _NotBelow = 0.0
    chunk: _Count = 256
    cache: _Tokens = 100_000
    block: _Count = 1
    leading: bool = True
    per_hour: _NotBelow = 0.0
    per_million: PerMillion = PerMillion()

    @property
    def prior(self) -> Prior:
        """What the placement believes before it has seen anything: that the file is right."""
        step = max(self.step, self.beside)  # as `seconds` takes it
        return Prior(prefill=self.prefill, start=self.start, step=step, beside=self.beside)

    def seconds(self, steps: Steps) -> float:
        """What some steps take."""
        return (
            max(self.step - self.beside, 0.0) * steps.count
            + steps.read / self.prefill
            + self.beside * steps.wrote
            + self.read_behind * steps.read_behind
            + self.write_behind * steps.wrote_behind
        )

    def micros(self, fresh: float, cached: float, output: float, *, held: float) -> float:
        """What an ask costs that holds the hardware for so many seconds."""
        price = self.per_million
        tokens = fresh * price.input + cached * price.cached + output * price.output
        return tokens * MICROS / _MILLION + held * self.per_hour * MICROS / _HOUR


class _File(msgspec.Struct, forbid_unknown_fields=True):
    deployment: Annotated[list[Group], msgspec.Meta(min_length=1)]


def read(path: Path) -> tuple[Group, ...]:
    """The groups of a fleet.

    Raises:
        SettingRefused: the file cannot be read, or does not describe a fleet.
    """
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).deployment
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise _refused(path, str(error)) from None
    except OSError as error:
        raise _refused(path, str(error.strerror)) from None
    names = [group.name for group in found]
    if len(set(names)) < len(names):
        raise _refused(path, f"two are called alike ({', '.join(names)})")
    return tuple(found)


def _refused(path: Path, why: str) -> SettingRefused:
    return SettingRefused(
        f"{path} does not describe a fleet: {why}.",
        hint="It has a [[deployment]] for each group, with `name`, `prefill` (tokens a second) "
        "and `step` (seconds).",
    )
