"""A trace of mixed work, made by chance: the same for the same seed.

Floor 5. Of the requests 40 % share one of a few long beginnings, 30 % are short and waited for by
somebody, 20 % are turns of agents, whose text grows with each, and 10 % fill in a form, which
nobody waits for.
"""

from collections.abc import Iterator
from random import Random

from seedbed.bench.simulate.trace import Request
from seedbed.core.ask import Priority

_SHARED, _SHORT, _FORMS = 0.4, 0.3, 0.1
_BEGINNINGS = 20
_KEYS = 50
_TURNS = 20
_APPENDED = 300
_THINKING_SECONDS = 5.0


def make(count: int, *, seed: int, rate: float) -> list[Request]:
    """So many requests, of which `rate` come in a second on average."""
    random = Random(seed)  # noqa: S311 - the same trace each time
    span = count / rate
    turns = [*_agents(random, count - round(count * (_SHARED + _SHORT + _FORMS)), span)]
    moments = (random.uniform(0, span) for _ in range(count - len(turns)))
    return sorted([*turns, *(_single(random, at) for at in moments)], key=lambda one: one.at)


def _single(random: Random, at: float) -> Request:
    kind = random.uniform(0, _SHARED + _SHORT + _FORMS)
    key = f"key-{_often_low(random, _KEYS)}"
    if kind < _SHARED:
        beginning = f"beginning-{_often_low(random, _BEGINNINGS)}"
        own = _about(random, 40)
        return Request(
            at, 1_500 + own, _about(random, 32), beginning, shared=1_500, keeps=1_500, key=key
        )
    if kind < _SHARED + _SHORT:
        words = _about(random, 128), _about(random, 64)
        return Request(at, *words, priority=Priority.INTERACTIVE, key=key, deadline=60.0)
    words = _about(random, 300), _about(random, 80)
    return Request(at, *words, priority=Priority.BATCH, key=key, form=True)


def _agents(random: Random, count: int, span: float) -> Iterator[Request]:
    """The turns of as many agents as make up the count; all begin within the span."""
    for first in range(0, count, _TURNS):
        at, text, key = random.uniform(0, span), 0, f"key-{_often_low(random, _KEYS)}"
        for _ in range(min(_TURNS, count - first)):
            output, read = _about(random, 32), text + _APPENDED
            keeps = read + output
            yield Request(at, read, output, f"agent-{first}", shared=text, keeps=keeps, key=key)
            at, text = at + random.expovariate(1 / _THINKING_SECONDS), keeps


def _about(random: Random, tokens: int) -> int:
    return max(1, round(tokens * random.uniform(0.5, 1.5)))


def _often_low(random: Random, most: int) -> int:
    """A number below `most`; the lower, the more often, as names are used."""
    return int(most ** random.random()) - 1
