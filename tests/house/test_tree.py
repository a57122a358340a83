"""Rules about the tree itself, which no linter knows."""

import re
from pathlib import Path

import pytest

from seedbed.kit import plug

SOURCE = Path(__file__).parents[2] / "src" / "seedbed"
FILES = sorted(SOURCE.rglob("*.py"))
WORKERS = sorted((SOURCE / "engines" / "workers").glob("*.py"))
"""Programs beside an engine speak as their library does, and have no other way in for a secret."""
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "middleware",
    "models",
}
VENDORS_WORDS = ("finish_reason", "stop_reason", "tool_calls", "prompt_tokens", "max_completion")


def test_no_file_is_a_drawer() -> None:
    named = {path for path in FILES if path.stem in DRAWERS and path.parent.name != "cli"}
    assert named == set()


@pytest.mark.parametrize("kind", [k for k in plug.kinds("seedbed.engines") if k != "scripted"])
def test_an_engine_is_named_by_its_own_file_alone(kind: str) -> None:
    """Quoted, so that it could be chosen, or imported; the house's own door is reached by one.

    One engine has the name of a library that another looks for, too.
    """
    own = {SOURCE / "engines" / f"{kind}.py", SOURCE / "app.py"}
    own |= {SOURCE / "engines" / "sentence_encoder.py"} if kind == "openvino" else set()
    named = re.compile(rf"[\"']{kind}[\"']|import {kind}\b|engines\.{kind}\b")
    assert {p for p in FILES if named.search(p.read_text())} - set(WORKERS) <= own


@pytest.mark.parametrize("word", VENDORS_WORDS)
def test_a_vendors_words_stay_at_the_doors(word: str) -> None:
    doors = {SOURCE / "api", SOURCE / "engines" / "upstreams", SOURCE / "bench" / "bare"}
    speaks = {SOURCE / "engines" / "llama" / "wire.py", SOURCE / "cli" / "chat.py"}
    found = {p for p in FILES if re.search(rf"\b{word}", p.read_text())} - set(WORKERS)
    assert {p for p in found if not doors & set(p.parents)} <= speaks


def test_only_the_settings_read_the_environment() -> None:
    readers = {p for p in FILES if re.search(r"os\.(environ|getenv)", p.read_text())}
    assert readers - set(WORKERS) == {SOURCE / "app.py"}


def test_any_exception_may_be_caught_at_the_edge_alone() -> None:
    catchers = {p for p in FILES if re.search(r"except (Base)?Exception\b", p.read_text())}
    assert catchers == {SOURCE / "api" / "edge.py"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_each_file_says_what_it_is_and_on_which_floor(path: Path) -> None:
    if path.parent == SOURCE and path.stem in {"__init__", "__main__"}:
        return
    if path.parent.name == "versions" and path.stem != "__init__":
        return
    assert re.match(r'r?"""[^"]*\bFloor [1-7]\b', path.read_text()), "its docstring names its floor"


def test_every_folder_is_in_the_picture_of_the_house() -> None:
    page = (SOURCE.parents[1] / "docs" / "explanation" / "house.md").read_text()
    folders = {p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists()}
    assert {name for name in folders if f"{name}/" not in page} == set()
