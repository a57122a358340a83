"""The server and the worker of a house that draws: neither imports what draws."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from seedbed.app.films import films_of
from seedbed.kit.clock import SystemClock
from seedbed.settings import read_settings
from seedbed.store.database import Database

LIBRARIES = {"av", "cv2", "skia", "typst", "c2pa", "openvino", "rapidocr"}
LOOK = """
import sys
from seedbed.app import server, worker
from seedbed.engines import draft
from seedbed.serving import deploy
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.slow
def test_who_serves_and_who_works_imports_no_library_of_films() -> None:
    ran = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert not LIBRARIES & set(ran.stdout.split())


@pytest.mark.anyio
async def test_a_house_draws_with_its_own_mark(home: Path, database: Database) -> None:
    settings, _ = read_settings({"SEEDBED_HOME": str(home), "SEEDBED_MODELS": "scripted"})
    nothing = cast("Any", None)
    kind = films_of(settings, database, nothing, nothing, SystemClock()).kind
    assert kind.name == "film"
