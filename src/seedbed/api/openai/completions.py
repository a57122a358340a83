"""`POST /v1/completions`: a text is continued as it is, without a chat template.

Floor 6.
"""

from collections.abc import Sequence

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai import wire, write
from seedbed.api.openai.body import Refused, read_body, refuse
from seedbed.api.openai.form import read_form
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.sampling import UNSERVED, read_sampling, read_stops, wants_usage
from seedbed.api.openai.wishes import read_checks
from seedbed.core.ask import Ask, Limits
from seedbed.core.errors import RequestMalformed
from seedbed.core.event import Event, Failed, Finished, Likely, Reply, TextDelta
from seedbed.core.message import Message, Role, Text
from seedbed.kit import sse

_TOKENS = 16
"""The length of an answer where none is asked for, as the vendor has it."""
_FIELDS = {"format": "response_format", "messages": "prompt"}


class Completions(OpenAi):
    """A text is continued."""

    fields = _FIELDS

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a completion request."""
        ask, completion = read_completion(body)
        id_ = "cmpl-" + request_id.removeprefix("req_")
        head: dict[str, object] = {"id": id_, "object": "text_completion", "created": now}
        writer = CompletionWriter(
            head | {"model": ask.model}, include_usage=wants_usage(completion)
        )
        return Reading(ask, writer, writer if completion.stream else None)


_UNSERVED: Refused = {
    **UNSERVED,
    "suffix": (("",), "text is continued and not filled in"),
    "echo": ((False,), "the prompt is not sent back"),
    "best_of": ((1,), "one answer is made"),
    "n": ((1,), "one answer is made"),
}


def read_completion(body: bytes) -> tuple[Ask, wire.CompletionBody]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: it wants what is not served.
    """
    completion, unknown = read_body(body, wire.CompletionBody)
    refuse(completion, _UNSERVED)
    ask = Ask(
        model=completion.model,
        messages=(Message(Role.USER, (Text(_prompt(completion.prompt)),)),),
        raw=True,
        whole=not completion.stream,
        format=read_form(completion),
        limits=Limits(completion.max_tokens or _TOKENS, read_stops(completion.stop)),
        sampling=read_sampling(completion, logprobs=completion.logprobs),
        deadline=completion.seedbed.deadline if completion.seedbed else None,
        checks=read_checks(completion.seedbed) if completion.seedbed else (),
        metadata=completion.metadata or {},
        extra={"openai": unknown} if unknown else {},
    )
    return ask, completion


def _prompt(prompt: str | list[object]) -> str:
    match prompt:
        case str(text) | [str(text)] if text:
            return text
        case [int(), *_] | [list(), *_]:
            what = "holds numbers of tokens, which differ from model to model"
        case [_, _, *_]:
            what = f"holds {len(prompt)} texts"
        case _:
            what = "holds no text"
    raise RequestMalformed(
        f"Field 'prompt' {what}.", hint="Send one text that is not empty.", field="prompt"
    )


class CompletionWriter:
    """Writes one completion; `head` stands in every piece of it."""

    def __init__(self, head: dict[str, object], *, include_usage: bool) -> None:
        self._head = head
        self._include_usage = include_usage
        self._offset = 0

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        choice = self._choice(reply.text, write.REASONS[reply.stop], reply.likely)
        body = {"choices": [choice], "usage": write.usage(reply.usage)}
        return msgspec.json.encode(self._head | body | write.cost(reply.entry))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case TextDelta(text="", likely=()):
                return b""  # tokens that make no words, such as the end's
            case TextDelta(text=text):
                return self._frame(self._choice(text, None, event.likely))
            case Finished():
                last = self._frame(self._choice("", write.REASONS[event.stop], ()))
                return last + self._usage_frame(event) + write.DONE
            case Failed(error=error):
                return sse.frame(write.error_body(error, _FIELDS))
            case _:
                return b""

    def _choice(self, text: str, reason: str | None, likely: Sequence[Likely]) -> dict[str, object]:
        logprobs = self._logprobs(likely) if likely else None
        return {"text": text, "index": 0, "logprobs": logprobs, "finish_reason": reason}

    def _logprobs(self, likely: Sequence[Likely]) -> dict[str, object]:
        offsets: list[int] = []
        for one in likely:
            offsets.append(self._offset)
            self._offset += len(one.text)
        return {
            "tokens": [one.text for one in likely],
            "token_logprobs": [write.logprob(one) for one in likely],
            "top_logprobs": [{top.text: write.logprob(top) for top in one.top} for one in likely],
            "text_offset": offsets,
        }

    def _frame(self, choice: dict[str, object]) -> bytes:
        body: dict[str, object] = {"choices": [choice]}
        if self._include_usage:
            body["usage"] = None
        return sse.frame(msgspec.json.encode(self._head | body))

    def _usage_frame(self, event: Finished) -> bytes:
        if not self._include_usage:
            return b""
        body: dict[str, object] = {"choices": [], "usage": write.usage(event.usage)}
        return sse.frame(msgspec.json.encode(self._head | body | write.cost(event.entry)))
