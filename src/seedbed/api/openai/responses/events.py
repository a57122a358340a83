"""The events of a streamed response, in their order and with their numbers.

Floor 6. An item is opened before its parts and its parts before their words, as the vendor's client
holds its servers to; no event carries an id, since comments may stand between them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from seedbed.api.openai.responses.items import Kept
from seedbed.api.openai.responses.output import (
    ASKED,
    CALL,
    CUSTOM,
    LISTED,
    MESSAGE,
    RAN,
    SEARCHED,
    SUMMARY,
    THOUGHT,
    Form,
    part,
)

UNENDED = frozenset({"queued", "in_progress"})
"""How a response stands that has no end yet."""
_ENDS = {"cancelled": "incomplete"}
"""Ends for which clients know no event of that name, and the event that tells them."""


class Events:
    """Writes one stream; the first `after` + 1 events are numbered and left out."""

    def __init__(self, *, after: int = -1) -> None:
        self._number = -1
        self._after = after
        self._about: dict[int, tuple[bytes, bytes]] = {}

    def begun(self, response: Mapping[str, object]) -> bytes:
        """The response begins."""
        return self._send("response.created", response=response) + self._send(
            "response.in_progress", response=response
        )

    def ended(self, response: Mapping[str, object]) -> bytes:
        """The response ends, as its status says."""
        status = str(response["status"])
        return self._send(f"response.{_ENDS.get(status, status)}", response=response)

    def failed(self, error: Mapping[str, object]) -> bytes:
        """Something failed; the response's own end follows. Its fields stand in the event itself,
        since clients end at an event that has a field `error`.
        """
        return self._send("error", **{name: error[name] for name in ("code", "message", "param")})

    def opened(self, at: int, form: Form, item: Kept) -> bytes:
        """An item begins, and with it the part that will hold its words."""
        type_ = f"{form.delta}.delta"
        about = msgspec.json.encode({"type": type_, **self._place(at, form, item)})
        begins = b'event: %b\ndata: %b,"delta":' % (type_.encode(), about[:-1])
        self._about[at] = begins, b',"logprobs":[]' if form is MESSAGE else b""
        sent = self._send("response.output_item.added", output_index=at, item=item)
        if form.stage:
            for step in form.steps:
                sent += self._send(f"{form.stage}.{step}", **self._place(at, form, item))
        if form.part:
            told = self._place(at, form, item) | {"part": part(form, "")}
            sent += self._send(f"{form.part}.added", **told)
        return sent

    def grown(self, at: int, text: str, likely: Sequence[object] = ()) -> bytes:
        """An item that was opened has some more words; what stands about them is made once."""
        self._number += 1
        if self._number <= self._after:
            return b""
        begins, ends = self._about[at]
        if likely:
            ends = b',"logprobs":%b' % msgspec.json.encode(likely)
        number = b',"sequence_number":%d}\n\n' % self._number
        return b"".join((begins, msgspec.json.encode(text), ends, number))

    def closed(self, at: int, form: Form, item: Kept) -> bytes:
        """An item ends: its words, the part that holds them, and the item."""
        place, sent = self._place(at, form, item), b""
        if form.part:
            held = _held(form, item)
            told = {"text": held["text"]}
            if form is MESSAGE:
                told["logprobs"] = held["logprobs"]
                sent = self._annotated(place, cast(Sequence[Kept], held["annotations"]))
            sent += self._send(f"{form.delta}.done", **place, **told)
            sent += self._send(f"{form.part}.done", **place, part=held)
        elif form.delta:
            told = {form.whole: item[form.whole]}
            if form is CALL:
                told["name"] = item["name"]
            sent = self._send(f"{form.delta}.done", **place, **told)
        if form.stage:
            sent += self._staged(form, item, place)
        return sent + self._send("response.output_item.done", output_index=at, item=item)

    def _annotated(self, place: Kept, annotations: Sequence[Kept]) -> bytes:
        """What words cite."""
        added = f"{MESSAGE.delta}.annotation.added"
        return b"".join(
            self._send(added, **place, annotation_index=number, annotation=one)
            for number, one in enumerate(annotations)
        )

    def _staged(self, form: Form, item: Kept, place: Kept) -> bytes:
        """The end of what takes a while; for a search that failed there is no word."""
        end = "failed" if item.get("status") == "failed" else "completed"
        if form is SEARCHED and end == "failed":
            return b""
        return self._send(f"{form.stage}.{end}", **place)

    def _place(self, at: int, form: Form, item: Mapping[str, object]) -> Kept:
        place: Kept = {"item_id": item["id"], "output_index": at}
        return place | {form.index: 0} if form.index else place

    def _send(self, type_: str, **fields: object) -> bytes:
        self._number += 1
        if self._number <= self._after:
            return b""
        data = {"type": type_, "sequence_number": self._number, **fields}
        return b"event: %b\ndata: %b\n\n" % (type_.encode(), msgspec.json.encode(data))


_FORMS = {form.type: form for form in (CALL, CUSTOM, RAN, LISTED, ASKED, SEARCHED)}


def form_of(item: Mapping[str, object]) -> Form:
    """The form of an item that is kept."""
    match item["type"]:
        case "message":
            return MESSAGE
        case "reasoning":
            return SUMMARY if item["summary"] else THOUGHT
        case type_:
            return _FORMS[str(type_)]


_BEGUN: Kept = {
    "status": "in_progress",
    "content": [],
    "summary": [],
    "tools": [],
    "queries": [],
    "results": None,
    "arguments": "",
    "input": "",
    "output": None,
    "error": None,
}
"""What an item holds as it begins, of what it holds at its end."""
_WORDS = re.compile(r"\S+\s*|\s+")


def replayed(response: Kept, *, after: int) -> bytes:
    """The events of a response that is kept, as if each item had been written word by word.

    One that has no end yet has begun, and no more.
    """
    events = Events(after=after)
    output = cast(Sequence[Kept], response["output"])
    begun: Kept = {"status": "in_progress", "output": list[Kept](), "usage": None}
    sent = [events.begun(response | begun)]
    for at, item in enumerate(output):
        form = form_of(item)
        text, likely = _words(form, item)
        opened = item | {name: value for name, value in _BEGUN.items() if name in item}
        sent.append(events.opened(at, form, item if form is ASKED else opened))
        is_prose = form.part and not likely
        pieces = _WORDS.findall(text) if is_prose else [text] if text else ()
        sent += [events.grown(at, piece, likely) for piece in pieces]
        sent.append(events.closed(at, form, item))
    if response["status"] not in UNENDED:
        sent.append(events.ended(response))
    return b"".join(sent)


def _held(form: Form, item: Kept) -> Kept:
    """The part that holds an item's words."""
    return cast(list[Kept], item[form.holder])[0]


def _words(form: Form, item: Kept) -> tuple[str, Sequence[object]]:
    if not form.part:
        return str(item[form.whole]) if form.delta else "", ()
    held = _held(form, item)
    return str(held["text"]), cast(Sequence[object], held.get("logprobs", ()))
