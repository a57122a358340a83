"""The fake painter that ships: plain pictures of the size that is asked for, made of a hash.

Floor 3. For tests, and for trying a client without a model. What would change a picture changes its
colours, and the same ask has the same picture. It counts words as tokens; where it may paint fewer
pictures than `count` it paints one for each line of the prompt. It writes PNG alone, and nothing of
it is clear.
"""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from types import MappingProxyType

import anyio

from seedbed.core.ask import PICTURE_SIDES, Feature, ImageAsk, picture_tokens
from seedbed.core.errors import FieldUnserved, PromptTooLong, SeedbedError
from seedbed.core.event import (
    Event,
    Failed,
    Finished,
    Painted,
    PaintFailed,
    Previewed,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec
from seedbed.kit.machine import Machine
from seedbed.kit.media.png import png


class ScriptedPainter:
    """Paints what is asked; of the pictures that its `script` has a number for each fails so. With
    an `error` every ask does.

    `steps` counts the pictures made, those of previews too, so that a test can tell that closing
    early stopped the work.
    """

    features = frozenset({Feature.IMAGES, Feature.IMAGE_EDIT})
    program: Program | None = None

    def __init__(
        self,
        model: str,
        *,
        window: int,
        script: Mapping[int, SeedbedError] = MappingProxyType({}),
        error: SeedbedError | None = None,
    ) -> None:
        self._model, self._window = model, window
        self._script, self._error = script, error
        self.steps = 0
        self.asked: list[ImageAsk] = []

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to."""

    async def paint(self, ask: ImageAsk) -> AsyncGenerator[Event]:
        """Yield the pictures, one after the other."""
        self.asked.append(ask)
        if (error := self._refusal(ask) or self._error) is not None:
            yield Failed(error)
            return
        yield Started(self._model)
        usage = Usage(input_fresh=len(ask.prompt.split()))
        yield UsageNow(usage)
        width, height = _size(ask)
        for ordinal in range(_count(ask)):
            if (error := self._script.get(ordinal)) is not None:
                yield PaintFailed(ordinal, error.code, error.what)
                continue
            for index in range(ask.previews):
                yield Previewed(ordinal, index, await self._picture(ask, ordinal, width, height))
            data = await self._picture(ask, ordinal, width, height)
            usage += Usage(output_visible=picture_tokens(width, height), images=1)
            yield UsageNow(usage)
            yield Painted(ordinal, data, width, height)
        yield Failed(error) if error is not None and not usage.images else Finished(Stop.END, usage)

    async def aclose(self) -> None:
        """Nothing to close."""

    def _refusal(self, ask: ImageAsk) -> SeedbedError | None:
        words = len(ask.prompt.split())
        if words >= self._window:
            return PromptTooLong(self._model, tokens=words, window=self._window)
        if ask.format not in {None, "png"}:
            return FieldUnserved("format", value=repr(ask.format), because="it writes PNG alone.")
        if ask.background == "transparent":
            because = "nothing that it paints is clear."
            return FieldUnserved("background", value="'transparent'", because=because)
        return None

    async def _picture(self, ask: ImageAsk, ordinal: int, width: int, height: int) -> bytes:
        self.steps += 1
        said = ask.prompt, ask.refs, ask.quality, ask.background, ask.seed, ask.guidance, ordinal
        digest = hashlib.sha256(repr(said).encode()).digest()
        return await anyio.to_thread.run_sync(png, digest, width, height)


def _size(ask: ImageAsk) -> tuple[int, int]:
    side = PICTURE_SIDES[ask.tier or "1K"]
    return ask.size or (side, side)


def _count(ask: ImageAsk) -> int:
    return ask.count if ask.exact else min(ask.count, len(ask.prompt.splitlines()))


def lacks(machine: Machine) -> str | None:
    """Nothing: it runs wherever Python does."""
    del machine


def make(spec: Spec) -> ScriptedPainter:
    """A painter without a script."""
    return ScriptedPainter(spec.model.name, window=spec.model.window)
