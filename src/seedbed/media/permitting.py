"""Pictures and films are judged on their road: what is asked for, and each picture before it is
told.

Floor 5. In front of the road behind. Whole films are judged once more by their job, which has them
as files.
"""

import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import anyio.to_thread

from seedbed.core.ask import ImageAsk, SceneAsk
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Painted
from seedbed.core.film import VideoAsk
from seedbed.core.job import Owner
from seedbed.core.scene.form import read_scene
from seedbed.media.rules import Rules
from seedbed.media.safety import Judged, Kind
from seedbed.serving.account import Order
from seedbed.serving.once import Generate


class Permitting:
    """The road behind, for what may be made; `work` is where pictures lie while they are judged."""

    def __init__(self, generate: Generate, rules: Rules, work: Path) -> None:
        self._generate, self._rules, self._work = generate, rules, work

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        ask = order.ask
        if isinstance(ask, ImageAsk | VideoAsk):
            return self._judged(order, ask)
        return self._looked(order, ask) if isinstance(ask, SceneAsk) else self._generate(order)

    async def _looked(self, order: Order, ask: SceneAsk) -> AsyncGenerator[Event]:
        """A Scene that nobody may draw is told to be such when it is only looked at, too."""
        try:
            await self._rules.consenting.permit_ask(ask, _owner(order))
            async with aclosing(self._generate(order)) as events:
                async for event in events:
                    yield event
        except SeedbedError as error:
            yield Failed(error)

    async def _judged(self, order: Order, ask: ImageAsk | VideoAsk) -> AsyncGenerator[Event]:
        try:
            scene = None if ask.scene is None else read_scene(ask.scene)
            kind: Kind = "image" if isinstance(ask, ImageAsk) else "video"
            await self._rules.safety.before(Judged(ask.prompt, scene, kind=kind))
            await self._rules.consenting.permit_ask(ask, _owner(order))
            async with aclosing(self._generate(order)) as events:
                async for event in events:
                    if isinstance(event, Painted):
                        await self._painted(Judged(ask.prompt, scene, kind=kind), event, order)
                    yield event
        except SeedbedError as error:
            yield Failed(error)

    async def _painted(self, judged: Judged, picture: Painted, order: Order) -> None:
        """See that a picture may be handed out, and note with which consents it was made.

        Raises:
            ContentRefused: it may not.
        """
        if self._rules.safety.asks:
            await self._seen(judged, picture)
        if judged.scene is not None:
            hash_ = hashlib.sha256(picture.data).hexdigest()
            await self._rules.note(judged.scene, hash_, order.request_id)

    async def _seen(self, judged: Judged, picture: Painted) -> None:
        """See that a picture may be handed out.

        Raises:
            ContentRefused: it may not.
        """
        folder = await anyio.to_thread.run_sync(self._laid, picture.data)
        try:
            files = (folder / "picture",)
            await self._rules.safety.after(Judged(judged.prompt, judged.scene, files, judged.kind))
        finally:
            await anyio.to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))

    def _laid(self, data: bytes) -> Path:
        self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=self._work, prefix="picture-"))
        (folder / "picture").write_bytes(data)
        return folder


def _owner(order: Order) -> Owner:
    who = order.principal
    return Owner(who.user, who.project, who.key)
