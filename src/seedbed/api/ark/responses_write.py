"""Responses as Ark tells them: OpenAI's, with Ark's fields and its errors.

Floor 6. What a model thought is told through the summary of an item alone. Fields that only
OpenAI's clients look for stand beside Ark's. Dropped by name: the stop text that was met, and
`[DONE]`, which neither vendor's client waits for.
"""

from collections.abc import Mapping
from typing import cast

import msgspec

from seedbed.api import problems
from seedbed.api.ark import write
from seedbed.api.openai.responses import writer
from seedbed.api.openai.responses.items import Kept
from seedbed.api.openai.responses.output import Style
from seedbed.core.errors import SeedbedError

FIELDS = writer.FIELDS
_SCHEMA = ("name", "description", "schema", "strict")


class ArkResponseWriter(writer.ResponseWriter):
    """One response; one that `reads_only` has no words."""

    def __init__(
        self, head: Mapping[str, object], style: Style, request_id: str, *, reads_only: bool
    ) -> None:
        super().__init__(head, style)
        self._request_id, self._reads_only = request_id, reads_only

    @property
    def body(self) -> Kept:
        """The response as it stands."""
        told = super().body
        told["text"] = _text(cast(Kept, told["text"]))
        if told["usage"]:
            tools: Kept = {"tool_usage": None, "tool_usage_details": None}
            told["usage"] = cast(Kept, told["usage"]) | tools
        if self._reads_only and told["status"] == "incomplete":
            told |= {"status": "completed", "incomplete_details": None}
        return told

    @property
    def output(self) -> list[Kept]:
        """The items as they stand."""
        return [] if self._reads_only else super().output

    def _error(self, error: SeedbedError) -> Kept:
        body = write.error_body(problems.told(error), self._request_id, FIELDS)
        told: dict[str, Kept] = msgspec.json.decode(body)
        return told["error"]

    def _fault(self, error: SeedbedError) -> Kept:
        told = self._error(error)
        return {"code": told["code"], "message": told["message"]}


def _text(told: Kept) -> Kept:
    """The form of the answer: where it is a schema, flat and below it, as each client reads it."""
    form = cast(Kept, told["format"])
    spec = {name: form[name] for name in _SCHEMA if name in form}
    return told | {"format": form | {"json_schema": spec}} if spec else told
