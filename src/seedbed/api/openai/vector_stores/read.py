"""From the words of a vector store to what is meant: how to cut, and what to search for.

Floor 6.
"""

from seedbed.api.openai.vector_stores.wire import (
    Bounded,
    Chunking,
    Filter,
    Ranking,
    SearchBody,
    Static,
)
from seedbed.core.errors import RequestMalformed
from seedbed.indexes.base import Weights
from seedbed.knowledge.rules import ORDERED, Rule
from seedbed.knowledge.search import Search

_AUTO = Static(800, 400)
_JOINS = frozenset({"and", "or"})
_LISTS = frozenset({"in", "nin"})


def cutting(said: Chunking | None, *, field: str = "chunking_strategy") -> Static:
    """How a file is cut.

    Raises:
        RequestMalformed: the pieces overlap by more than half, or nothing says how long they are.
    """
    if said is None or said.type == "auto":
        return _AUTO
    static = said.static
    if static is None or 2 * static.chunk_overlap_tokens > static.max_chunk_size_tokens:
        raise RequestMalformed(
            "A static strategy has pieces that overlap by at most half of their length.",
            hint="Send max_chunk_size_tokens, and at most half of it as chunk_overlap_tokens.",
            field=f"{field}.static",
        )
    return static


def searched(body: SearchBody) -> Search:
    """What a body asks to be found.

    Raises:
        RequestMalformed: a filter cannot be understood, or nothing counts.
    """
    queries = (body.query,) if isinstance(body.query, str) else tuple(body.query)
    return bounded(body, queries)


def bounded(said: Bounded, queries: tuple[str, ...] = (), *, where: str = "") -> Search:
    """A search for these within what is said; `where` stands before the names of its fields.

    Raises:
        RequestMalformed: a filter cannot be understood, or nothing counts.
    """
    most, ranking = said.max_num_results or 10, said.ranking_options or Ranking()
    rule = read_rule(said.filters, f"{where}filters") if said.filters else None
    counts = weights(ranking, f"{where}ranking_options")
    return Search(queries, most, ranking.score_threshold or 0.0, rule, counts)


def weights(ranking: Ranking, field: str = "ranking_options") -> Weights:
    """What the two ranks count.

    Raises:
        RequestMalformed: neither counts.
    """
    if (hybrid := ranking.hybrid_search) is None:
        return Weights()
    if not hybrid.embedding_weight + hybrid.text_weight:
        raise RequestMalformed(
            "Neither the meaning nor the words count.",
            hint="Give one of them a weight above 0.",
            field=f"{field}.hybrid_search",
        )
    return Weights(hybrid.embedding_weight, hybrid.text_weight)


def read_rule(said: Filter, field: str = "filters") -> Rule:
    """What a filter wants.

    Raises:
        RequestMalformed: it compares with nothing, or joins none.
    """
    if said.type in _JOINS:
        if not said.filters:
            raise _wrong(field, f"{said.type!r} joins 'filters'")
        inner = enumerate(said.filters)
        rules = tuple(read_rule(one, f"{field}.filters[{at}]") for at, one in inner)
        return Rule(said.type, rules=rules)
    if said.key is None or said.value is None:
        raise _wrong(field, f"{said.type!r} compares a 'key' with a 'value'")
    if isinstance(said.value, list) != (said.type in _LISTS):
        raise _wrong(field, f"{said.type!r} takes {'a list' if said.type in _LISTS else 'no list'}")
    if said.type in ORDERED and isinstance(said.value, bool):
        raise _wrong(field, f"{said.type!r} compares numbers or texts")
    return Rule(said.type, said.key, said.value)


def _wrong(field: str, why: str) -> RequestMalformed:
    return RequestMalformed(
        f"Field {field!r} is no filter: {why}.",
        hint='A filter is {"type": "eq", "key": "author", "value": "Ada"}.',
        field=field,
    )
