"""Consents: what somebody allowed to be made with their face or voice, and until when.

Floor 1. Values and the rule; they are kept by `seedbed.store.consents`. Moments are in epoch
microseconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What of somebody may be used."""

    FACE = "face"
    VOICE = "voice"
    LIKENESS = "likeness"
    """Both, and all else by which somebody is known."""


class Use(StrEnum):
    """What may be made with it."""

    PICTURES = "pictures"
    FILMS = "films"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent, which is its project's. `who` gave it, for a `purpose` in their own words.

    `evidence` is the hash of the artifact that shows it: a letter, a recording. It holds from `at`
    on, `until` a moment or for good, unless it is `withdrawn`, which is the moment of that.
    """

    id: str
    project: str
    who: str
    kind: Kind
    purpose: str
    uses: tuple[Use, ...]
    evidence: str
    at: int
    until: int | None = None
    withdrawn: int | None = None

    def why_not(self, use: Use, role: str, now: int) -> str | None:
        """Why it does not hold at a moment for a use of somebody's `role`, which is `face`, `voice`
        or another word; `None` where it holds.
        """
        if self.withdrawn is not None:
            return f"the consent {self.id} was withdrawn on {_day(self.withdrawn)}"
        if self.until is not None and self.until <= now:
            return f"the consent {self.id} was good until {_day(self.until)}"
        if use not in self.uses:
            return f"the consent {self.id} is for {' and '.join(self.uses)}, and not for {use}"
        if role in {Kind.FACE, Kind.VOICE} and self.kind not in {role, Kind.LIKENESS}:
            return f"the consent {self.id} is for a {self.kind}, and not for a {role}"
        return None


@dataclass(frozen=True, slots=True)
class Made:
    """What was made with a consent: the hash of an artifact, the job that made it, and when."""

    consent: str
    artifact: str
    job: str
    at: int


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1e6, tz=UTC):%Y-%m-%d %H:%M:%SZ}"
