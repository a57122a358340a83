"""What is asked for, and what came of it, is judged before it goes on.

Floor 5. What no house makes is refused by words that are always looked for (`seedbed.core.safety`).
What else an operator wants refused is for a program of theirs. It is run in a folder of its own,
with next to no environment. Its standard input is one JSON object: `side` is `input` or `output`,
beside the `prompt`, the `scene` and the paths of `files`. It answers with one line,
`{"allow": true}`, or `{"allow": false, "why": "..."}`. One that fails, is slow or says anything
else has refused.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast

import anyio
import anyio.to_thread
import structlog

from seedbed.core.errors import ContentRefused
from seedbed.core.safety import forbidden, texts_of
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.scene import Scene
from seedbed.kit.running import Ran, run

log: structlog.stdlib.BoundLogger = structlog.get_logger()

SECONDS = 10.0
"""How long a program may take."""
_AT_ONCE = 4
_LONGEST_REASON = 300
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
Kind: TypeAlias = Literal["text", "image", "video", "audio"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged: a prompt, a Scene, and files of the `kind` that it is about."""

    prompt: str = ""
    scene: Scene | None = None
    files: Sequence[Path] = ()
    kind: Kind = "text"


class Safety:
    """Judges. Without a `program` of the operator's only the words are looked at; `work` is where
    each run of it gets a folder.
    """

    def __init__(self, program: Path | None, work: Path, *, seconds: float = SECONDS) -> None:
        self._program, self._work, self._seconds = program, work, seconds
        self._places = anyio.CapacityLimiter(_AT_ONCE)

    @property
    def asks(self) -> bool:
        """Whether a program of the operator's judges, too."""
        return self._program is not None

    async def before(self, judged: Judged) -> None:
        """Judge what is asked for.

        Raises:
            ContentRefused: it is not made here.
        """
        if why := forbidden([judged.prompt, *texts_of(_written(judged.scene))]):
            raise ContentRefused(why)
        await self._ask("input", judged)

    async def after(self, judged: Judged) -> None:
        """Judge what came of it.

        Raises:
            ContentRefused: it is not handed out.
        """
        await self._ask("output", judged)

    async def _ask(self, side: str, judged: Judged) -> None:
        if self._program is None:
            return
        async with self._places:
            why = await self._refusal(self._program, side, judged)
        if why is not None:
            raise ContentRefused(why, side=side, of=judged.kind)

    async def _refusal(self, program: Path, side: str, judged: Judged) -> str | None:
        """Why a program refuses; one that has no verdict has refused, and the log says why."""
        try:
            ran = await self._run(program, side, judged)
        except OSError as error:
            return _silent(program, f"it cannot be run ({error.strerror or error})")
        if ran.status is None:
            return _silent(program, f"it had no verdict after {self._seconds:g} s")
        if ran.status:
            return _silent(program, f"it ended with status {ran.status}")
        return _verdict(program, ran.said)

    async def _run(self, program: Path, side: str, judged: Judged) -> Ran:
        """Run the program in a folder that is gone afterwards.

        Raises:
            OSError: it cannot be begun, or the disk refuses.
        """
        self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=self._work, prefix="safety-"))
        try:
            asked = folder / "asked.json"
            await anyio.Path(asked).write_text(_asked(side, judged))
            return await run(
                program,
                asked,
                folder=folder,
                environment=_ENVIRONMENT,
                seconds=self._seconds,
                is_answer=True,
            )
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))


def _asked(side: str, judged: Judged) -> str:
    files = [str(file.absolute()) for file in judged.files]
    told = {"side": side, "prompt": judged.prompt, "scene": _written(judged.scene), "files": files}
    return json.dumps(told | {"kind": judged.kind})


def _written(scene: Scene | None) -> dict[str, object] | None:
    return None if scene is None else write_scene(scene)


def _verdict(program: Path, said: str) -> str | None:
    try:
        found: object = json.loads(said)
    except (ValueError, RecursionError):
        found = None
    told = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    if told.get("allow") is True:
        return None
    if told.get("allow") is not False:
        return _silent(program, f"it answered {said[:80]!r}")
    why = "".join(letter for letter in str(told.get("why", "")) if letter.isprintable())
    return why[:_LONGEST_REASON] or "the operator's check refused it"


def _silent(program: Path, why: str) -> str:
    """What a caller is told where there is no verdict; the operator is told why."""
    log.error("safety.silent", program=str(program), why=why)
    return "the operator's check gave no verdict"
