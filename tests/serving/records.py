"""Records of what happened, for tests of those who look."""

from dataclasses import replace

from seedbed.core.money import Amount, Entry, Modality
from seedbed.core.usage import Usage
from seedbed.serving.observing import Free, Refusal, Settled
from tests.serving.houses import PRINCIPAL

BEGAN = 1_800_000_000_000_000
"""Microseconds since 1970: 2027-01-15T08:00:00Z."""
ENTRY = Entry(
    request_id="req_1",
    principal=PRINCIPAL,
    model="m",
    deployment="m@here",
    usage=Usage(input_fresh=7, output_visible=3),
    reserved=Amount(100, "USD"),
    spent=Amount(37, "USD"),
    held=250_000,
    began=BEGAN,
    took=500_000,
    stop="end",
)


def settled(
    number: int = 1,
    *,
    stop: str = "end",
    usage: Usage = ENTRY.usage,
    first: int | None = None,
    modality: Modality = Modality.TEXT,
    code: str | None = None,
    trace: str | None = None,
) -> Settled:
    """An answer of half a second that began at `BEGAN`."""
    entry = replace(ENTRY, request_id=f"req_{number}", stop=stop, usage=usage, first=first)
    return Settled(replace(entry, modality=modality), "scripted", code, trace)


def refusal(model: str = "m", *, code: str = "capacity_exceeded") -> Refusal:
    return Refusal("req_9", PRINCIPAL.key, model, code, BEGAN / 1e6)


def free(model: str = "m") -> Free:
    """A count that took a thousandth of a second until `BEGAN`."""
    return Free("req_8", PRINCIPAL.key, model, BEGAN / 1e6, 1000)
