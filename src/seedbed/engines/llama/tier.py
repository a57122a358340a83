"""What a server has read, kept beyond its places: saved to a folder, restored from there.

Floor 3. The server writes and reads the files itself, through `/slots`; here it is decided when
that is worth its while, by what was measured: how long a token took to read, and to save. Nothing
here fails an answer; what goes wrong is logged, and the prompt is read anew.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import anyio.to_thread
import msgspec
import structlog

from seedbed.core.prefix import Link
from seedbed.core.usage import Usage
from seedbed.engines.llama.slots import Slot
from seedbed.kit.http.errors import HttpFault
from seedbed.store.kv import SavedPrefixes
from seedbed.store.notes import Found, Prefix, ends_of

LEAST_BYTES = 2048
"""How much longer than what a place holds a saved prefix must be; shorter ones are read as fast."""
_LEAST_TOKENS = 256
_WORTH = 4.0
"""How many times as long as to save it, it must take to read it."""
_PAUSE_SECONDS = 60.0
"""How long nothing is saved after the server could not."""
_TELLING = 64
"""From so many tokens on, the time that they took tells how fast the server reads."""

Act: TypeAlias = Callable[[int, str, str], Awaitable[bytes]]
"""Has the server `save` or `restore` a place, by its number, under a file's name."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Acted(msgspec.Struct):
    """What the server did."""

    n_saved: int = 0
    n_written: int = 0
    n_restored: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A prompt as the tier sees it: whose it is, with which adapter, and its links."""

    owner: str
    adapter: str
    links: Sequence[Link]

    @property
    def key(self) -> str:
        """Who may use what is computed of it."""
        return f"{self.owner}:{self.adapter}"


class Tier:
    """The saved prefixes of one model on one build of the server.

    `files` are what the answers depend on: the weights and the adapters. Only a server of as many
    `places` can restore what another saved.
    """

    def __init__(self, prefixes: SavedPrefixes, files: Sequence[Path], *, places: int) -> None:
        self._prefixes, self._files, self._places = prefixes, files, places
        self._digest = ""
        self._is_vain = False
        """Whether the server could use nothing of what it had restored."""
        self.build = ""
        self._again = 0.0
        """When to save again after the server could not; 0 if it last could."""
        self._reading = self._saving = 0.0
        """Seconds for a token, as last seen."""

    @property
    def folder(self) -> Path:
        """Where the server saves to."""
        return self._prefixes.folder

    async def bring(self, slot: Slot, told: Told, act: Act) -> None:
        """Have the longest saved prefix in that place, if it has much more than lies there."""
        least = slot.held(told.key, told.links) + LEAST_BYTES
        if self._is_vain or not told.links or told.links[-1].end < least:
            return
        found = await self._find(told)
        if found is None or found.end < least or not await _aside(self._prefixes.check, found):
            return
        slot.clear()
        try:
            acted = msgspec.json.decode(await act(slot.id, "restore", found.file), type=Acted)
        except (HttpFault, msgspec.MsgspecError) as error:
            await _aside(partial(self._prefixes.drop, found, why=f"not restored: {error}"))
            return
        if acted.n_restored == found.prefix.tokens:
            slot.hold(told.key, [link for link in told.links if link.end <= found.end])

    async def has_all(self, told: Told) -> bool:
        """Whether all of a prompt is saved that has a link."""
        found = await self._find(told)
        return found is not None and found.end == told.links[-1].end

    def learn(self, usage: Usage, seconds: float, *, held: int = 0) -> None:
        """Learn from an answer how long its prompt took to read.

        `held` are the bytes of it that its place held by then: where that was of no use, the model
        is one whose state cannot be cut, and nothing more is saved.
        """
        self._is_vain = self._is_vain or (held >= LEAST_BYTES and not usage.input_cache_read)
        if usage.input_fresh >= _TELLING:
            self._reading = seconds / usage.input_fresh

    async def save(self, slot: Slot, told: Told, usage: Usage, act: Act, *, always: bool) -> None:
        """Save a place, if that is worth it: `always` for what another will read."""
        if self._is_vain or not told.links or told.links[-1].end < LEAST_BYTES:
            return
        found = await self._find(told)
        new = 1 - (found.end if found else 0) / told.links[-1].end
        seconds, tokens = self._reading * usage.input, usage.input + usage.output
        worth = tokens >= _LEAST_TOKENS and seconds * new > _WORTH * self._saving * tokens
        if new and (worth or always) and self._prefixes.clock.now() >= self._again:
            await self._write(slot, told, seconds, act)

    async def _write(self, slot: Slot, told: Told, seconds: float, act: Act) -> None:
        """Have it saved; after what cannot be, a while passes before the next."""
        clock, part = self._prefixes.clock, self._prefixes.part(secrets.token_hex(8))
        began = clock.now()
        try:
            acted = msgspec.json.decode(await act(slot.id, "save", part), type=Acted)
        except (HttpFault, msgspec.MsgspecError) as error:
            if not self._again:
                log.warning("kv.not_saved", why=str(error))
            self._again = clock.now() + _PAUSE_SECONDS
            await _aside(self._prefixes.discard, part)
            return
        except BaseException:  # the caller left with the last word that he wanted
            self._prefixes.discard(part)
            raise
        maker, ends = await self._maker(told), ends_of(told.links)
        prefix = Prefix(maker, told.owner, ends, acted.n_saved, seconds)
        await _aside(partial(self._prefixes.keep, part, prefix, size=acted.n_written))
        self._again, self._saving = 0.0, (clock.now() - began) / max(acted.n_saved, 1)

    async def _find(self, told: Told) -> Found | None:
        return await _aside(self._prefixes.find, await self._maker(told), told.owner, told.links)

    async def _maker(self, told: Told) -> str:
        """What else than the prompt decides what is computed; the files are read once for it."""
        if not self._digest:
            self._digest = await _aside(_digest_of, self._files)
        return f"{self._digest}:{self.build}:{self._places}:{told.adapter}"


_aside = anyio.to_thread.run_sync
"""In a thread: files of some hundred megabytes are read."""


def _digest_of(files: Sequence[Path]) -> str:
    """What stands for these files; those that cannot be read any more are like no others."""
    whole = hashlib.sha256()
    try:
        for path in files:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    except OSError:
        return secrets.token_hex(32)
    return whole.hexdigest()
