"""`seedbed prices`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Seedbed

CARD = """
title = "Large"
engines = ["remote"]
window = 4096
parameters = 0
licence = "unknown"
[upstream]
url = "https://a.example/v1"
dialect = "openai"
model = "large"
[price]
currency = "EUR"
since = 2026-01-01
source = "their page"
per_million = { input_fresh = "0.25", output_visible = "2" }
[shadow]
provider = "Example"
model = "big"
currency = "USD"
since = 2026-01-01
source = "another page"
per_million = { input_fresh = "3" }
"""
FILE = """
[[price]]
model = "large"
currency = "EUR"
since = 2026-06-01
until = 2099-12-31
source = "their mail"
per_million = { input_fresh = "0.20", output_visible = "1.6" }
[[rate]]
from = "EUR"
to = "USD"
since = 2026-01-01
rate = "1.08"
source = "a bank"
[[rate]]
from = "GBP"
to = "USD"
since = 2099-01-01
rate = "1.3"
source = "a bank"
"""


@pytest.fixture(autouse=True)
def book(home: Path) -> Path:
    """A model of others with a card and a file of prices."""
    (home / "catalogue").mkdir(parents=True)
    (home / "catalogue" / "large.toml").write_text(CARD)
    (home / "prices").mkdir()
    (home / "prices" / "a.toml").write_text(FILE)
    return home / "prices" / "a.toml"


def test_programs_get_every_price_in_force_with_its_days_and_where_it_is_from(
    seedbed: Seedbed, book: Path
) -> None:
    told = seedbed("prices", "--on", "2026-06-01", "--json").json
    assert (told["on"], told["currency"], told["unpriced"]) == ("2026-06-01", "USD", {})
    assert told["prices"][0] == {
        "model": "*",
        "unit": "held",
        "price": "0.05",
        "per": "hour",
        "currency": "USD",
        "since": None,
        "until": None,
        "source": "hardware_per_hour",
        "where": "the settings",
    }
    assert told["prices"][1] == {
        "model": "large",
        "unit": "input_fresh",
        "price": "0.20",
        "per": "million",
        "currency": "EUR",
        "since": "2026-06-01",
        "until": "2099-12-31",
        "source": "their mail",
        "where": str(book),
    }
    assert told["rates"] == [
        {
            "from": "EUR",
            "to": "USD",
            "rate": "1.08",
            "since": "2026-01-01",
            "source": "a bank",
            "where": str(book),
        }
    ]
    assert told["shadows"] == [
        {
            "model": "large",
            "provider": "Example",
            "provider_model": "big",
            "currency": "USD",
            "since": "2026-01-01",
            "source": "another page",
            "per_million": {"input_fresh": "3"},
        }
    ]


def test_people_read_prices_then_rates_then_what_stands_beside(seedbed: Seedbed) -> None:
    lines = [" ".join(line.split()) for line in seedbed("prices").out.splitlines()]
    assert lines == [
        "model unit price since until source",
        "any, here held 0.05 USD an hour always hardware_per_hour",
        "large input_fresh 0.20 EUR a million 2026-06-01 2099-12-31 their mail",
        "large output_visible 1.60 EUR a million 2026-06-01 2099-12-31 their mail",
        "",
        "rate since source",
        "1 EUR 1.08 USD 2026-01-01 a bank",
        "",
        "model beside it unit price since source",
        "large Example (big) input_fresh 3 USD a million 2026-01-01 another page",
    ]


def test_a_day_before_or_after_shows_what_holds_then(seedbed: Seedbed) -> None:
    assert "0.25 EUR" in seedbed("prices", "--on", "2026-05-31").out
    for day, why in (
        ("2100-01-01", "that of input_fresh ended with 2099-12-31, and none follows"),
        ("2025-12-31", "its first one begins on 2026-01-01"),
    ):
        told = seedbed("prices", "--on", day, "--json").json
        assert told["unpriced"] == {"large": f"Model 'large' has no price on {day}: {why}."}
        assert [line["model"] for line in told["prices"]] == ["*"]
        assert why in seedbed("prices", "--on", day).out


def test_what_the_machine_draws_is_a_line_of_its_own(seedbed: Seedbed) -> None:
    lines = seedbed("prices", SEEDBED_HARDWARE_WATTS="65", SEEDBED_ENERGY_PER_KWH="0.30").out
    assert "energy          0.0195 USD  an hour" in lines
    assert "hardware_watts (65) and energy_per_kwh (0.30)" in lines


def test_without_files_and_cards_there_is_the_price_of_hardware(
    seedbed: Seedbed, book: Path
) -> None:
    book.unlink()
    (book.parent.parent / "catalogue" / "large.toml").unlink()
    assert len(seedbed("prices").out.splitlines()) == 2


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("since = 2026-06-01", "since = 2026-01-01", "two prices from 2026-01-01 to 2099-12-31"),
        ('from = "EUR"', 'from = "CHF"', "there is no rate from EUR to USD"),
        ('"0.20"', '"NaN"', "no sum of money"),
    ],
)
def test_a_book_that_does_not_go_together_is_refused(
    seedbed: Seedbed, book: Path, old: str, new: str, why: str
) -> None:
    book.write_text(FILE.replace(old, new, 1))
    said = seedbed("prices", "--json")
    assert (said.status, said.error["code"]) == (1, "setting_refused")
    assert why in said.error["what"]
    assert str(book) in said.error["what"] or "large.toml" in said.error["what"]


def test_a_price_of_a_model_that_nobody_knows_is_told_with_the_nearest_name(
    seedbed: Seedbed, book: Path
) -> None:
    book.write_text(FILE.replace('"large"', '"lagre"'))
    why = f"{book} has a price of 'lagre', and no card has that name"
    assert seedbed("prices", "--json").json["unknown"] == {"lagre": why}
    assert f"\n{why}. Write 'large' if you mean that" in seedbed("prices").out
    book.write_text(FILE)
    assert seedbed("prices", "--json").json["unknown"] == {}


def test_a_missing_rate_is_told_with_the_lines_to_add(seedbed: Seedbed, book: Path) -> None:
    book.write_text(FILE.replace('from = "EUR"', 'from = "CHF"'))
    assert '\n  [[rate]]\n  from = "EUR"\n  to = "USD"\n' in seedbed("prices").err


def test_a_shadow_in_a_currency_without_a_rate_is_refused(seedbed: Seedbed, home: Path) -> None:
    card = home / "catalogue" / "large.toml"
    card.write_text(CARD.replace('currency = "USD"', 'currency = "JPY"'))
    what = seedbed("prices", "--json").error["what"]
    assert "the [shadow] of the card of 'large' is in JPY, and on" in what
