"""What is asked and answered: the same bytes for everyone who is measured.

Floor 5.
"""

import msgspec

from seedbed.bench.gateway.doors import DOORS

MODEL = "canned"
EVEN, SLOW = b"at an even pace", b"at a slow pace"
PACES = {EVEN: 0.01, SLOW: 0.05}
"""What stands in a prompt whose stream is to be sent piece by piece, rather than all at once, and
the seconds from one piece to the next."""
PIECES = 60
ANSWER = b"These are the sixty tokens of the answer"
"""Stands in every whole answer that arrived unharmed."""
_ABOUT = (
    "Tell a story of a lighthouse, its keeper, a storm and the ship that it saved, in plain words"
)
_SYSTEM = "You are a storyteller who never repeats a phrase."
_USAGE = {"prompt_tokens": 90, "completion_tokens": PIECES, "total_tokens": 90 + PIECES}


def request(door: str, key: str, *, pace: bytes = b"") -> bytes:
    """A whole request of about 0.7 KB, its head included; with a `pace` it wants a stream."""
    prompt = f"{_ABOUT}, {pace.decode()}. " if pace else f"{_ABOUT}. "
    said: list[dict[str, str]] = [{"role": "user", "content": prompt * 3}]
    body: dict[str, object] = {"model": MODEL, "max_tokens": PIECES, "temperature": 0.7}
    if door == "anthropic":
        body |= {"system": _SYSTEM, "messages": said}
    else:
        body["messages"] = [{"role": "system", "content": _SYSTEM}, *said]
    if pace:
        body["stream"] = True
    if pace and door != "anthropic":
        body["stream_options"] = {"include_usage": True}  # there it is told without being asked for
    sent = msgspec.json.encode(body)
    head = (
        f"POST {DOORS[door].path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


def whole() -> bytes:
    """The upstream's whole answer, its head included."""
    text = ANSWER.decode() + ", told with care" * 13
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = msgspec.json.encode(_object("chat.completion", choices=[choice], usage=_USAGE))
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def is_whole(answer: bytes) -> bool:
    """Whether nothing is missing from a whole answer, which may be one or a stream put together."""
    return ANSWER in answer or answer.count(b"@") == 2 * PIECES


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
STREAM_END = b"0\r\n\r\n"


def piece(sent: int) -> bytes:
    """One piece of a stream, framed for HTTP; it says when it was `sent`, in nanoseconds."""
    return framed(_BEFORE + b"@%d@" % sent + _AFTER)


def last_pieces() -> bytes:
    """What ends a stream: why it stopped, the usage, `[DONE]`, and the end of the body."""
    stop: dict[str, object] = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    ends = _event(_object("chat.completion.chunk", choices=[stop], usage=None))
    usage = _event(_object("chat.completion.chunk", choices=[], usage=_USAGE))
    return framed(ends) + framed(usage) + framed(b"data: [DONE]\n\n") + STREAM_END


def framed(data: bytes) -> bytes:
    """Data as one chunk of a body in HTTP/1.1."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _object(kind: str, **rest: object) -> dict[str, object]:
    head = {"id": "chatcmpl-canned", "object": kind, "created": 1_760_000_000, "model": MODEL}
    return head | rest


def _event(value: object) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"


def _delta(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "logprobs": None, "finish_reason": None}
    return _event(_object("chat.completion.chunk", choices=[choice], usage=None))


_BEFORE, _AFTER = _delta("@@").split(b"@@")
