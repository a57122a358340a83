import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seedbed.kit import plug


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of two kinds, one of which cannot be imported here."""
    folder = tmp_path / "family_of_two"
    (folder / "workers").mkdir(parents=True)
    for name in ("__init__", "base", "light", "workers/__init__"):
        (folder / f"{name}.py").write_text("NAME = __name__\n")
    (folder / "heavy.py").write_text("raise RuntimeError('should not have been imported')\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield folder.name
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_the_kinds_are_the_files_but_for_the_contract_and_folders(family: str) -> None:
    assert plug.kinds(family) == ("heavy", "light")


def test_loading_one_kind_imports_no_other(family: str) -> None:
    assert plug.load(family, "light").__name__ == f"{family}.light"
    assert f"{family}.heavy" not in sys.modules


@pytest.mark.parametrize("kind", ["base", "workers", "nonesuch", "../light"])
def test_an_unknown_kind_is_answered_with_the_known_ones(family: str, kind: str) -> None:
    with pytest.raises(LookupError, match="it has heavy, light"):
        plug.load(family, kind)


def test_the_house_finds_its_own_engines() -> None:
    assert "scripted" in plug.kinds("seedbed.engines")
