"""OpenAI's manner.

Floor 6.
"""

from collections.abc import Mapping

from seedbed.api.manner import Headers, Sent
from seedbed.api.openai import write
from seedbed.api.problems import Problem
from seedbed.core.errors import SeedbedError


class OpenAi:
    """What all of OpenAI's calls share. `fields` says how a call names the neutral ones."""

    fields: Mapping[str, str] = write.FIELDS

    def problem(self, error: SeedbedError, *, request_id: str) -> Problem:
        """An error as the whole response."""
        del request_id
        return write.problem(error, self.fields)

    def head(self, request_id: str, sent: Sent) -> Headers:
        """The headers that every response has."""
        del sent
        return ((b"x-request-id", request_id.encode()),)
