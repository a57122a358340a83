"""Writes a response, whole or event by event.

Floor 6. It is told each event before it is told to write it, by the way of the ask, which keeps
what it makes; an end that no way saw (a caller who is cut off) it takes when it writes it.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api.openai import write
from seedbed.api.openai.responses.events import Events
from seedbed.api.openai.responses.items import Kept
from seedbed.api.openai.responses.output import CUSTOM, Style, logprobs
from seedbed.api.openai.responses.walk import Grown, Move, Opened, Walk
from seedbed.api.problems import told
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Finished, Reply, Started, Stop
from seedbed.core.usage import Usage
from seedbed.jobs.response import failure

_INCOMPLETE = {Stop.LENGTH: "max_output_tokens", Stop.FILTER: "content_filter"}
"""Why a response that ended is not complete. The stop text that was met is dropped: there is no
word for it."""


class ResponseWriter:
    """One response; `head` is what is known of it from the beginning."""

    def __init__(self, head: Mapping[str, object], style: Style) -> None:
        self._head, self._style = dict(head), style
        self._walk, self._events = Walk(), Events()
        self._seen: Event | None = None
        self._moves: list[Move] = []
        self.is_begun = False

    def take(self, event: Event) -> None:
        """Hear of an event."""
        self._seen = event
        self._moves = self._walk.take(event)
        if type(event) is Started:
            self.is_begun = True

    @property
    def body(self) -> Kept:
        """The response as it stands."""
        status, ended = self._head["status"], Kept()
        match self._seen:
            case Finished(stop=stop) as end:
                reason = _INCOMPLETE.get(stop)
                status = "incomplete" if reason else "completed"
                ended = {"usage": usage(end.usage), **write.cost(end.entry)}
                if reason:
                    ended["incomplete_details"] = {"reason": reason}
            case Failed(error=error):
                status, ended = "failed", {"error": self._fault(error)}
            case _:
                pass
        return self._head | {"status": status, "output": self.output} | ended

    @property
    def output(self) -> list[Kept]:
        """The items as they stand."""
        return [self._style.closed(item) for item in self._walk.items]

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer, whose events were heard of one by one."""
        del reply
        return msgspec.json.encode(self.body)

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        if event is not self._seen:
            self.take(event)
        sent = b"".join([self._moved(move) for move in self._moves])
        if type(event) is Started:
            return self._events.begun(self.body)
        if type(event) is Finished:
            return sent + self._events.ended(self.body)
        if type(event) is Failed:
            return self._events.failed(self._error(event.error)) + self._events.ended(self.body)
        return sent

    def _error(self, error: SeedbedError) -> Kept:
        """An error as an event tells it."""
        return error_of(error)

    def _fault(self, error: SeedbedError) -> Mapping[str, object]:
        """An error as the response tells it."""
        return failure(self._error(error))

    def _moved(self, move: Move) -> bytes:
        events, item = self._events, move.item
        if type(move) is Grown:
            if item.kind == "call" and item.name in self._style.custom:
                return b""  # its text is within what the model writes, and known at its end
            return events.grown(item.at, move.text, logprobs(move.likely) if move.likely else ())
        form = self._style.form(item)
        if type(move) is Opened:
            return events.opened(item.at, form, self._style.opened(item))
        closed = self._style.closed(item)
        late = str(closed["input"]) if form is CUSTOM else ""
        sent = events.grown(item.at, late) if late else b""
        return sent + events.closed(item.at, form, closed)


def error_of(error: SeedbedError) -> Kept:
    """An error as an event tells it."""
    body: dict[str, Kept] = msgspec.json.decode(write.error_body(told(error), FIELDS))
    return body["error"]


def usage(used: Usage) -> Kept:
    """Tokens, as responses tell them."""
    return {
        "input_tokens": used.input,
        "input_tokens_details": {
            "cached_tokens": used.input_cache_read,
            "cache_write_tokens": used.input_cache_write,
        },
        "output_tokens": used.output,
        "output_tokens_details": {"reasoning_tokens": used.output_reasoning},
        "total_tokens": used.input + used.output,
    }


FIELDS: Mapping[str, str] = {"format": "text.format", "messages": "input"}
"""What a field that the gateway or an engine names is called in Responses."""
