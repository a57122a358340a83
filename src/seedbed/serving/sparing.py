"""What an answer was spared by what had been read before it.

Floor 4.
"""

from dataclasses import replace

from seedbed.core.money import Entry
from seedbed.core.route import Spared
from seedbed.core.usage import Usage
from seedbed.serving.deployment import LiveDeployment


def spared(live: LiveDeployment, entry: Entry, *, known: int, waited: float) -> Spared | None:
    """What the entry's answer was spared; `None` where nothing of its prompt was in the cache.

    Not every engine tells what it found there. Where none is told, and so many bytes were `known`
    to have been read before, the time to the first token decides, less the seconds that were
    `waited` before the engine was asked: nothing was spared that took as long as to read it all.
    """
    speed, usage = live.load_now.speed, entry.usage
    if tokens := usage.input_cache_read:
        seconds = speed.reading(tokens)
        anew = replace(usage, input_fresh=usage.input_fresh + tokens, input_cache_read=0)
    else:
        tokens, anew = min(round(known / speed.bytes_per_token), usage.input_fresh), usage
        if not tokens or entry.first is None:
            return None
        took = entry.first / 1e6 - waited
        alone = speed.held(Usage(usage.input_fresh, 0, usage.input_cache_write))
        seconds = min(speed.reading(tokens), alone - took)
        if seconds <= 0:
            return None
    more = round(seconds * 1e6)
    held = more if live.deployment.own_hardware else 0
    micros = live.tariff.cost(anew, held).micros - live.tariff.cost(usage, 0).micros
    return Spared(tokens, more, micros)
