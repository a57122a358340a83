"""Rules about the tree itself, which no linter knows."""

import ast
import re
from collections.abc import Iterator
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

    One engine has the name of a library that another looks for, too, and one that of a field of
    Ark's and of the model that draws where no other is named; benchmarks write the card of the
    upstream that they start, and measure what one engine alone can do.
    """
    also = {
        "openvino": ("engines/sentence_encoder.py", "kit/film/net.py"),
        "draft": (
            *("api/ark/tasks.py", "api/ark/tasks_read.py"),
            *("cli/image.py", "cli/video.py", "cli/enlarging.py", "settings.py"),
            "bench/media/resuming.py",
        ),
        "remote": ("bench/gateway/ours.py",),
        "llama_cpp": ("bench/serving/specification.py", "bench/serving/split.py"),
    }
    known = (f"engines/{kind}.py", "app/engines.py", *also.get(kind, ()))
    own = {SOURCE / name for name in known}
    named = re.compile(rf"[\"']{kind}[\"']|import {kind}\b|engines\.{kind}\b")
    assert {p for p in FILES if named.search(p.read_text())} - set(WORKERS) <= own


@pytest.mark.parametrize("word", VENDORS_WORDS)
def test_a_vendors_words_stay_at_the_doors(word: str) -> None:
    """Beside the doors, those speak them who ask a server, are one for a benchmark, or tell of a
    call in OpenTelemetry's words, which took them over.
    """
    doors = {SOURCE / "api", SOURCE / "engines" / "upstreams", SOURCE / "bench" / "bare"}
    speaks = {SOURCE / "engines" / "llama" / "wire.py", SOURCE / "cli" / "chat.py"}
    speaks |= {SOURCE / "bench" / "gateway" / "words.py", SOURCE / "serving" / "spans.py"}
    speaks.add(SOURCE / "bench" / "serving" / "served.py")
    found = {p for p in FILES if re.search(rf"\b{word}", p.read_text())} - set(WORKERS)
    assert {p for p in found if not doors & set(p.parents)} <= speaks


def test_only_the_settings_read_the_environment() -> None:
    readers = {p for p in FILES if re.search(r"os\.(environ|getenv)", p.read_text())}
    assert readers - set(WORKERS) == {SOURCE / "app" / "house.py"}


def test_any_exception_may_be_kept_at_the_three_edges_alone() -> None:
    """Elsewhere, whoever catches any, to give back what it holds, raises it again."""
    keepers = {path for path in FILES if any(_keeps(node) for node in _catching_any(path))}
    edges = "api/edge.py", "api/hot.py", "jobs/outcome.py"
    assert keepers == {SOURCE / edge for edge in edges}


def _catching_any(path: Path) -> Iterator[ast.ExceptHandler]:
    text = path.read_text()
    if "Exception" not in text and "except:" not in text:
        return  # to parse it takes a hundred times as long
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            if re.search(r"\b(Base)?Exception\b", caught):
                yield node


def _keeps(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return not (isinstance(last, ast.Raise) and last.exc is None)


def test_each_file_says_what_it_is_and_on_which_floor() -> None:
    doors = {SOURCE / "__init__.py", SOURCE / "__main__.py"}
    migrations = set((SOURCE / "store" / "migrations" / "versions").glob("m*.py"))
    named = re.compile(r'r?"""[^"]*\bFloor [1-7]\b')
    told = {path for path in FILES if named.match(path.read_text())}
    assert set(FILES) - doors - migrations - told == set()


def test_every_folder_is_in_the_picture_of_the_house() -> None:
    page = (SOURCE.parents[1] / "docs" / "explanation" / "house.md").read_text()
    folders = {p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists()}
    assert {name for name in folders if f"{name}/" not in page} == set()
