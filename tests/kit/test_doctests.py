import doctest
import importlib
from pathlib import Path

import pytest

import seedbed

ROOT = Path(seedbed.__file__).parent
FLOORS = ("core", "kit", "store")
SHOWN = [
    f"seedbed.{floor}.{path.stem}"
    for floor in FLOORS
    for path in sorted((ROOT / floor).glob("*.py"))
    if ">>>" in path.read_text("utf-8")
]


def test_there_are_examples_to_run() -> None:
    assert "seedbed.core.money" in SHOWN


@pytest.mark.parametrize("module", SHOWN)
def test_the_examples_in_the_docstrings_do_what_they_show(module: str) -> None:
    ran = doctest.testmod(importlib.import_module(module))
    assert ran.attempted > 0
    assert ran.failed == 0
