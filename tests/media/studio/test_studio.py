"""The studio's processes: told, refused, broken, and ended with who waits for them."""

import os
from pathlib import Path

import anyio
import pytest

from seedbed.core.errors import EngineFailed, RequestMalformed, StoreUnusable
from seedbed.media.studio.orders import Convert
from seedbed.media.studio.studio import Studio

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ORDER = Convert(film="a", out="b", codec="h264", container="mp4")
SAYS = """
import sys
order = sys.stdin.readline()
"""


async def silent(share: float, what: str) -> None: ...


def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Studio:
    """One whose process does what a test wants."""
    (tmp_path / "played.py").write_text(SAYS + text)
    monkeypatch.chdir(tmp_path)
    return Studio(module="played")


async def test_what_is_done_is_told_on_the_way_and_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[float, str]] = []

    async def tell(share: float, what: str) -> None:
        told.append((share, what))

    played = studio(
        tmp_path,
        monkeypatch,
        """
print('{"type": "done", "share": 0.5, "what": "joined"}')
print('{"type": "brought", "facts": {"order": ' + order + '}}')
""".replace("order + ", "order.strip() + "),
    )
    facts = await played.do(ORDER, tell)
    assert told == [(0.5, "joined")]
    assert facts["order"] == {"type": "convert", "told": None} | {
        name: getattr(ORDER, name) for name in ("film", "out", "codec", "container")
    }


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ('print(\'{"type": "wrong", "why": "no"}\')', RequestMalformed, "cannot do it: no."),
        (
            'print(\'{"type": "wrong", "why": "disk full", "is_full": true}\')',
            StoreUnusable,
            "written: disk full.",
        ),
        ('print("first", file=sys.stderr); sys.exit("last")', EngineFailed, "ended (last)"),
        ("import os, signal; os.kill(os.getpid(), 9)", EngineFailed, "without a word"),
        ('print("what")', EngineFailed, "cannot be read"),
    ],
)
async def test_what_ends_an_order_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    kind: type[Exception],
    why: str,
) -> None:
    with pytest.raises(kind, match=why.replace("(", r"\(").replace(")", r"\)")):
        await studio(tmp_path, monkeypatch, text).do(ORDER, silent)


async def test_who_leaves_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    async def tell(share: float, what: str) -> None:
        begun.append(int(what))
        tasks.cancel_scope.cancel()

    played = studio(
        tmp_path,
        monkeypatch,
        """
import os, time
print('{"type": "done", "share": 0.5, "what": "%d"}' % os.getpid(), flush=True)
time.sleep(600)
""",
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(played.do, ORDER, tell)
    (pid,) = begun
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
