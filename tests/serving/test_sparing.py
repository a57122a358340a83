"""What an answer was spared by what had been read before it."""

from dataclasses import replace

import pytest

from seedbed.core.prices import Tariff, Unit
from seedbed.core.route import Spared
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.sparing import spared
from seedbed.serving.speed import Served
from tests.serving.houses import live, price
from tests.serving.records import ENTRY

READS = 100
"""Tokens a second that the deployment was seen to read; four bytes are one."""
TOLD = replace(ENTRY, usage=Usage(input_fresh=100, input_cache_read=900, output_visible=1))
UNTOLD = replace(ENTRY, usage=Usage(input_fresh=1_000, output_visible=1))


@pytest.fixture
def here() -> LiveDeployment:
    """One that costs 100 micros a second, ten a token read, and one a token from the cache."""
    prices = (
        price(Unit.INPUT_FRESH, 10, 1),
        price(Unit.INPUT_CACHE_READ, 1, 1),
        price(Unit.HELD, 100, 1_000_000),
    )
    made = live(Scripted("m", window=64), FakeClock(), tariff=Tariff(prices, "USD"))
    made.today()
    for tokens in (100, 1_000, 3_000) * 20:
        made.load_now.speed.learn(Served(tokens, tokens / READS, input_bytes=4 * tokens))
    return made


def test_where_nothing_was_in_the_cache_nothing_was_spared(here: LiveDeployment) -> None:
    assert spared(here, UNTOLD, known=0, waited=0.0) is None


def test_tokens_that_an_engine_found_would_have_taken_their_time_and_price(
    here: LiveDeployment,
) -> None:
    gain = spared(here, TOLD, known=0, waited=0.0)
    assert gain is not None
    assert gain.tokens == 900
    assert gain.time / 1e6 == pytest.approx(900 / READS, rel=0.05)
    assert gain.micros == pytest.approx(900 * (10 - 1) + 100 * gain.time / 1e6, abs=2)


@pytest.mark.parametrize(("waited", "expected"), [(0.0, 6.0), (3.0, 9.0)])
def test_what_an_engine_does_not_tell_is_told_by_its_time(
    here: LiveDeployment, waited: float, expected: float
) -> None:
    early = replace(UNTOLD, first=4_000_000)
    gain = spared(here, early, known=3_600, waited=waited)
    assert gain is not None
    assert gain.tokens == pytest.approx(900, rel=0.05)
    assert gain.time / 1e6 == pytest.approx(expected, rel=0.1)
    assert gain.micros == pytest.approx(100 * gain.time / 1e6, abs=2)


@pytest.mark.parametrize("first", [None, 12_000_000])
def test_who_took_as_long_as_all_of_it_takes_was_spared_nothing(
    here: LiveDeployment, first: int | None
) -> None:
    assert spared(here, replace(UNTOLD, first=first), known=3_600, waited=0.0) is None


def test_those_of_several_attempts_are_added() -> None:
    assert Spared(1, 2, 3) + Spared(10, 20, 30) == Spared(11, 22, 33)
