"""The end of a task as its `callback_url` is told of it: as the task would be shown.

Floor 6. It is told by a worker, which has no doors: links lead to where the task was asked for.
"""

from functools import partial

from seedbed.api.ark.tasks import told
from seedbed.api.films.films import KIND, Film, link_of
from seedbed.api.links import Links
from seedbed.core.job import Job
from seedbed.jobs.callback import Words
from seedbed.kit.clock import Clock
from seedbed.store.objects import Objects


def words_of(objects: Objects, links: Links, clock: Clock) -> Words:
    """Makes what is told of a task."""

    async def tell(job: Job) -> object:
        kept = await objects.find(KIND, str(job.input["film"]), job.owner.project)
        base = job.callback.base if job.callback else ""
        link = partial(link_of, links, base=base, now=round(clock.wall() * 1e6))
        return await told(Film(kept, job), link)

    return tell
