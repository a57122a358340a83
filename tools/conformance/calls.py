"""The arguments that each method is called with, and what is made first for them to name.

What has no entry is called with any words: of a path that is not served that is enough to know.
"""

import base64
import io
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import pydantic

from conformance.clients import Client, Table
from conformance.house import PAINTER, WORDS

_SAY = [{"role": "user", "content": "one two three"}]
_CHAT = {"model": WORDS, "messages": _SAY}
_MESSAGE = {**_CHAT, "max_tokens": 50}
_ASKED = {"model": WORDS, "input": "one two three"}
_PARTS = [{"type": "text", "text": "one two"}]
_PICTURE = {"model": PAINTER, "prompt": "a field"}
_JSONL = json.dumps(
    {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": _CHAT}
).encode()


class _Answer(pydantic.BaseModel):
    """What Ark's client is to read an answer as."""

    city: str = ""


def _png() -> bytes:
    """A picture of eight points by eight."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        framed = kind + data
        return struct.pack(">I", len(data)) + framed + struct.pack(">I", zlib.crc32(framed))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x40\x80\xc0" * 8 for _ in range(8)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG = _png()
_LINK = "data:image/png;base64," + base64.b64encode(PNG).decode()


def file(c: Client, data: bytes = b"one two", purpose: str = "user_data") -> str:
    """The id of a new file."""
    return str(c.files.create(file=("a.jsonl", data), purpose=purpose).id)


def batch(c: Client) -> str:
    """The id of a new batch of one ask."""
    kept = file(c, _JSONL, "batch")
    asked = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
    return str(c.batches.create(input_file_id=kept, **asked).id)


def response(c: Client, *, background: bool = False) -> str:
    """The id of a new response."""
    return str(c.responses.create(**_ASKED, **({"background": True} if background else {})).id)


def talk(c: Client) -> str:
    """The id of a new conversation."""
    return str(c.conversations.create(items=_SAY).id)


def _said(c: Client) -> dict[str, str]:
    spoken = talk(c)
    return {"conversation_id": spoken, "item_id": c.conversations.items.list(spoken).data[0].id}


def upload(c: Client, size: int = 7) -> str:
    """The id of a new upload of so many bytes."""
    wish = {"bytes": size, "filename": "a.txt", "mime_type": "text/plain", "purpose": "user_data"}
    return str(c.uploads.create(**wish).id)


def _joined(c: Client) -> dict[str, Any]:
    begun = upload(c)
    part = c.uploads.parts.create(begun, data=io.BytesIO(b"one two"))
    return {"upload_id": begun, "part_ids": [part.id]}


def _chunked(_: Client) -> Mapping[str, Any]:
    named = {"filename": "a.txt", "bytes": 7, "mime_type": "text/plain"}
    return {**named, "file": b"one two", "purpose": "user_data"}


_RESPONSES: Table = {
    "create": lambda _: _ASKED,
    "parse": lambda _: _ASKED,
    "stream": lambda _: _ASKED,
    "retrieve": lambda c: {"response_id": response(c)},
    "delete": lambda c: {"response_id": response(c)},
    "cancel": lambda c: {"response_id": response(c, background=True)},
    "compact": lambda _: _ASKED,
    "input_items.list": lambda c: {"response_id": response(c)},
    "input_tokens.count": lambda _: _ASKED,
}
_CHATS: Table = {
    "create": lambda _: _CHAT,
    "parse": lambda _: _CHAT,
    "stream": lambda _: _CHAT,
    "list": lambda _: {},
    "retrieve": lambda _: {"completion_id": "chatcmpl_x"},
    "update": lambda _: {"completion_id": "chatcmpl_x", "metadata": {"a": "b"}},
    "delete": lambda _: {"completion_id": "chatcmpl_x"},
    "messages.list": lambda _: {"completion_id": "chatcmpl_x"},
}
OPENAI: Table = {
    **{f"chat.completions.{name}": make for name, make in _CHATS.items()},
    **{f"beta.chat.completions.{name}": make for name, make in _CHATS.items()},
    **{f"responses.{name}": make for name, make in _RESPONSES.items()},
    **{
        f"beta.responses.{name}": make
        for name, make in _RESPONSES.items()
        if name not in {"parse", "stream"}
    },
    "completions.create": lambda _: {"model": WORDS, "prompt": "one two"},
    "embeddings.create": lambda _: _ASKED,
    "models.list": lambda _: {},
    "models.retrieve": lambda _: {"model": WORDS},
    "models.delete": lambda _: {"model": WORDS},
    "images.generate": lambda _: _PICTURE,
    "images.edit": lambda _: {**_PICTURE, "image": ("a.png", PNG)},
    "images.create_variation": lambda _: {"image": ("a.png", PNG)},
    "files.create": lambda _: {"file": ("a.txt", b"one two"), "purpose": "user_data"},
    "files.list": lambda _: {},
    "files.retrieve": lambda c: {"file_id": file(c)},
    "files.content": lambda c: {"file_id": file(c)},
    "files.retrieve_content": lambda c: {"file_id": file(c)},
    "files.wait_for_processing": lambda c: {"id": file(c), "max_wait_seconds": 2},
    "files.delete": lambda c: {"file_id": file(c)},
    "uploads.create": lambda _: {k: v for k, v in _chunked(_).items() if k != "file"},
    "uploads.cancel": lambda c: {"upload_id": upload(c)},
    "uploads.complete": _joined,
    "uploads.parts.create": lambda c: {"upload_id": upload(c), "data": io.BytesIO(b"one two")},
    "uploads.upload_file_chunked": _chunked,
    "batches.create": lambda c: {
        "input_file_id": file(c, _JSONL, "batch"),
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
    },
    "batches.list": lambda _: {},
    "batches.retrieve": lambda c: {"batch_id": batch(c)},
    "batches.cancel": lambda c: {"batch_id": batch(c)},
    "conversations.create": lambda _: {"items": _SAY},
    "conversations.retrieve": lambda c: {"conversation_id": talk(c)},
    "conversations.update": lambda c: {"conversation_id": talk(c), "metadata": {"a": "b"}},
    "conversations.delete": lambda c: {"conversation_id": talk(c)},
    "conversations.items.create": lambda c: {"conversation_id": talk(c), "items": _SAY},
    "conversations.items.list": lambda c: {"conversation_id": talk(c)},
    "conversations.items.retrieve": _said,
    "conversations.items.delete": _said,
    "admin.organization.external_keys.create": lambda _: {
        **dict.fromkeys(("external_id", "kms_arn", "name", "role_arn"), "x"),
        "type": "aws_kms",
    },
    "audio.voices.create": lambda _: {
        "audio_sample": ("a.wav", b"x"),
        "consent": "x",
        "name": "x",
    },
    "beta.agents.automations.create": lambda _: {
        **{"name": "x", "target": {}, "type": "once"},
        "run_at": "2030-01-01T00:00:00Z",
    },
    "beta.agents.environments.files.create": lambda _: {
        **{"environment_id": "x", "path": "/workspace/a", "type": "file"},
        "file_id": "x",
    },
    "beta.agents.environments.files.upload": lambda _: {
        "environment_id": "x",
        "file": ("a.txt", b"x"),
        "path": "/workspace/a",
    },
    "vector_stores.file_batches.upload_and_poll": lambda _: {
        "vector_store_id": "x",
        "files": [],
        "file_ids": ["x"],
    },
}


def _asks(_: Client) -> dict[str, Any]:
    return {"requests": [{"custom_id": "a", "params": _MESSAGE}]}


def message_batch(c: Client) -> dict[str, str]:
    """The id of a new batch of one ask, as Anthropic's methods take it."""
    return {"message_batch_id": c.messages.batches.create(**_asks(c)).id}


def _cancelled(c: Client) -> dict[str, str]:
    made = message_batch(c)
    c.messages.batches.cancel(**made)
    return made


def _kept(c: Client) -> dict[str, str]:
    return {"file_id": c.files.upload(file=("a.txt", b"one two")).id}


_ANTHROPIC: Table = {
    "messages.create": lambda _: _MESSAGE,
    "messages.parse": lambda _: _MESSAGE,
    "messages.stream": lambda _: _MESSAGE,
    "messages.count_tokens": lambda _: _CHAT,
    "messages.batches.create": _asks,
    "messages.batches.list": lambda _: {},
    "messages.batches.retrieve": message_batch,
    "messages.batches.cancel": message_batch,
    "messages.batches.delete": _cancelled,
    "messages.batches.results": _cancelled,
    "models.list": lambda _: {},
    "models.retrieve": lambda _: {"model_id": WORDS},
    "files.upload": lambda _: {"file": ("a.txt", b"one two")},
    "files.list": lambda _: {},
    "files.retrieve_metadata": _kept,
    "files.download": _kept,
    "files.delete": _kept,
}
ANTHROPIC: Table = {
    **_ANTHROPIC,
    **{f"beta.{name}": make for name, make in _ANTHROPIC.items()},
    "beta.messages.tool_runner": lambda _: {**_MESSAGE, "tools": []},
}


def _context(c: Client) -> dict[str, Any]:
    made = c.context.create(model=WORDS, messages=_SAY, mode="session")
    return {"model": WORDS, "messages": _SAY, "context_id": made.id}


_SEEN = {"model": WORDS, "input": _PARTS}
_MODELS = {"model": WORDS, "input": ["one two"]}
ARK: Table = {
    "chat.completions.create": lambda _: _CHAT,
    "beta.chat.completions.parse": lambda _: {
        "model": WORDS,
        "messages": [{"role": "user", "content": '{"city": "Paris"}'}],
        "response_format": _Answer,
    },
    "beta.chat.completions.stream": lambda _: _CHAT,
    "bot_chat.completions.create": lambda _: _CHAT,
    "batch.chat.completions.create": lambda _: _CHAT,
    "batch_chat.completions.create": lambda _: _CHAT,
    "batch.embeddings.create": lambda _: _MODELS,
    "batch.multimodal_embeddings.create": lambda _: _SEEN,
    "context.create": lambda _: {**_CHAT, "mode": "session"},
    "context.completions.create": _context,
    "embeddings.create": lambda _: _MODELS,
    "multimodal_embeddings.create": lambda _: _SEEN,
    "tokenization.create": lambda _: {"model": WORDS, "text": ["one two"]},
    "images.generate": lambda _: {**_PICTURE, "size": "1024x1024"},
    "responses.create": lambda _: _ASKED,
    "responses.retrieve": lambda c: {"response_id": response(c)},
    "responses.delete": lambda c: {"response_id": response(c)},
    "input_items.list": lambda c: {"response_id": response(c)},
    "files.create": lambda _: {"file": ("a.txt", b"one two"), "purpose": "user_data"},
    "files.list": lambda _: {},
    "files.retrieve": lambda c: {"file_id": file(c)},
    "files.wait_for_processing": lambda c: {"id": file(c), "max_wait_seconds": 2},
    "files.delete": lambda c: {"file_id": file(c)},
    "content_generation.tasks.create": lambda _: {"model": WORDS, "content": _PARTS},
    "content_generation.tasks.get": lambda _: {"task_id": "cgt-x"},
    "content_generation.tasks.delete": lambda _: {"task_id": "cgt-x"},
}
_LINE = "it asks over a WebSocket, which no path here speaks"
_ALONE = "it asks no server"
_OF_A_SESSION = "it takes what only an agent's session gives"
NOT_TRIED: Mapping[str, str] = {
    "beta.agents.environments.files.prepare": _OF_A_SESSION,
    "beta.agents.environments.files.prepare_directory": _OF_A_SESSION,
    "beta.agents.sessions.artifacts.for_result": _OF_A_SESSION,
    "beta.messages.thread": _ALONE,
    "beta.realtime.connect": _LINE,
    "beta.responses.connect": _LINE,
    "beta.webhooks.parse_unverified": _ALONE,
    "beta.webhooks.unwrap": _ALONE,
    "live.connect": _LINE,
    "live.forks.connect": _LINE,
    "live.sideband.connect": _LINE,
    "realtime.connect": _LINE,
    "realtime.translations.connect": _LINE,
    "responses.connect": _LINE,
    "webhooks.unwrap": _ALONE,
    "webhooks.verify_signature": _ALONE,
}
"""What is not called, and why."""
TABLES: Mapping[str, Table] = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "volcenginesdkarkruntime": ARK,
    "byteplussdkarkruntime": ARK,
}
