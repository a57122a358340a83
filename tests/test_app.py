"""What is put together, and what is left outside."""

import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.app import build_house
from seedbed.core.errors import StoreUnusable

TOO_HEAVY = {"xllamacpp", "lancedb", "av", "cv2", "playwright", "openvino", "torch", "alembic"}


def test_the_home_is_its_owners_alone(tmp_path: Path) -> None:
    house = build_house({"SEEDBED_HOME": str(tmp_path / "deep" / "home")})
    assert house.home.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreUnusable, match="cannot be made: Not a directory"):
        build_house({"SEEDBED_HOME": str(tmp_path / "file" / "home")})


@pytest.mark.slow
def test_the_server_loads_nothing_heavy() -> None:
    code = "import sys, seedbed.app; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert not TOO_HEAVY & set(loaded.stdout.split())
