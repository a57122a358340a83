"""From OpenAI's words for a chat to an ask.

Floor 6. What would change the meaning and is not served is refused by name; what is harmless is
accepted and listed in docs/reference/http.md.
"""

from collections.abc import Mapping, Sequence

from seedbed.api.openai import wire
from seedbed.api.openai.body import Refused, missing, read_body, refuse
from seedbed.api.openai.form import read_form
from seedbed.api.openai.sampling import UNSERVED, read_sampling, read_stops
from seedbed.api.openai.thought import read_thought
from seedbed.api.openai.wishes import read_checks
from seedbed.core.ask import Ask, Limits, Tool, ToolPolicy
from seedbed.core.errors import RequestMalformed
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

_FREELY = ToolPolicy()
_ROLES: Mapping[str, Role] = {"developer": Role.SYSTEM, **{role.value: role for role in Role}}


_UNSERVED: Refused = {
    **UNSERVED,
    "audio": ((), "answers are text"),
    "modalities": ((["text"],), "answers are text"),
    "prediction": ((), "no engine takes predicted output"),
    "web_search_options": ((), "no search is connected"),
    "functions": ((), "it was replaced by `tools`"),
    "function_call": ((), "it was replaced by `tool_choice`"),
    "service_tier": (("auto", "default"), "there is one tier"),
    "verbosity": (("medium",), "no engine takes it"),
}


def read_chat(body: bytes) -> tuple[Ask, wire.ChatBody]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: it wants what is not served.
    """
    chat, unknown = read_body(body, wire.ChatBody)
    return chat_ask(chat, {"openai": unknown} if unknown else {}), chat


def chat_ask(chat: wire.ChatBody, extra: Mapping[str, Mapping[str, object]]) -> Ask:
    """The ask in a body that was typed.

    Raises:
        RequestMalformed, FieldUnserved
    """
    refuse(chat, _UNSERVED)
    logprobs = (chat.top_logprobs or 0) if chat.logprobs else None
    return Ask(
        chat.model,
        read_messages(chat.messages),
        tuple([_tool(tool) for tool in chat.tools]) if chat.tools else (),
        _tool_policy(chat),
        read_form(chat),
        read_thought(chat),
        Limits(chat.max_completion_tokens or chat.max_tokens, read_stops(chat.stop)),
        read_sampling(chat, logprobs=logprobs),
        whole=not chat.stream,
        deadline=chat.seedbed.deadline if chat.seedbed else None,
        checks=read_checks(chat.seedbed) if chat.seedbed else (),
        metadata=chat.metadata or {},
        extra=extra,
    )


def read_messages(messages: Sequence[wire.WireMessage]) -> tuple[Message, ...]:
    """The messages of a chat.

    Raises:
        RequestMalformed: one says less than it must.
    """
    return tuple([_message(at, message) for at, message in enumerate(messages)])


def _message(at: int, message: wire.WireMessage) -> Message:
    where = f"messages[{at}]"
    parts = _content(message.content)
    match message.role:
        case "tool":
            if not message.tool_call_id:
                raise missing(f"{where}.tool_call_id", "a tool's message names the call")
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
                raise missing(f"{where}.content", f"a {role} message says something")
            return Message(_ROLES[role], parts)


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
        case wire.ImagePart(image_url=image):
            options = _given(
                detail=image.detail, min_pixels=image.min_pixels, max_pixels=image.max_pixels
            )
            return Media(MediaKind.IMAGE, image.url, options)
        case wire.VideoPart(video_url=film):
            return Media(MediaKind.VIDEO, film.url, _given(fps=film.fps))
        case wire.AudioPart(input_audio=sound):
            return Media(MediaKind.AUDIO, _heard(sound))
        case document:
            file = document.file
            source = file.file_data or file.file_id
            if not source:
                raise missing("messages.file.file_data", "a document has bytes, or a file's id")
            return Media(MediaKind.FILE, source, _given(filename=file.filename))


def _heard(sound: wire.InputAudio) -> str:
    """Where a sound is.

    Raises:
        RequestMalformed: that is not told.
    """
    if sound.url:
        return sound.url
    if not sound.data:
        raise missing("messages.input_audio.data", "a sound has bytes, or is somewhere")
    if sound.data.startswith("data:"):
        return sound.data
    return f"data:audio/{sound.format or 'wav'};base64,{sound.data}"


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value}


def _tool(tool: wire.ToolSpec) -> Tool:
    spec = tool.function
    schema = spec.parameters or {}
    return Tool(spec.name, spec.description or "", schema, strict=bool(spec.strict))


def _tool_policy(chat: wire.ChatBody) -> ToolPolicy:
    if chat.tool_choice is chat.parallel_tool_calls is None:
        return _FREELY
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
