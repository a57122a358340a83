"""The tool `submit_batch`: many asks as one job, which goes on when nobody waits for it.

Floor 5.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import msgspec

from seedbed.core.access import Principal
from seedbed.core.job import Draft, Owner
from seedbed.core.message import Text
from seedbed.core.money import MICROS, Amount
from seedbed.jobs.batch import LINES, PATHS, read_lines
from seedbed.kit.clock import Clock
from seedbed.store.artifacts import Artifacts
from seedbed.store.jobs import Jobs
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.submitting import admit
from seedbed.tools.tool import Progress, Said

_HELD_SECONDS = 86_400
"""How long the file of asks is kept for the caller, besides for the job."""
_MOST = 1_000


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    lines: Annotated[
        list[dict[str, Any]],
        msgspec.Meta(
            min_length=1,
            max_length=_MOST,
            description=(
                'Each is {"custom_id": ..., "body": {...}}, with the body of a request to '
                f"{PATHS[0]}; another `url` may be named: {', '.join(PATHS[1:])}."
            ),
        ),
    ]
    cap: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$",
            max_length=16,
            description="The most that it may cost, as decimal text.",
        ),
    ] = ""


class SubmitBatch:
    """Submits jobs of the kind `batch`, in money of `currency`."""

    name = "submit_batch"
    description = "Submit many asks as one job, which is followed with watch_job."
    schema = schema_of(_Arguments)

    def __init__(self, jobs: Jobs, artifacts: Artifacts, clock: Clock, currency: str) -> None:
        self._jobs, self._artifacts, self._clock = jobs, artifacts, clock
        self._currency = currency

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Submit.

        Raises:
            AccessDenied: the caller is a job, whose budget would not bound this one.
            RequestMalformed: a line is none.
        """
        del progress
        admit(principal)
        wish = read(arguments, _Arguments)
        said = b"\n".join(msgspec.json.encode({"url": PATHS[0]} | one) for one in wish.lines)
        read_lines(said)
        now = round(self._clock.wall() * 1e6)
        file = await self._kept(said, principal, until=now + _HELD_SECONDS * MICROS)
        owner = Owner(principal.user, principal.project, principal.key)
        draft = Draft("batch", {"file": file}, owner, cap=_amount(wish.cap, self._currency))
        job = await self._jobs.submit(draft, now=now)
        await self._artifacts.hold(file, job.id, project=principal.project)
        return Said((Text(json.dumps({"job": job.id, "state": job.state.value})),))

    async def _kept(self, said: bytes, principal: Principal, *, until: int) -> str:
        """The hash of a file with what was said, kept for the caller."""
        project, name = principal.project, "batch.jsonl"
        put = partial(self._artifacts.put, holder=principal.key, project=project, until=until)
        return (await put(_whole(said), LINES, name=name)).hash


async def _whole(said: bytes) -> AsyncGenerator[bytes]:
    yield said


def _amount(text: str, currency: str) -> Amount | None:
    return Amount(int(Decimal(text) * MICROS), currency) if text else None
