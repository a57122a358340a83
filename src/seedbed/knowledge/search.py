"""A search in stores: the questions become vectors by the one road, the index finds passages.

Floor 5. Whoever searches pays for the vectors of the questions, as for any ask.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from seedbed.core.access import Principal
from seedbed.core.ask import EmbedAsk
from seedbed.core.event import Found, Reply
from seedbed.core.object import Object
from seedbed.core.value import value
from seedbed.indexes.base import Sought, Weights, Wish
from seedbed.knowledge.rules import Rule, fits
from seedbed.knowledge.stores import Stores
from seedbed.serving.account import Order
from seedbed.serving.once import Generate


@value
class Search:
    """What is searched for: the passages that are best for all `queries` together, at most so many,
    of a score of `least` or more (0 to 1), in files whose attributes are as a rule wants them.
    """

    queries: tuple[str, ...]
    most: int = 10
    least: float = 0.0
    rule: Rule | None = None
    weights: Weights = Weights()


@dataclass(frozen=True, slots=True)
class Searching:
    """Searches on behalf of callers."""

    stores: Stores
    generate: Generate

    async def search(
        self, store: Object, search: Search, principal: Principal, request_id: str
    ) -> list[Found]:
        """The best passages of a store, the best first.

        Raises:
            SeedbedError: the questions could not be turned into vectors, or the index is unusable.
        """
        kept = await self.stores.files(store)
        among = {str(one.body["file"]): one.body for one in kept if _is_sought(one, search.rule)}
        await self.stores.used(store)
        if not among:
            return []
        vectors = await self._vectors(str(store.body["model"]), search, principal, request_id)
        sought = [Sought(*both) for both in zip(search.queries, vectors, strict=True)]
        wish = Wish(search.most, among, search.weights)
        return [
            Found(hit.name, str(body["name"]), _attributes(body), hit.score, hit.text)
            for hit in await self.stores.index().find(store.id, sought, wish)
            if hit.score >= search.least
            for body in (among[hit.name],)
        ]

    async def _vectors(
        self, model: str, search: Search, principal: Principal, request_id: str
    ) -> Sequence[bytes]:
        order = Order(EmbedAsk(model, search.queries, "query"), principal, request_id)
        async with aclosing(self.generate(order)) as events:
            return Reply.of([event async for event in events]).vectors


def _is_sought(file: Object, rule: Rule | None) -> bool:
    return file.body["status"] == "completed" and fits(rule, _attributes(file.body))


def _attributes(body: Mapping[str, object]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", body["attributes"])
