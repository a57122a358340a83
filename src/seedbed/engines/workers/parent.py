"""What every program here does for the server that started it: greet, give signs of life, and end
when the server ends.

Floor 3.
"""

import os
import sys
import threading
import time
from typing import NoReturn

import msgspec

from seedbed.engines.base import BEAT_SECONDS


def end_with_parent() -> None:
    """End this process as soon as its standard input is closed, whatever else it does."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def greet(**words: str) -> None:
    """Say that this process is ready, and from now on that it is alive."""
    _say(msgspec.json.encode(words).decode())
    threading.Thread(target=_beat, daemon=True).start()


def give_up(why: str) -> NoReturn:
    """End at once, with these as the last words: a library's own would come after them."""
    sys.stderr.write(f"{why}\n")
    sys.stderr.flush()
    os._exit(1)


def _wait_and_end() -> None:
    sys.stdin.read()
    os._exit(0)  # a library's own threads would go on


def _beat() -> None:
    while True:
        time.sleep(BEAT_SECONDS)
        _say("")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
