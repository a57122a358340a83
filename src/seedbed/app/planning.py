"""Who plans what is drawn: the rules, or the chat model that the operator chose.

Floor 7.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any, cast

import anyio.to_thread

from seedbed.core.ask import Format
from seedbed.core.feature import Feature
from seedbed.core.job import Job
from seedbed.core.message import Message
from seedbed.jobs.film import Calls
from seedbed.media.asked import planned, planned_by, planner
from seedbed.media.drafting import Planned
from seedbed.media.foreseeing import Foreseeing
from seedbed.media.planning import Write, body_of
from seedbed.media.rules import Rules
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.once import Generate


def foreseen(
    generate: Generate, model: str, named: Mapping[str, LiveDeployment], rules: Rules
) -> Generate:
    """The road behind, for pictures that the model of that name plans, if there is one."""
    if not model:
        return generate

    def draws(name: str) -> bool:
        return name in named and Feature.SCENES in named[name].engine.features

    before = rules.safety.before
    return Foreseeing(generate, model, draws=draws, planner=planner, before=before).generate


async def plan_for(calls: Calls, model: str, job: Job, token: str, key: str) -> Planned:
    """The Scene of a job, by rule or by the model of that name, and what was not understood."""
    ask = cast("Mapping[str, Any]", job.input["ask"])
    if not model:
        return await anyio.to_thread.run_sync(planned, ask)
    return await planned_by(ask, _writing(calls, model, job, token, key))


def _writing(calls: Calls, model: str, job: Job, token: str, key: str) -> Write:
    """Have a model write on behalf of a job; each time is a call of its own."""
    rounds = count(1)

    async def write(messages: tuple[Message, ...], form: Format) -> str:
        body = body_of(model, messages, form)
        return await calls.write(job, body, token=token, key=f"{key}-{next(rounds)}")

    return write
