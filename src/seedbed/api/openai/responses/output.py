"""Items of an answer in OpenAI's words.

Floor 6. What a model thought is told as `reasoning_text`, or whole as a `summary_text` where a
summary was asked for: nobody here sums it up.
"""

from collections.abc import Sequence

import msgspec

from seedbed.api.openai import write
from seedbed.api.openai.responses import served
from seedbed.api.openai.responses.items import PREFIXES, Kept, seal
from seedbed.api.openai.responses.searching import cited
from seedbed.api.openai.responses.walk import Item
from seedbed.core.event import Likely
from seedbed.core.value import value


@value
class Form:
    """How an item's words are told: `delta` is what events of them are called, and `whole` the
    field of their end. Words that stand in a part of the item have a `part` and an `index`; `words`
    is the part's type, and `holder` the field that it stands in. An item without words has no
    `delta`, and one that takes a while is told to be under way (in its `steps`) and done in its
    `stage`.
    """

    type: str
    delta: str
    whole: str = "text"
    part: str = ""
    index: str = ""
    words: str = ""
    holder: str = ""
    stage: str = ""
    steps: tuple[str, ...] = ("in_progress",)


_PART = "response.content_part", "content_index"
MESSAGE = Form("message", "response.output_text", "text", *_PART, "output_text", "content")
THOUGHT = Form("reasoning", "response.reasoning_text", "text", *_PART, "reasoning_text", "content")
SUMMARY = Form(
    "reasoning",
    "response.reasoning_summary_text",
    "text",
    "response.reasoning_summary_part",
    "summary_index",
    "summary_text",
    "summary",
)
CALL = Form("function_call", "response.function_call_arguments", "arguments")
CUSTOM = Form("custom_tool_call", "response.custom_tool_call_input", "input")
RAN = Form("mcp_call", "response.mcp_call_arguments", "arguments", stage="response.mcp_call")
LISTED = Form("mcp_list_tools", "", stage="response.mcp_list_tools")
ASKED = Form("mcp_approval_request", "")
SEARCHED = Form(
    "file_search_call",
    "",
    stage="response.file_search_call",
    steps=("in_progress", "searching"),
)
_SERVED = {"ran": RAN, "listed": LISTED, "asked": ASKED, "searched": SEARCHED}


@value
class Style:
    """How one answer is told: `base` is what its id ends with, and `first` the number of its first
    item. `custom` are the tools that take any text. With `shows` it tells what searches found.
    """

    base: str
    first: int = 0
    custom: frozenset[str] = frozenset()
    sums_up: bool = False
    seals: bool = False
    shows: bool = False

    def form(self, item: Item) -> Form:
        """The form of an item."""
        if item.kind == "message":
            return MESSAGE
        if item.kind == "thought":
            return SUMMARY if self.sums_up else THOUGHT
        if item.kind in _SERVED:
            return _SERVED[item.kind]
        return CUSTOM if item.name in self.custom else CALL

    def item_id(self, item: Item) -> str:
        """The id of an item."""
        return f"{PREFIXES[self.form(item).type]}_{self.base}{self.first + item.at:04x}"

    def opened(self, item: Item) -> Kept:
        """An item as it begins: without words."""
        bare = Item(item.at, item.kind, item.call, item.name, done=item.done)
        return self._told(bare, "in_progress")

    def closed(self, item: Item) -> Kept:
        """An item as it ends, or as it stands."""
        return self._told(item, "completed" if item.is_whole else "incomplete")

    def _told(self, item: Item, status: str) -> Kept:
        form = self.form(item)
        if item.done is not None:
            named = {"id": self.item_id(item), "type": form.type}
            return named | served.told(item.done, status, shows=self.shows)
        told: Kept = {"id": self.item_id(item), "type": form.type, "status": status}
        is_open, text = status == "in_progress", item.text
        if form is MESSAGE:
            parts = [] if is_open else [_answer(item)]
            return told | {"role": "assistant", "content": parts}
        if item.kind == "thought":
            parts = [] if is_open else [part(form, text)]
            told |= {"summary": [], "content": []} | {form.holder: parts}
            sealed = self.seals and not is_open
            return told | ({"encrypted_content": seal(text, item.seal)} if sealed else {})
        if form is CUSTOM:
            text = custom_input(text)
        return told | {"call_id": item.call, "name": item.name, form.whole: text}


def part(form: Form, text: str, likely: Sequence[object] = ()) -> Kept:
    """The part of an item that holds its words."""
    told: Kept = {"type": form.words, "text": text}
    if form is MESSAGE:
        told |= {"annotations": list[object](), "logprobs": likely}
    return told


def _answer(item: Item) -> Kept:
    """The words of a message, with what they cite."""
    told = part(MESSAGE, item.text, logprobs(item.likely))
    return told | ({"annotations": cited(item.text, item.found)} if item.found else {})


def custom_input(arguments: str) -> str:
    """The text that a tool is called with; where a model wrote no sound call, all that it wrote."""
    try:
        return msgspec.json.decode(arguments, type=dict[str, str])["input"]
    except (msgspec.MsgspecError, KeyError):
        return arguments


def logprobs(likely: Sequence[Likely]) -> list[Kept]:
    """How likely each token was, and the likeliest in its place."""
    return [_token(one) | {"top_logprobs": [_token(top) for top in one.top]} for one in likely]


def _token(likely: Likely) -> Kept:
    bytes_ = list(likely.text.encode())
    return {"token": likely.text, "logprob": write.logprob(likely), "bytes": bytes_}
