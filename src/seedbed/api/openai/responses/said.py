"""From items to messages.

Floor 6. What an assistant thought, said and called in a row is one message, as engines expect it.
"""

from collections.abc import Mapping, Sequence

import msgspec

from seedbed.api.openai.body import missing
from seedbed.api.openai.responses import words
from seedbed.api.openai.responses.approving import with_refusals
from seedbed.api.openai.responses.items import unseal
from seedbed.api.openai.responses.words import Item
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
from seedbed.tools import file_search
from seedbed.tools.menu import plain

_ROLES = {"developer": Role.SYSTEM, "system": Role.SYSTEM, "user": Role.USER}


def messages(items: Sequence[Item], *, instructions: str | None) -> tuple[Message, ...]:
    """What the items say; the instructions stand before them.

    Raises:
        RequestMalformed: a picture or a file is nowhere.
        FieldUnserved: one is named by its id.
    """
    told = [Message(Role.SYSTEM, (Text(instructions),))] if instructions else []
    own: list[Part] = []
    for at, item in enumerate(with_refusals(items)):
        own += _assistant(item, at)
        if (message := _other(item, at)) is not None:
            told += _joined(own)
            own = []
            told.append(message)
    return (*told, *_joined(own))


def _joined(parts: Sequence[Part]) -> list[Message]:
    return [Message(Role.ASSISTANT, tuple(parts))] if parts else []


def _assistant(item: Item, at: int) -> tuple[Part, ...]:
    """What of an item is the assistant's; `at` is its place."""
    match item:
        case words.MessageItem(role="assistant", content=content):
            return _parts(content)
        case words.CallItem(call_id=id_, name=name, arguments=arguments):
            return (Call(id_, name, arguments),)
        case words.CustomCallItem(call_id=id_, name=name, input=said):
            return (Call(id_, name, msgspec.json.encode({"input": said}).decode()),)
        case words.McpCallItem(name=name, arguments=arguments):
            return (Call(f"mcp_{at}", plain(name), arguments),)
        case words.FileSearchItem(queries=queries, results=results) if results is not None:
            said = msgspec.json.encode({"queries": queries}).decode()
            return (Call(f"fs_{at}", file_search.NAME, said),)
        case words.ReasoningItem():
            return _thought(item)
        case _:
            return ()


def _other(item: Item, at: int) -> Message | None:
    match item:
        case words.MessageItem(role=role, content=content) if role != "assistant":
            return Message(_ROLES[role], _parts(content))
        case words.CallOutputItem() | words.CustomOutputItem():
            return Message(Role.TOOL, (Result(item.call_id, _parts(item.output)),))
        case words.McpCallItem(error=None, output=output):
            return Message(Role.TOOL, (Result(f"mcp_{at}", (Text(output or ""),)),))
        case words.McpCallItem(error=error):
            text = error if isinstance(error, str) else msgspec.json.encode(error).decode()
            return Message(Role.TOOL, (Result(f"mcp_{at}", (Text(text),), is_error=True),))
        case words.FileSearchItem(results=results) if results is not None:
            texts = (f"[{one.filename or one.file_id}]\n{one.text or ''}" for one in results)
            said = "\n\n".join(texts) or file_search.NOTHING
            return Message(Role.TOOL, (Result(f"fs_{at}", (Text(said),)),))
        case _:
            return None  # the assistant's own, or what a model is not told


def _thought(item: words.ReasoningItem) -> tuple[Part, ...]:
    if item.encrypted_content and (thought := unseal(item.encrypted_content)):
        return (thought,)
    text = "".join(one.text for one in item.content or item.summary or ())
    return (Reasoning(text),) if text else ()


def _parts(content: str | list[words.Content]) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content),)
    return tuple(_part(part) for part in content)


def _part(part: words.Content) -> Part:
    match part:
        case words.InputText(text=text) | words.OutputText(text=text) | words.Refusal(refusal=text):
            return Text(text)
        case words.InputImage(image_pixel_limit=limit):
            bounds: Mapping[str, object] = msgspec.to_builtins(limit) if limit else {}
            source = _source("image", part.file_id, part.image_url)
            return Media(MediaKind.IMAGE, source, {**_given(detail=part.detail), **bounds})
        case words.InputVideo():
            source = _source("video", part.file_id, part.video_url)
            return Media(MediaKind.VIDEO, source, _given(fps=part.fps))
        case words.InputAudio():
            return Media(MediaKind.AUDIO, _source("audio", part.file_id, part.audio_url))
        case words.InputFile():  # pragma: no branch - the last of the kinds
            source = _source("file", part.file_id, part.file_data, part.file_url)
            return Media(MediaKind.FILE, source, _given(filename=part.filename))


def _given(**options: object) -> Mapping[str, object]:
    return {name: value for name, value in options.items() if value}


def _source(kind: str, file: str | None, *told: str | None) -> str:
    if found := next((source for source in told if source), None):
        return found
    if file:
        return file
    raise missing(f"{kind}_url", f"an input_{kind} is somewhere")
