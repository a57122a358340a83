"""Files of prices and rates, read and refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from seedbed.core.errors import SettingRefused
from seedbed.core.prices import Price, Rate, Unit
from seedbed.store.prices import read_prices

FILE = """
[[price]]
model = "large"
currency = "EUR"
since = 2026-01-01
until = 2026-06-30
source = "their page, read on 2026-01-01"
per_million = { input_fresh = "0.25", output_visible = "2" }

[[rate]]
from = "EUR"
to = "USD"
since = 2026-01-01
rate = "1.08"
source = "a bank"
"""


def test_a_file_holds_prices_with_their_days_and_rates_between_currencies(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(FILE)
    (tmp_path / "b.toml").write_text("")
    (tmp_path / "notes.txt").write_text("no prices")
    since, until = date(2026, 1, 1), date(2026, 6, 30)
    page, where = "their page, read on 2026-01-01", str(tmp_path / "a.toml")
    assert read_prices(tmp_path) == (
        (
            Price("large", Unit.INPUT_FRESH, 250_000, 10**6, "EUR", since, page, until, where),
            Price("large", Unit.OUTPUT_VISIBLE, 2_000_000, 10**6, "EUR", since, page, until, where),
        ),
        (Rate("EUR", "USD", Decimal("1.08"), since, "a bank", where),),
    )


def test_without_a_folder_there_are_no_prices(tmp_path: Path) -> None:
    assert read_prices(tmp_path / "prices") == ((), ())


@pytest.mark.parametrize("text", ['"-1"', '"NaN"', '"1e3"', '"1234567890"', '"0.0000001"', "0.25"])
def test_what_is_no_money_is_refused_with_model_and_unit(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(FILE.replace('"0.25"', text))
    with pytest.raises(SettingRefused, match=r"input_fresh of 'large' costs .* no sum") as refused:
        read_prices(tmp_path)
    assert str(tmp_path / "a.toml") in refused.value.what


@pytest.mark.parametrize("text", ['"0"', '"-1.08"', '"Infinity"', "1.08"])
def test_what_is_no_rate_is_refused_with_its_currencies(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(FILE.replace('"1.08"', text))
    with pytest.raises(SettingRefused, match="the rate from EUR to USD since 2026-01-01 is"):
        read_prices(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("2026-06-30", "2025-12-31", "ends with 2025-12-31, before it begins on 2026-01-01"),
        ("input_fresh", "prompt", "Invalid enum value 'prompt'"),
        ("[[price]]", "[[prise]]", "unknown field `prise`"),
        ('"EUR"', '"euro"', "currency"),
        ('"their', '"their\n', "line 7"),
        ("{ input", "{} # { input", "per_million"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_by_its_name(
    old: str, new: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "a.toml").write_text(FILE.replace(old, new))
    with pytest.raises(SettingRefused, match=why) as refused:
        read_prices(tmp_path)
    assert str(tmp_path / "a.toml") in refused.value.what


def test_a_file_that_is_no_text_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff")
    with pytest.raises(SettingRefused, match=r"a\.toml"):
        read_prices(tmp_path)
