"""Items: what is said in Responses and conversations, as it is sent, kept and told again.

Floor 6. An item of a response has an id that is made of the response's, so that a reference to it
finds the response. What is sealed of a thought (`encrypted_content`) is ours, and no secret.
"""

import base64
import itertools
from binascii import Error as BadBase64
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

import msgspec

from seedbed.api.openai.responses.words import Item, MessageItem, ReasoningItem, ReferenceItem
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.message import Reasoning

Kept: TypeAlias = dict[str, object]
"""An item as JSON, complete: with its id, its type and its status."""
NewId: TypeAlias = Callable[[str], str]
"""Makes the id of an item of that type."""


PREFIXES: Mapping[str, str] = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
    "mcp_list_tools": "mcpl",
    "mcp_call": "mcp",
    "mcp_approval_request": "mcpr",
    "mcp_approval_response": "mcpa",
    "file_search_call": "fs",
}
"""The types of items, and what the id of each begins with."""
REFERENCE = "item_reference"


def read_items(said: str | Sequence[Mapping[str, object]], *, field: str) -> list[Item]:
    """The items that were sent in that field.

    Raises:
        RequestMalformed: one lacks a field, or has one of a wrong type.
        FieldUnserved: one is of a type that is not served.
    """
    if isinstance(said, str):
        return [MessageItem("user", said)]
    return [_item(one, f"{field}[{at}]") for at, one in enumerate(said)]


def _item(said: Mapping[str, object], where: str) -> Item:
    kind = said.get("type") or ("message" if "role" in said else REFERENCE)
    if not isinstance(kind, str) or (kind not in PREFIXES and kind != REFERENCE):
        raise FieldUnserved(f"{where}.type", value=repr(kind), because="no such item is served.")
    try:
        return msgspec.convert({**said, "type": kind}, cast(type[Item], Item))
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        path = where + place.strip("`").removeprefix("$")
        raise RequestMalformed(
            f"Field {path!r}: {what}.",
            hint="docs/reference/http.md lists the items and their fields.",
            field=path,
        ) from error


def kept(item: Item, new_id: NewId) -> Kept:
    """An item as it is kept, under an id of its own; what is `null` in it is left out."""
    told: Kept = msgspec.to_builtins(item)
    kind = str(told["type"])
    if isinstance(item, ReferenceItem):
        return told
    if isinstance(item, MessageItem):
        told["content"] = _content(item)
    if isinstance(item, ReasoningItem):
        told.setdefault("summary", [])
    return {"id": new_id(kind), "status": "completed"} | told


def _content(item: MessageItem) -> list[Kept]:
    """The parts of a message, with what every reader expects of them."""
    if isinstance(item.content, str):
        wrote = item.role == "assistant"
        parts: list[Kept] = [{"type": "output_text" if wrote else "input_text"}]
        parts[0]["text"] = item.content
    else:
        parts = [msgspec.to_builtins(part) for part in item.content]
    for part in parts:
        if part["type"] == "output_text":
            part |= {"annotations": [], "logprobs": []}
        if part["type"] == "input_image":
            part.setdefault("detail", "auto")
    return parts


def numbered(base: str, first: int = 0) -> NewId:
    """Makes ids of a response's items: `base` is what its own id ends with.

    >>> new_id = numbered("5f0c")
    >>> new_id("message"), new_id("reasoning")
    ('msg_5f0c0000', 'rs_5f0c0001')
    """
    places = itertools.count(first)
    return lambda kind: f"{PREFIXES[kind]}_{base}{next(places):04x}"


def response_of(item: str) -> str:
    """The id of the response that an item's id is made of.

    >>> response_of("msg_5f0c0001")
    'resp_5f0c'
    """
    return "resp_" + item.partition("_")[2][:-4]


def seal(thought: str, proof: bytes | None) -> str:
    """A thought as text that a caller keeps and brings back, with its maker's proof, if any; it is
    no secret.
    """
    return base64.urlsafe_b64encode(msgspec.json.encode((thought, proof))).decode()


def unseal(text: str) -> Reasoning | None:
    """The thought in a text; `None` where another house sealed it, whose thought is passed over."""
    try:
        said = base64.urlsafe_b64decode(text)
        thought, proof = msgspec.json.decode(said, type=tuple[str, bytes | None])
        return Reasoning(thought, seal=proof)
    except (BadBase64, UnicodeError, ValueError, msgspec.MsgspecError):
        return None
