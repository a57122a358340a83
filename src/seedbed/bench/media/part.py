"""One part of the measuring, in a process of its own: `python -m seedbed.bench.media.part NAME N`.

Floor 5. It alone imports the libraries of pictures and films. It prints one line of JSON, with what
the process held at most, in MB of 10^6 bytes.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from seedbed.bench.media import encoding, exactness, finishing, still


def _encoded(encode: Callable[[Path, int], float], count: int) -> dict[str, object]:
    with TemporaryDirectory(prefix="seedbed-bench-") as folder:
        return {"cpu_s": encode(Path(folder) / "film.mp4", count)}


PARTS: Mapping[str, Callable[[int], Mapping[str, object]]] = {
    "still": lambda _: {"cpu_s": still.ours()},
    "still_bare": lambda _: {"cpu_s": still.bare()},
    "encode": lambda count: _encoded(encoding.ours, count),
    "encode_bare": lambda count: _encoded(encoding.bare, count),
    "finish": lambda rounds: {**finishing.measured(rounds)},
    "exact": exactness.measured,
}


def main(name: str, count: int) -> None:
    """Measure that part, and tell."""
    told = PARTS[name](count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    sys.stdout.write(json.dumps({**told, "rss_mb": peak}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
