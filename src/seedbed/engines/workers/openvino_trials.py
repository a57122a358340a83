"""Has forms tried before the model sees them, and remembers what came of it.

Floor 3. The trial's process is started before the first of them comes, since it takes seconds to
load beside a model that answers, and anew after each that ended it. A form whose trial ended for no
known reason is tried once more: somebody else may have ended it.
"""

import asyncio
import hashlib
import signal
import sys
from collections import OrderedDict
from contextlib import suppress

import msgspec

from seedbed.engines.formats.base import Form

_REMEMBERED = 1 << 12
_ENDS = {
    -signal.SIGPROF: "it takes too long to follow",
    -signal.SIGSEGV: "it is nested too deep",
}
_PATIENCE_SECONDS = 60.0
"""How long a trial may take; it ends itself long before that, unless it is stopped or starved."""
_TRIAL = "seedbed.engines.workers.openvino_trial"


class Trials:
    """The verdicts on forms."""

    def __init__(self, *, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._verdicts = OrderedDict[bytes, str]()
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Have the process load, so that the first form need not wait for it.

        Where it cannot be started now, the first form tries again.
        """
        async with self._one_at_a_time:
            with suppress(OSError):
                await self._running()

    async def verdict(self, form: Form) -> str:
        """Why a form cannot be used; empty where it can."""
        line = msgspec.json.encode(form) + b"\n"
        digest = hashlib.sha256(line).digest()
        async with self._one_at_a_time:
            known = self._verdicts.get(digest)
            if known is not None:
                return known
            verdict, is_sure = await self._tried(line)
            if not is_sure:
                verdict, is_sure = await self._tried(line)
            if is_sure:
                self._verdicts[digest] = verdict
                if len(self._verdicts) > _REMEMBERED:
                    self._verdicts.popitem(last=False)
            return verdict

    async def aclose(self) -> None:
        """End the process; a further form has it started anew."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.communicate()

    async def _tried(self, asked: bytes) -> tuple[str, bool]:
        """The verdict, and whether it is the form's own fault."""
        process = await self._running()
        assert process.stdin is not None  # noqa: S101 - both were opened as pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(asked)
            async with asyncio.timeout(self._patience):
                await process.stdin.drain()
                line = await process.stdout.readline()
        except ConnectionError:
            line = b""
        except TimeoutError:
            line = b""
            process.kill()
        if line:
            return msgspec.json.decode(line, type=str), True
        self._process = None
        await process.communicate()
        code = process.returncode
        if code in _ENDS:
            return _ENDS[code], True
        return f"its trial ended with status {code}", False

    async def _running(self) -> asyncio.subprocess.Process:
        """The process, started where there is none."""
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                _TRIAL,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        return self._process
