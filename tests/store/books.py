"""Entries to put into a ledger."""

from seedbed.core.access import Principal, Scope
from seedbed.core.money import Amount, Entry
from seedbed.core.usage import Usage

ADA = Principal("ada", "engines", "key_1", frozenset[Scope]())


def entry(
    request_id: str,
    micros: int,
    *,
    model: str = "m",
    currency: str = "USD",
    usage: Usage = Usage(1, 2, 3, 4, 5),  # noqa: B008 - frozen
) -> Entry:
    """A settled use that cost so much."""
    return Entry(
        request_id=request_id,
        principal=ADA,
        model=model,
        deployment=f"{model}@here",
        usage=usage,
        reserved=Amount(micros + 10, currency),
        spent=Amount(micros, currency),
        held=6,
        began=1_800_000_000_000_000,
        took=7,
        stop="end",
    )
