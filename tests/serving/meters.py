"""Meters for tests: asks without a gateway, and a calendar that jumps."""

from collections.abc import Callable
from dataclasses import replace

import anyio

from seedbed.core.access import Principal
from seedbed.core.budget import Budget
from seedbed.core.money import Amount, Entry
from seedbed.core.usage import Usage
from seedbed.kit.clock import FakeClock
from seedbed.serving.metering import Meter
from seedbed.serving.pool import Promise
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from tests.serving.houses import PRINCIPAL


class Calendar(FakeClock):
    """Its wall clock may be set; the steady one goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.jumped = 0.0

    def wall(self) -> float:
        return super().wall() + self.jumped


async def turned(clock: FakeClock, seconds: float, true: Callable[[], bool]) -> None:
    """Turn the clock, again and again, while threads write, until it is true."""
    with anyio.fail_after(20):
        while not true():
            await clock.advance(seconds)
            await anyio.sleep(0.001)


def meter_of(database: Database, clock: FakeClock) -> tuple[Meter, Ledger]:
    ledger = Ledger(database)
    return Meter(ledger, currency="USD", clock=clock), ledger


def usd(micros: int) -> Amount:
    return Amount(micros, "USD")


def bound_by(*budgets: Budget) -> Principal:
    return replace(PRINCIPAL, budgets=budgets)


async def asked(
    meter: Meter, micros: int, tokens: int = 1, *, principal: Principal = PRINCIPAL
) -> Promise:
    """A promise over so much, had as the gateway has it."""
    promise = meter.promise_now(principal, usd(micros), tokens)
    return promise or await meter.promise(principal, usd(micros), tokens)


def entry(promise: Promise, micros: int, id_: str, tokens: int = 1) -> Entry:
    """What a promise may end in."""
    return Entry(
        request_id=id_,
        principal=PRINCIPAL,
        model="m",
        deployment="m@here",
        usage=Usage(input_fresh=tokens),
        reserved=promise.money,
        spent=usd(micros),
        held=0,
        began=0,
        took=0,
        stop="end",
    )
