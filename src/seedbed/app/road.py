"""The road of a model call, from whoever asks to what answers: each part does one thing and hands
the ask on.

Floor 7. Read from the far end: an answer comes out of a cascade over the gateway; sound is made of
the form that was asked; a film is kept; references are made plain; pictures are prepared for those
who read them; what must not be made is refused; a chat model plans what is drawn, where one is
chosen; and what was asked under a key before is answered from the books.
"""

from dataclasses import dataclass
from functools import partial

from seedbed.app.answering import Answering, Base
from seedbed.app.keeping import Keeping
from seedbed.app.planning import foreseen
from seedbed.app.rules import rules_of
from seedbed.core.budget import Owner
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.media.permitting import Permitting
from seedbed.serving.account import Order
from seedbed.serving.media.filming import Filming
from seedbed.serving.media.preparing import Preparer, Preparing, taken_by
from seedbed.serving.media.references import References, Table
from seedbed.serving.media.sounding import Sounding
from seedbed.serving.media.sources import ArtifactShelf
from seedbed.serving.once import Generate, OnceOnly
from seedbed.store.answers import Answers
from seedbed.store.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Road:
    """The way for an ask, and the way for one that has a key under which it is answered once; and
    the `table` on which what callers send is made plain.
    """

    generate: Generate
    once: OnceOnly
    table: Table


def road_of(base: Base, answering: Answering, keeping: Keeping) -> Road:
    """Every part between those who ask and what answers."""
    settings, database, clock = base.settings, base.database, base.clock
    fetcher = Fetcher(Reach(inward=settings.fetch_private))
    ours = ArtifactShelf(keeping.artifacts, keeping.files.hash_of)
    sounding = Sounding(answering.cascade.generate)
    filming = Filming(sounding.generate, keeping.artifacts, clock=clock)
    table = Table(fetcher, ours)
    referring = References(filming.generate, table)
    preparing = Preparing(
        referring.generate, taken_by(answering.deployments), Preparer(fetcher, ours)
    )
    rules = rules_of(settings, database, clock)
    permitting = Permitting(preparing.generate, rules, settings.home / "safety")
    generate = foreseen(permitting.generate, settings.planner, answering.gateway.named, rules)
    wanted = partial(is_wanted, keeping.tokens)
    once = OnceOnly(generate, Answers(database), answering.meter, clock=clock, is_wanted=wanted)
    return Road(generate, once, table)


async def is_wanted(tokens: Tokens, order: Order) -> bool:
    """Whether somebody comes back for an answer: for one of a job, while the job is wanted."""
    jobs = [one.subject for one in order.principal.budgets if one.owner is Owner.JOB]
    return all([await tokens.is_wanted(job) for job in jobs])
