"""`POST /seedbed/scenes/check`: whether a Scene can be drawn whole, before any of it is.

Floor 6. Asked by jobs before the first piece of a film is paid, and by programs of this house. It
costs nothing.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api.dialect import Dialect, Reading
from seedbed.api.openai import wire
from seedbed.api.openai.body import read_body
from seedbed.api.openai.manner import OpenAi
from seedbed.core.ask import SceneAsk
from seedbed.core.event import Reply
from seedbed.core.scene.form import read_scene
from seedbed.jobs.film import LOOK


class LookBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body: who would draw it, and the Scene."""

    model: wire.Name
    scene: dict[str, object]


class LookCall(OpenAi):
    """A Scene is looked over."""

    fields: Mapping[str, str] = {}

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for a look at a Scene."""
        del request_id, now
        asked, _ = read_body(body, LookBody)
        read_scene(asked.scene)
        return Reading(SceneAsk(asked.model, asked.scene), LookWriter())


class LookWriter:
    """Writes that it can be drawn; what cannot is an error."""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        del reply
        return b'{"drawable":true}'


CALLS: Mapping[tuple[str, str], Dialect] = {("POST", LOOK): LookCall()}
