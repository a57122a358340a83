"""Films that a model made without a Scene: finished, judged, and noted with the consents they name.

Floor 5. Those that are drawn of a Scene are `seedbed.media.drafting`'s.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from seedbed.core.consent import Use
from seedbed.core.finish import FIELD, TITLES, read_finish
from seedbed.core.job import Job
from seedbed.jobs.step import Steps
from seedbed.media.captions import captions_of
from seedbed.media.consenting import referred
from seedbed.media.finishing import Finishing
from seedbed.media.rules import Rules
from seedbed.media.safety import Judged
from seedbed.media.shelf import Shelf
from seedbed.media.work import Came

_LONGEST_TITLE = 80


class Generated:
    """Hands such films out."""

    def __init__(self, shelf: Shelf, finishing: Finishing, rules: Rules) -> None:
        self._shelf, self._finishing, self._rules = shelf, finishing, rules

    async def made(self, job: Job, steps: Steps, film: Mapping[str, Any]) -> Mapping[str, Any]:
        """The facts of a film that a model made, once it is finished and may be handed out.

        Raises:
            RequestMalformed: it cannot be finished as it was wished for.
            ConsentMissing: a consent was withdrawn meanwhile.
            ContentRefused: it is not handed out.
            StoreUnusable: the disk is full.
        """
        finish, ask = read_finish(job.input.get(FIELD, {})), cast("Any", job.input["ask"])
        said = () if finish.captions in {"", TITLES} else tuple(captions_of(finish))
        prompt, named = str(ask.get("prompt", "")), referred(ask.get("refs", ()))
        came = Came(film, prompt[:_LONGEST_TITLE], ("generated",), said)
        finished = await self._finishing.finish(job, steps, came)
        hash_ = str(finished["hash"])
        await self._rules.consenting.permit_all(named, job.owner, Use.FILMS)
        if self._rules.safety.asks:
            await self._judged(job, prompt, hash_)
        await self._rules.consenting.note_all(named, hash_, job=job.id)
        return finished

    async def _judged(self, job: Job, prompt: str, hash_: str) -> None:
        """See that a film may be handed out.

        Raises:
            ContentRefused: it may not.
        """
        with self._shelf.folder(job) as folder:
            film = await self._shelf.lay(hash_, folder / "judged", job.owner.project)
            await self._rules.safety.after(Judged(prompt, None, (Path(film),), kind="video"))
