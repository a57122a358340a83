"""Hold branch coverage to its marks: `make test` ends with this."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

MARKS = {"core": 100, "kit": 100, "api": 100}
"""Per cent of branches and lines, by folder of `src/seedbed`."""
ELSEWHERE = 90
NOT_MEASURED = (
    "engines/workers",
    "kit/media/workers",
    "bench/bare",
    "bench/jobs/dbos_alone.py",
    "bench/serving/programs",
    "__main__.py",
)
"""They run in processes of their own; their tests look at what they do."""


def main() -> int:
    """Print a line a folder and fail where one is below its mark."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-m", "coverage", "json", "-q", "-o", file.name]
        subprocess.run(command, check=True)
        measured = json.loads(Path(file.name).read_text())["files"]
    folders: dict[str, list[dict[str, int]]] = {}
    for name, found in measured.items():
        place = name.split("seedbed/", 1)[1]
        if not place.startswith(NOT_MEASURED):
            folder = place.split("/")[0] if "/" in place else "seedbed"
            folders.setdefault(folder, []).append(found["summary"])
    failed = False
    for folder, summaries in sorted(folders.items()):
        done = sum(s["covered_lines"] + s["covered_branches"] for s in summaries)
        all_ = sum(s["num_statements"] + s["num_branches"] for s in summaries)
        share, mark = 100 * done / all_, MARKS.get(folder, ELSEWHERE)
        missed = share < mark
        failed |= missed
        print(f"{folder:10} {share:6.1f} %  of {mark} %{'  <- too little' if missed else ''}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
