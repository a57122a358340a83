"""The operator's deployments are read strictly, and what does not go together is refused."""

from datetime import date
from pathlib import Path

import pytest

from seedbed.core.errors import SettingRefused
from seedbed.core.fleet import Fleet, Place
from seedbed.core.policy import Policy
from seedbed.store.fleets import read_fleets

WHOLE = """
policy = "cheapest"
fallbacks = ["other"]
cascade = ["few", "theirs"]

[[deployments]]
name = "few"
engine = "llama_cpp"
places = 2
threads = 1
layers = 8

[[deployments]]
name = "theirs"
engine = "remote"
[deployments.upstream]
url = "https://api.example.org/v1"
dialect = "openai"
model = "small"
secret = "env:KEY"
[deployments.price]
currency = "USD"
since = 2026-01-01
source = "their page"
per_million = { input_fresh = "1" }

[[deployments]]
name = "pair"
prefill = "few"
decode = "many"

[[deployments]]
name = "many"
"""


def _read(folder: Path, text: str) -> Fleet:
    (folder / "m.toml").write_text(text)
    return read_fleets(folder)["m"]


def test_a_model_without_a_file_has_none(tmp_path: Path) -> None:
    assert read_fleets(tmp_path / "none") == {}
    assert Fleet().places == (Place(name="here"),)


def test_a_file_says_all_of_it(tmp_path: Path) -> None:
    fleet = _read(tmp_path, WHOLE)
    assert (fleet.policy, fleet.fallbacks) == (Policy.CHEAPEST, ("other",))
    assert fleet.cascade == ("few", "theirs")
    few, theirs, pair, many = fleet.places
    assert few == Place(name="few", engine="llama_cpp", places=2, threads=1, layers=8)
    assert (many.engine, many.is_split) == (None, False)
    assert (pair.prefill, pair.decode, pair.is_split) == ("few", "many", True)
    assert theirs.upstream is not None
    assert theirs.upstream.secret == "env:KEY"
    assert theirs.price is not None
    assert theirs.price.since == date(2026, 1, 1)


def test_a_file_without_deployments_has_the_usual_one(tmp_path: Path) -> None:
    assert _read(tmp_path, 'policy = "fastest"').places == (Place(name="here"),)


THEIRS = 'upstream = { url = "https://a", dialect = "openai", model = "m" }'

PRICE = """[deployments.price]
currency = "USD"
since = 2026-01-01
source = "their page"
per_million = { input_fresh = "1" }"""
PAIR = 'prefill = "a"\ndecode = "c"'


def _one(name: str, more: str = "") -> str:
    return f'\n[[deployments]]\nname = "{name}"\n{more}\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("policy = 3", "policy"),
        ('policy = "best"', "policy"),
        ("wishes = 1", "wishes"),
        ("= ", "Invalid"),
        (_one("a b"), "name"),
        (_one("a", "places = 0"), "places"),
        (_one("a") + _one("a"), "called alike"),
        ('cascade = ["a", "b"]' + _one("a"), "'b' is none of a"),
        ('cascade = ["a"]' + _one("a"), "needs two"),
        ('policy = "pinned"' + _one("a"), "`pinned` names"),
        ('pinned = "a"' + _one("a"), "`pinned` names"),
        ('policy = "pinned"\npinned = "b"' + _one("a"), "'b' is none of a"),
        (_one("a", THEIRS), "wants the `engine`"),
        ("deployments = []", "length >= 1"),
        ('cascade = ["a", "a"]' + _one("a"), "each of them once"),
        (_one("a", PRICE), "for an upstream"),
        (_one("a") + _one("b", 'prefill = "a"'), "wants both"),
        (_one("a") + _one("c") + _one("b", f"{PAIR}\nplaces = 2"), "nothing of its own"),
        (_one("a") + _one("c") + _one("b", f"{PAIR}\nlookup = true"), "nothing of its own"),
        (_one("a") + _one("b", 'prefill = "a"\ndecode = "a"'), "is two others"),
        (_one("a") + _one("b", 'prefill = "a"\ndecode = "c"'), "wants two deployments"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_its_file(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(SettingRefused, match=r"m\.toml") as caught:
        _read(tmp_path, text)
    assert why in caught.value.what


def test_a_file_must_be_called_as_a_model_and_be_text(tmp_path: Path) -> None:
    (tmp_path / "a b.toml").write_text("")
    with pytest.raises(SettingRefused, match="no name for a model"):
        read_fleets(tmp_path)
    (tmp_path / "a b.toml").rename(tmp_path / "a.toml").write_bytes(b"\xff")
    with pytest.raises(SettingRefused, match="cannot be understood"):
        read_fleets(tmp_path)
    (tmp_path / "a.toml").unlink()
    (tmp_path / "a.toml").mkdir()
    with pytest.raises(SettingRefused, match="Is a directory"):
        read_fleets(tmp_path)
