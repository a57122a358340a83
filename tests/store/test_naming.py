"""Other names of models, kept."""

from pathlib import Path

import pytest

from seedbed.core.errors import ModelUnknown, SettingRefused
from seedbed.store.catalogue import SHIPPED, Catalogue, read_catalogue
from seedbed.store.naming import write_names
from tests.store.test_catalogue import CARD, STARTER


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "catalogue"


def known(own: Path) -> Catalogue:
    return read_catalogue(SHIPPED, own)


def test_a_shipped_model_is_given_names_beside_its_card(own: Path) -> None:
    write_names(own, known(own), STARTER, ["gpt-4o", "claude-opus-5-5"])
    assert (own / f"{STARTER}.toml").read_text() == 'known_as = ["gpt-4o", "claude-opus-5-5"]\n'
    assert known(own).find(STARTER).known_as == ("gpt-4o", "claude-opus-5-5")


def test_a_model_without_other_names_has_no_file_for_them(own: Path) -> None:
    write_names(own, known(own), STARTER, [])
    write_names(own, known(own), STARTER, ["gpt-4o"])
    write_names(own, known(own), STARTER, [])
    assert list(own.iterdir()) == []


def test_a_card_of_the_operators_stays_whole_and_has_the_names_in_it(own: Path) -> None:
    own.mkdir()
    (own / "tiny.toml").write_text(CARD, "utf-8")
    for names in (("gpt-4o",), ()):
        write_names(own, known(own), "tiny", names)
        tiny = known(own).find("tiny")
        assert (tiny.known_as, tiny.window) == (names, 4096)


@pytest.mark.parametrize("name", ["a b", "../x", "", "scripted", "o1"])
def test_what_is_no_name_or_another_models_is_refused_and_nothing_written(
    own: Path, name: str
) -> None:
    write_names(own, known(own), "scripted", ["o1"])
    with pytest.raises(SettingRefused):
        write_names(own, known(own), STARTER, ["gpt-4o", name])
    assert not (own / f"{STARTER}.toml").exists()


def test_a_model_that_is_not_there_is_given_no_names(own: Path) -> None:
    with pytest.raises(ModelUnknown, match="'nobody'"):
        write_names(own, known(own), "nobody", ["gpt-4o"])
