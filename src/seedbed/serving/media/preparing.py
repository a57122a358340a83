"""The media of an ask become what its model takes, before it goes on its road.

Floor 4. In front of the cascade. Models elsewhere are sent media as they came, since they fetch and
read them themselves; artifacts, which they do not know, are sent as their bytes. Engines of this
machine take pictures at most: theirs are had, checked and made plain; a film becomes frames, each
after its moment in words; a document becomes its words, and pictures of its pages where the model
takes pictures. An ask without media costs a look at it.

They are made one after another. What an ask brought along is forgotten with it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from seedbed.core.ask import AnyAsk, Ask, CountAsk, Feature
from seedbed.core.errors import MediumRefused, SeedbedError
from seedbed.core.event import Event, Failed
from seedbed.core.message import Media, MediaKind, Part, Result, Text
from seedbed.core.value import changed
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.making import Making, Taken
from seedbed.serving.media.sources import Shelf, Sources, called
from seedbed.serving.once import Generate

Takes: TypeAlias = Callable[[str], Taken]
"""What a model takes, by its name."""

PICTURES = frozenset({MediaKind.IMAGE})
_NOTHING = frozenset[MediaKind]()


def taken_by(lives: Iterable[LiveDeployment]) -> Takes:
    """What the models of a house take, by each name that they may be asked by."""
    named: dict[str, list[LiveDeployment]] = {}
    for live in lives:
        for name in (live.name, *live.deployment.model.names):
            named.setdefault(name, []).append(live)
    return {name: _together(those) for name, those in named.items()}.get


def _together(lives: Sequence[LiveDeployment]) -> Taken:
    """What any of them may be given: pictures that are plain can be sent elsewhere, too."""
    if not any(live.deployment.own_hardware for live in lives):
        return None
    return PICTURES if any(Feature.MEDIA in live.engine.features for live in lives) else _NOTHING


@dataclass(frozen=True, slots=True)
class Preparer:
    """Makes asks ready."""

    fetcher: Fetcher
    shelf: Shelf
    workshop: Workshop = field(default_factory=Workshop)
    limits: MediaLimits = field(default_factory=MediaLimits)

    async def prepare(self, ask: Ask, takes: Taken, *, project: str) -> Ask:
        """The same ask with the media that are taken.

        Raises:
            MediumRefused: one cannot be had or read, or all together take too long.
            FeatureUnserved: one is of a kind that cannot be made into what is taken.
            ArtifactUnknown: one is an artifact that is not the project's.
        """
        limits = self.limits
        count = sum(_count(message.parts) for message in ask.messages)
        if count > limits.count:
            why = f"there are {count} of them in one request, and {limits.count} is the most"
            raise MediumRefused("media", "that were sent", why=why)
        sources = Sources(self.fetcher, self.shelf, project, limits.most_bytes)
        making = Making(ask.model, sources, self.workshop, limits, takes)
        try:
            async with asyncio.timeout(limits.seconds):
                messages = [
                    changed(message, parts=await _made(message.parts, making))
                    for message in ask.messages
                ]
        except TimeoutError as error:
            why = f"they were not ready within {limits.seconds:g} s"
            raise MediumRefused("media", "that were sent", why=why) from error
        return replace(ask, messages=tuple(messages))


class Preparing:
    """The road behind, for asks whose media are made ready first."""

    def __init__(self, generate: Generate, takes: Takes, preparer: Preparer) -> None:
        self._generate, self._takes, self._preparer = generate, takes, preparer

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        ask = order.ask.ask if isinstance(order.ask, CountAsk) else order.ask
        if not isinstance(ask, Ask) or not has_media(ask):
            return self._generate(order)
        return self._prepared(order, ask)

    async def _prepared(self, order: Order, ask: Ask) -> AsyncGenerator[Event]:
        takes, project = self._takes(ask.model), order.principal.project
        try:
            ready: AnyAsk = await self._preparer.prepare(ask, takes, project=project)
        except SeedbedError as error:
            yield Failed(error)
            return
        if isinstance(order.ask, CountAsk):
            ready = CountAsk(ready)
        async with aclosing(self._generate(replace(order, ask=ready))) as events:
            async for event in events:
                yield event


def has_media(ask: Ask) -> bool:
    """Whether any part of it is a medium, or a result that may hold one."""
    for message in ask.messages:
        for part in message.parts:
            if type(part) is not Text and _count((part,)):
                return True
    return False


def _count(parts: Sequence[Part]) -> int:
    return sum(
        _count(part.parts) if isinstance(part, Result) else isinstance(part, Media)
        for part in parts
    )


async def _made(parts: Sequence[Part], making: Making) -> tuple[Part, ...]:
    """The same parts, each medium made into what is taken."""
    made = list[Part]()
    for part in parts:
        match part:
            case Media():
                made += await _ready(part, making)
            case Result():
                made.append(changed(part, parts=await _made(part.parts, making)))
            case _:
                made.append(part)
    return tuple(made)


async def _ready(media: Media, making: Making) -> Sequence[Part]:
    try:
        return await making.make(media)
    except MediumFault as fault:
        raise MediumRefused(media.kind.value, called(media), why=str(fault)) from fault
