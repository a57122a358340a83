"""`POST /v1/responses` and `POST /v1/responses/input_tokens`.

Floor 6. Reading is in `read.py`, writing in `writer.py`, and what comes in between in `way.py`.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.responses.items import REFERENCE, Kept, numbered
from seedbed.api.openai.responses.output import Style
from seedbed.api.openai.responses.read import SEALED, Asked, read_asked, read_response
from seedbed.api.openai.responses.replay import Replay
from seedbed.api.openai.responses.searching import RESULTS
from seedbed.api.openai.responses.state import Past
from seedbed.api.openai.responses.way import Conversing, Later
from seedbed.api.openai.responses.wire import AskBody, ResponseBody
from seedbed.api.openai.responses.writer import FIELDS, ResponseWriter
from seedbed.api.openai.usual import Usual
from seedbed.core.ask import CountAsk
from seedbed.core.event import Reply
from seedbed.core.value import changed
from seedbed.knowledge.search import Searching
from seedbed.tools.remote import BOUNDS, Bounds

_OF_THE_CALLER = frozenset({"background", "stream", "stream_options"})


class Responses(OpenAi):
    """What is said is answered, and both are kept."""

    fields = FIELDS

    def __init__(
        self,
        past: Past,
        usual: Usual,
        bounds: Bounds = BOUNDS,
        searching: Searching | None = None,
    ) -> None:
        self._past, self._usual, self._bounds = past, usual, bounds
        self._searching = searching

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for a response."""
        base = request_id.removeprefix("req_")
        asked, typed = read_response(body, ResponseBody, numbered(base))
        if typed.model is None:
            asked = _settled(asked, typed, self._usual.model_for(asked.ask))
        head = head_of(asked, typed, f"resp_{base}", now)
        writer = ResponseWriter(head, style_of(asked, typed, base))
        if typed.background:
            replay = Replay(head, is_awaited=bool(typed.stream))
            later = Later(self._past, asked, replay, _again(body, asked.ask.model))
            return Reading(asked.ask, writer, replay if typed.stream else None, way=later)
        way = Conversing(self._past, asked, writer, self._bounds, self._searching)
        return Reading(asked.ask, writer, writer if typed.stream else None, way)


class InputTokens(OpenAi):
    """The tokens of a prompt are counted."""

    fields = FIELDS

    def __init__(self, past: Past, usual: Usual) -> None:
        self._past, self._usual = past, usual

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request to count."""
        del now
        asked, typed = read_asked(body, AskBody, numbered(request_id.removeprefix("req_")))
        if typed.model is None:
            asked = _settled(asked, typed, self._usual.model_for(CountAsk(asked.ask)))
        return Reading(CountAsk(asked.ask), _Count(), way=Conversing(self._past, asked, None))


class _Count:
    """Writes how many tokens there are."""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        told = {"object": "response.input_tokens", "input_tokens": reply.counted}
        return msgspec.json.encode(told)


def style_of(asked: Asked, body: ResponseBody, base: str) -> Style:
    """How the answer is told; `base` is what its id ends with."""
    told = body.reasoning
    return Style(
        base,
        sum(item["type"] != REFERENCE for item in asked.items),
        asked.tools.custom,
        sums_up=bool(told and (told.summary or told.generate_summary)),
        seals=SEALED in (body.include or ()),
        shows=RESULTS in (body.include or ()),
    )


def head_of(asked: Asked, body: ResponseBody, id_: str, now: int) -> Kept:
    """What of a response is known before it is answered; all that its readers hold it to."""
    reasoning = body.reasoning
    choice = body.tool_choice or "auto"
    return {
        "id": id_,
        "object": "response",
        "created_at": now,
        "status": "queued" if body.background else "in_progress",
        "background": bool(body.background),
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "max_tool_calls": body.max_tool_calls,
        "metadata": body.metadata or {},
        "model": body.model,
        "output": [],
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": asked.previous,
        "conversation": {"id": asked.conversation} if asked.conversation else None,
        "reasoning": {
            "effort": reasoning.effort if reasoning else None,
            "summary": (reasoning.summary or reasoning.generate_summary) if reasoning else None,
        },
        "service_tier": "default",
        "store": body.store is not False,
        "temperature": body.temperature,
        "text": {"format": _format(body), "verbosity": "medium"},
        "tool_choice": msgspec.to_builtins(choice),
        "tools": list(asked.tools.told),
        "top_logprobs": body.top_logprobs or 0,
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": body.user,
    }


def _settled(asked: Asked, body: AskBody, model: str) -> Asked:
    """What was read of a body that names no model, and the body, with one."""
    body.model = model
    return changed(asked, ask=changed(asked.ask, model=model))


def _again(body: bytes, model: str) -> Mapping[str, object]:
    """The body as a job asks it: for an answer at once, which the job itself keeps."""
    said: Kept = msgspec.json.decode(body)
    rest = {name: value for name, value in said.items() if name not in _OF_THE_CALLER}
    return rest | {"model": model, "store": False}


def _format(body: AskBody) -> Kept:
    """The form of the answer, flat, with what is known of it."""
    told = body.text.format if body.text else None
    if told is None:
        return {"type": "text"}
    if told.json_schema is not None:
        return {"type": told.type, **msgspec.to_builtins(told.json_schema)}
    said: Kept = msgspec.to_builtins(told)
    return {name: value for name, value in said.items() if value is not None}
