"""Pictures in words, planned by the chat model that the operator chose, on their road to who draws.

Floor 5. In front of the road behind, which the model is asked by, too: its answer is paid by who
asked for the picture.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

import anyio.to_thread

from seedbed.core.ask import PICTURE_SIDES, ImageAsk
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Painted
from seedbed.core.scene.form import write_scene
from seedbed.core.value import changed
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.media.planning import Wanted, planned, writing
from seedbed.media.safety import Judged
from seedbed.serving.account import Order
from seedbed.serving.once import Generate


class Foreseeing:
    """The road behind, for pictures that the `model` plans; `draws` tells who draws Scenes, and
    `planner` is had once it is needed. What is asked for is judged `before` the model hears it.
    """

    def __init__(
        self,
        generate: Generate,
        model: str,
        *,
        draws: Callable[[str], bool],
        planner: Callable[[], Planner],
        before: Callable[[Judged], Awaitable[None]],
    ) -> None:
        self._generate, self._model = generate, model
        self._draws, self._planner, self._before = draws, planner, before

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        ask = order.ask
        if not isinstance(ask, ImageAsk) or ask.scene is not None or ask.refs:
            return self._generate(order)
        return self._planned(order, ask) if self._draws(ask.model) else self._generate(order)

    async def _planned(self, order: Order, ask: ImageAsk) -> AsyncGenerator[Event]:
        side = PICTURE_SIDES[ask.tier or "1K"]
        wanted = Wanted(film=False, size=ask.size or (side, side), seed=ask.seed or 0)
        write = writing(self._generate, self._model, order.principal)
        try:
            await self._before(Judged(ask.prompt, kind="image"))
            planner = await anyio.to_thread.run_sync(self._planner)
            plan = await planned(ask.prompt, wanted, write=write, planner=planner)
        except SeedbedError as error:
            yield Failed(error)
            return
        drawn = replace(ask, scene=write_scene(plan.scene), size=wanted.size, seed=None)
        async with aclosing(self._generate(replace(order, ask=drawn))) as events:
            async for event in events:
                if isinstance(event, Painted):
                    event = changed(event, notes=(*plan.notes, *event.notes))  # noqa: PLW2901
                yield event
