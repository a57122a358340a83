"""A house whose models search: a reader of texts, and stores that are filled beforehand."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from openai.types import VectorStore
from starlette.types import ASGIApp

from seedbed.core.ask import EmbedAsk
from seedbed.core.event import Embedded, Event, Finished, Started, Stop
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import Clock
from tests.api.openai.vector_stores.rooms import rooms, vector
from tests.api.running import build

FIGS, HONEY = "Apes eat figs.", "Bees make honey."
TEXTS = {"apes.md": FIGS, "bees.txt": HONEY}


class Reader(Scripted):
    """Turns texts into vectors that are near those of texts with the same words."""

    async def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        yield Started(self._model)
        for at, text in enumerate(ask.texts):
            yield Embedded(at, vector(text))
        yield Finished(Stop.END, Usage(input_fresh=len(ask.texts)))


async def filled(
    home: Path, clock: Clock, texts: Mapping[str, str] = TEXTS, project: str = "p"
) -> VectorStore:
    """A store of that project with files of those texts in it, indexed."""
    return (await filled_each(home, clock, [texts], project))[0]


async def filled_each(
    home: Path, clock: Clock, texts: Sequence[Mapping[str, str]], project: str = "p"
) -> list[VectorStore]:
    """A store of each; the files of one have numbers."""
    with rooms(home, clock) as room:
        async with room.client(project) as client:
            stores = [await client.vector_stores.create() for _ in texts]
            for store, files in zip(stores, texts, strict=True):
                for number, (name, text) in enumerate(files.items()):
                    one = await client.files.create(
                        file=(name, text.encode()), purpose="assistants"
                    )
                    await client.vector_stores.files.create(
                        store.id, file_id=one.id, attributes={"number": number}
                    )
            await room.worked()
            return stores


def house_of(engine: Engine, home: Path, clock: Clock) -> ASGIApp:
    """A house with that model, and one that reads."""
    return build({"m": engine, "reader": Reader("reader", window=512)}, home=home, clock=clock)
