"""From a body of Responses to an ask, and to what the ask goes on from.

Floor 6. What would change the meaning and is not served is refused by name; what is harmless is
accepted and listed in docs/reference/http.md. Dropped are `verbosity` medium, `prompt_cache_*`,
`safety_identifier`, and of items `phase`.
"""

from collections.abc import Mapping
from typing import TypeVar

from seedbed.api.openai.body import Refused, missing, read_body, refuse
from seedbed.api.openai.responses.items import Kept, NewId, kept, read_items
from seedbed.api.openai.responses.said import messages
from seedbed.api.openai.responses.tools import Tools, read_policy, read_tools
from seedbed.api.openai.responses.wire import AskBody, ConversationId, ResponseBody, TextFormat
from seedbed.api.openai.thought import BUDGETS
from seedbed.api.openai.wishes import read_checks
from seedbed.core.ask import Ask, Format, Limits, ReasoningPolicy, Sampling
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.value import changed, value

Body = TypeVar("Body", bound=AskBody)
Whole = TypeVar("Whole", bound=ResponseBody)
_LIKELY = "message.output_text.logprobs"
SEALED = "reasoning.encrypted_content"

_UNSERVED: Refused = {"truncation": (("disabled",), "an input that is too long is refused")}
_UNSERVED_WHOLE: Refused = {
    "service_tier": (("auto", "default"), "there is one tier"),
    "context_management": (([], {}, {"edits": []}), "nothing is compacted"),
    "prompt": ((), "no prompts are kept"),
    "moderation": ((), "nothing is moderated"),
    "multi_agent": (({"enabled": False},), "one model answers"),
}
_REASONING: Refused = {
    "context": (("auto",), "what was thought before is told to the model where it is sent"),
    "mode": (("standard",), "there is one way to think"),
}
_TEXT: Refused = {"verbosity": (("medium",), "no engine takes it")}


@value
class Asked:
    """What was read: the ask of this turn alone, its items, and what it goes on from.

    `instructions` are told to the model before what was said earlier. Of tools that this house runs
    at most `calls` calls are made.
    """

    ask: Ask
    items: tuple[Kept, ...]
    tools: Tools
    instructions: str | None = None
    previous: str | None = None
    conversation: str | None = None
    calls: int | None = None


def read_asked(body: bytes, kind: type[Body], new_id: NewId) -> tuple[Asked, Body]:
    """What a body asks, and the body as it was typed; the ask has no limits and no sampling yet.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: it wants what is not served.
    """
    typed, unknown = read_body(body, kind)
    _refuse(typed)
    tools = read_tools(typed)
    items = read_items(typed.input or [], field="input")
    instructions = typed.instructions
    ask = Ask(
        typed.model or "",
        messages(items, instructions=instructions),
        tools.tools,
        read_policy(typed, tools),
        _form(typed.text.format if typed.text else None),
        _thought(typed),
        extra={"openai.responses": unknown} if unknown else {},
    )
    said = tuple(kept(item, new_id) for item in items)
    asked = Asked(ask, said, tools, instructions, typed.previous_response_id, _conversation(typed))
    if not (asked.items or asked.previous or asked.conversation):
        raise missing("input", "there is nothing to answer")
    return asked, typed


def read_response(body: bytes, kind: type[Whole], new_id: NewId) -> tuple[Asked, Whole]:
    """What a body of `POST /v1/responses` asks, and the body as it was typed.

    Raises:
        RequestMalformed, FieldUnserved
    """
    asked, typed = read_asked(body, kind, new_id)
    refuse(typed, _UNSERVED_WHOLE)
    if typed.background and typed.store is False:
        why = "what is asked for in the background is kept."
        raise FieldUnserved("store", value="false", because=why)
    if typed.background and asked.tools.are_run:
        why = "what opens a server of tools is not kept, and nothing is searched twice."
        raise FieldUnserved("background", value="true", because=why)
    ask = changed(
        asked.ask,
        limits=Limits(typed.max_output_tokens),
        sampling=Sampling(typed.temperature, typed.top_p, logprobs=_logprobs(typed)),
        whole=not typed.stream,
        deadline=typed.seedbed.deadline if typed.seedbed else None,
        checks=read_checks(typed.seedbed) if typed.seedbed else (),
        metadata=typed.metadata or {},
    )
    return changed(asked, ask=ask, calls=typed.max_tool_calls), typed


def _refuse(body: AskBody) -> None:
    refuse(body, _UNSERVED)
    if body.reasoning:
        refuse(body.reasoning, _REASONING)
    if body.text:
        refuse(body.text, _TEXT)
    if body.previous_response_id and body.conversation:
        raise RequestMalformed(
            "Fields 'previous_response_id' and 'conversation' both tell what was said before.",
            hint="Send one of them.",
            field="conversation",
        )


def _conversation(body: AskBody) -> str | None:
    told = body.conversation
    return told.id if isinstance(told, ConversationId) else told


def _form(told: TextFormat | None) -> Format:
    if told is None or told.type == "text":
        return Format()
    if told.type == "json_object":
        return Format("json")
    spec = told.json_schema or told
    if not spec.name:
        raise missing("text.format.name", "a schema has a name")
    return Format("schema", spec.name, spec.schema or {}, strict=bool(spec.strict))


def _thought(body: AskBody) -> ReasoningPolicy:
    effort = body.reasoning.effort if body.reasoning else None
    if effort is None:
        return ReasoningPolicy()
    return ReasoningPolicy("off") if effort == "none" else _for(effort, BUDGETS)


def _for(effort: str, budgets: Mapping[str, int | None]) -> ReasoningPolicy:
    return ReasoningPolicy("on", effort, budgets[effort])


def _logprobs(body: ResponseBody) -> int | None:
    if body.top_logprobs or _LIKELY in (body.include or ()):
        return body.top_logprobs or 0
    return None
