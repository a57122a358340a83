"""From OpenAI's words to an ask.

Floor 6. What would change the meaning and is not served is refused by name; what is harmless is
accepted and listed in docs/reference/http.md.
"""

from collections.abc import Iterable
from typing import cast

import msgspec

from seedbed.api.openai import wire
from seedbed.core.ask import (
    Ask,
    Format,
    Limits,
    ReasoningPolicy,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Message,
    Part,
    Reasoning,
    Result,
    Role,
    Text,
)

_KNOWN = frozenset(field.encode_name for field in msgspec.structs.fields(wire.ChatBody))
_ROLES = {"developer": Role.SYSTEM}
_MOST_STOPS = 16
_DEEPEST = 200
"""How far values may nest, so that nothing behind the door runs out of stack over a schema."""


def read_chat(body: bytes) -> tuple[Ask, wire.ChatBody]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: it wants what is not served.
    """
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestMalformed(
            f"The body is not JSON: {error}.", hint="Send one JSON object, in UTF-8."
        ) from error
    if _too_deep(raw):
        raise RequestMalformed(
            f"The body nests deeper than {_DEEPEST} levels.", hint="Send a flatter one."
        )
    try:
        chat = msgspec.convert(raw, wire.ChatBody)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        field = where.strip("`").removeprefix("$").removeprefix(".") or None
        raise RequestMalformed(
            f"{f'Field {field!r}' if field else 'The body'}: {what}.",
            hint="docs/reference/http.md lists the fields and their types.",
            field=field,
        ) from error
    _refuse_unserved(chat)
    unknown = {name: value for name, value in raw.items() if name not in _KNOWN}
    ask = Ask(
        model=chat.model,
        messages=tuple(_message(at, message) for at, message in enumerate(chat.messages)),
        tools=tuple(_tool(tool) for tool in chat.tools or ()),
        tool_policy=_tool_policy(chat),
        format=_format(chat.response_format),
        reasoning=_reasoning(chat.reasoning_effort),
        limits=Limits(output=chat.max_completion_tokens or chat.max_tokens, stop=_stops(chat.stop)),
        sampling=_sampling(chat),
        metadata=chat.metadata or {},
        extra={"openai": unknown} if unknown else {},
    )
    return ask, chat


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    match value:
        case dict():
            return cast(dict[str, object], value).values()
        case list():
            return cast(list[object], value)
        case _:
            return ()


def _refuse_unserved(chat: wire.ChatBody) -> None:
    refused = {
        "audio": (chat.audio is not None, "answers are text"),
        "modalities": (chat.modalities not in (None, ["text"]), "answers are text"),
        "prediction": (chat.prediction is not None, "no engine takes predicted output"),
        "web_search_options": (chat.web_search_options is not None, "no search is connected"),
        "functions": (chat.functions is not None, "it was replaced by `tools`"),
        "function_call": (chat.function_call is not None, "it was replaced by `tool_choice`"),
        "store": (bool(chat.store), "completions are not kept"),
        "logit_bias": (bool(chat.logit_bias), "token numbers differ from model to model"),
        "service_tier": (chat.service_tier not in {None, "auto", "default"}, "there is one tier"),
        "verbosity": (chat.verbosity not in {None, "medium"}, "no engine takes it"),
    }
    for field, (asked, because) in refused.items():
        if asked:
            value = msgspec.json.encode(getattr(chat, field)).decode()
            raise FieldUnserved(field, value=value[:80], because=f"{because}.")


def _message(at: int, message: wire.WireMessage) -> Message:
    where = f"messages[{at}]"
    parts = _content(message.content)
    match message.role:
        case "tool":
            if not message.tool_call_id:
                raise _missing(f"{where}.tool_call_id", "a tool's message names the call")
            return Message(Role.TOOL, (Result(message.tool_call_id, parts),))
        case "assistant":
            thought = message.reasoning_content
            before: tuple[Part, ...] = (Reasoning(thought),) if thought else ()
            calls = tuple(
                Call(call.id, call.function.name, call.function.arguments)
                for call in message.tool_calls or ()
            )
            return Message(Role.ASSISTANT, (*before, *parts, *calls))
        case role:
            if message.content is None:
                raise _missing(f"{where}.content", f"a {role} message says something")
            return Message(_ROLES.get(role) or Role(role), parts)


def _missing(field: str, because: str) -> RequestMalformed:
    return RequestMalformed(
        f"Field {field!r} is missing: {because}.", hint="Add it and send again.", field=field
    )


def _content(content: wire.Content) -> tuple[Part, ...]:
    match content:
        case None:
            return ()
        case str():
            return (Text(content),)
        case parts:
            return tuple(_part(part) for part in parts)


def _part(part: wire.ContentPart) -> Part:
    match part:
        case wire.TextPart(text=text) | wire.RefusalPart(refusal=text):
            return Text(text)
        case picture:
            image = picture.image_url
            options = {"detail": image.detail} if image.detail else {}
            return Media(MediaKind.IMAGE, image.url, options)


def _tool(tool: wire.ToolSpec) -> Tool:
    spec = tool.function
    schema = spec.parameters or {}
    return Tool(spec.name, spec.description or "", schema, strict=bool(spec.strict))


def _tool_policy(chat: wire.ChatBody) -> ToolPolicy:
    parallel = chat.parallel_tool_calls is not False
    match chat.tool_choice:
        case wire.ChosenTool(function=chosen):
            names = {tool.function.name for tool in chat.tools or ()}
            if chosen.name not in names:
                raise RequestMalformed(
                    f"Field 'tool_choice' names {chosen.name!r}, which is not in 'tools'.",
                    hint=f"Tools sent: {', '.join(sorted(names)) or 'none'}.",
                    field="tool_choice",
                )
            return ToolPolicy("required", (chosen.name,), parallel)
        case None:
            return ToolPolicy(parallel=parallel)
        case mode:
            return ToolPolicy(mode, (), parallel)


def _format(wanted: wire.ResponseFormat | None) -> Format:
    match wanted:
        case None | wire.ResponseFormat(type="text"):
            return Format()
        case wire.ResponseFormat(type="json_object"):
            return Format("json")
        case asked:
            spec = asked.json_schema
            if spec is None:
                raise _missing("response_format.json_schema", "the type is json_schema")
            return Format("schema", spec.name, spec.schema or {}, strict=bool(spec.strict))


def _reasoning(effort: str | None) -> ReasoningPolicy:
    match effort:
        case None:
            return ReasoningPolicy()
        case "none":
            return ReasoningPolicy("off")
        case effort:
            return ReasoningPolicy("on", effort)


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if len(stops) > _MOST_STOPS or not all(stops):
        raise RequestMalformed(
            f"Field 'stop' has {len(stops)} texts, of which {sum(not s for s in stops)} are empty.",
            hint=f"Send at most {_MOST_STOPS}, none of them empty.",
            field="stop",
        )
    return stops


def _sampling(chat: wire.ChatBody) -> Sampling:
    return Sampling(
        temperature=chat.temperature,
        top_p=chat.top_p,
        top_k=chat.top_k,
        min_p=chat.min_p,
        frequency_penalty=chat.frequency_penalty,
        presence_penalty=chat.presence_penalty,
        seed=chat.seed,
        choices=chat.n or 1,
        logprobs=(chat.top_logprobs or 0) if chat.logprobs else None,
    )
