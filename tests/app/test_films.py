"""The server and the worker of a house that draws: neither imports what draws."""

import subprocess
import sys

import pytest

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
