"""The tool `create_video`: a film by any model of the house that films, as a job.

Floor 5. The job is followed with `watch_job`; the film is had where all of the project's are.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from seedbed.core.access import Principal
from seedbed.core.film import VideoAsk
from seedbed.core.job import Job
from seedbed.core.message import Text
from seedbed.tools.arguments import SIZE, read, schema_of, size_in
from seedbed.tools.submitting import admit
from seedbed.tools.tool import Progress, Said

Begin: TypeAlias = Callable[[Principal, VideoAsk], Awaitable[tuple[str, Job]]]
"""Has a film made; gives its id and its job."""


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    model: Annotated[str, msgspec.Meta(description="A name from list_models, with `videos`.")]
    prompt: Annotated[str, msgspec.Meta(description="What is to be seen and heard.")]
    seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] | None = None
    size: Annotated[str, SIZE] = ""


class CreateVideo:
    """Submits the job of a film."""

    name = "create_video"
    description = (
        "Have a film made. It takes a while: follow its job with watch_job. Once that has "
        "succeeded the film is at GET /v1/videos/{video}/content."
    )
    schema = schema_of(_Arguments)

    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Submit.

        Raises:
            AccessDenied: the caller is a job.
            RequestMalformed: the arguments cannot be read.
            ModelUnknown, FeatureUnserved: no such model films.
        """
        del progress
        admit(principal)
        wish = read(arguments, _Arguments)
        film = VideoAsk(wish.model, wish.prompt, seconds=wish.seconds, size=size_in(wish.size))
        id_, job = await self._begin(principal, film)
        told = {"video": id_, "job": job.id, "state": job.state.value}
        return Said((Text(json.dumps(told)),))
