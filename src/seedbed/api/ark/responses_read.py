"""From Ark's words for a response to an ask.

Floor 6. They are OpenAI's, with Ark's beside them. Dropped by name: `caching` where it is disabled,
since a cache is there in any case; `chunking_strategy` of a sound; `user`.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from seedbed.api.openai import wire
from seedbed.api.openai.body import Refused, missing, refuse
from seedbed.api.openai.responses.items import NewId
from seedbed.api.openai.responses.read import Asked
from seedbed.api.openai.responses.read import read_response as read_openai
from seedbed.api.openai.responses.state import KEPT_SECONDS
from seedbed.api.openai.responses.wire import ResponseBody as OpenAiBody
from seedbed.core.ask import Limits, ReasoningPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.value import changed, value

_LIFE_SECONDS = 3 * 86_400
"""How long a response is kept, if nothing is said."""
_UNSERVED: Refused = {
    "background": ((False,), "the vendor has no word to end it by"),
    "session": (({},), "`previous_response_id` goes on from what was said"),
}


class Caching(msgspec.Struct):
    """Whether later responses find in a cache what was read; with `prefix` it is read alone."""

    type: Literal["enabled", "disabled"] | None = None
    prefix: bool | None = None


class Thinking(msgspec.Struct):
    """Whether to think."""

    type: Literal["enabled", "disabled", "auto"] | None = None


class ResponseBody(OpenAiBody, kw_only=True):
    """The body of `POST /responses`; `expire_at` is in epoch seconds."""

    thinking: Thinking | None = None
    caching: Caching | None = None
    expire_at: wire.Positive | None = None
    session: dict[str, object] | None = None


@value
class Read:
    """What was read. With `reads_only` the model says nothing; what is kept is gone `until`, in
    epoch seconds.
    """

    asked: Asked
    body: ResponseBody
    reads_only: bool
    until: int | None


def read_response(body: bytes, new_id: NewId, now: int) -> Read:
    """What a body asks; `now` is in epoch seconds.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range, or
            two do not go together.
        FieldUnserved: it wants what is not served.
    """
    asked, typed = read_openai(body, ResponseBody, new_id)
    if typed.model is None:
        raise missing("model", "a request names its model")
    refuse(typed, _UNSERVED)
    _refuse_partial(typed.input)
    if asked.tools.search:
        raise FieldUnserved("tools.type", value="'file_search'", because="Ark has no such tool.")
    reads_only = _reads_only(typed)
    unknown = asked.ask.extra.get("openai.responses", {})
    extra = {name: said for name, said in unknown.items() if said is not None}
    ask = changed(
        asked.ask,
        reasoning=_thought(typed.thinking, asked.ask.reasoning),
        limits=Limits(1) if reads_only else asked.ask.limits,
        extra={"ark.responses": extra} if extra else {},
    )
    until = None if typed.store is False else _until(typed.expire_at, now)
    return Read(changed(asked, ask=ask), typed, reads_only, until)


def is_cached(body: ResponseBody) -> bool:
    """Whether a cache is wanted."""
    return bool(body.caching and body.caching.type == "enabled")


def _reads_only(body: ResponseBody) -> bool:
    """Whether a prefix is cached, and nothing answered.

    Raises:
        RequestMalformed: the answer is bounded, or streamed.
    """
    if not (is_cached(body) and body.caching and body.caching.prefix):
        return False
    told: Mapping[str, object] = {
        "max_output_tokens": body.max_output_tokens,
        "stream": body.stream,
    }
    if field := next((name for name, said in told.items() if said), None):
        raise RequestMalformed(
            f"Field {field!r} is given, and with 'caching.prefix' nothing is answered.",
            hint="Leave one of them out.",
            field=field,
        )
    return True


def _thought(told: Thinking | None, by_effort: ReasoningPolicy) -> ReasoningPolicy:
    """Whether to think, by both fields that say so; either that says no wins."""
    if told is None or told.type not in {"enabled", "disabled"} or by_effort.mode == "off":
        return by_effort
    return ReasoningPolicy("off") if told.type == "disabled" else changed(by_effort, mode="on")


def _refuse_partial(said: str | list[dict[str, object]] | None) -> None:
    for at, item in enumerate(said if isinstance(said, list) else ()):
        if item.get("partial"):
            why = "no engine goes on from the middle of an answer."
            raise FieldUnserved(f"input[{at}].partial", value="true", because=why)


def _until(said: int | None, now: int) -> int:
    """When a response is gone.

    Raises:
        RequestMalformed: that has been, or is too far off.
    """
    until = now + _LIFE_SECONDS if said is None else said
    if not now < until <= now + KEPT_SECONDS:
        raise RequestMalformed(
            f"Field 'expire_at' is {until}, and it is {now} now.",
            hint=f"Send a later one, of at most {KEPT_SECONDS} seconds from now.",
            field="expire_at",
        )
    return until
