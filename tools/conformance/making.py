"""What is made before a method is called, for its arguments to name."""

import io
import json
import struct
import time
import wave
import zlib
from typing import Any

from conformance.clients import Client
from conformance.house import FILMMAKER, WORDS

SAY = [{"role": "user", "content": "one two three"}]
CHAT = {"model": WORDS, "messages": SAY}
ASKED = {"model": WORDS, "input": "one two three"}
FILM = {"model": FILMMAKER, "prompt": "a field"}
JSONL = json.dumps(
    {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": CHAT}
).encode()
SOON = 20
"""Milliseconds after which a method that waits looks again."""
_TEXT = ("a.txt", b"one two")


def png() -> bytes:
    """A picture of eight points by eight."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        framed = kind + data
        return struct.pack(">I", len(data)) + framed + struct.pack(">I", zlib.crc32(framed))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x40\x80\xc0" * 8 for _ in range(8)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def wav() -> bytes:
    """Half a second of silence."""
    into = io.BytesIO()
    with wave.open(into, "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    return into.getvalue()


def file(c: Client, data: bytes = b"one two", purpose: str = "user_data") -> str:
    """The id of a new file."""
    return str(c.files.create(file=("a.jsonl", data), purpose=purpose).id)


def batch(c: Client) -> str:
    """The id of a new batch of one ask."""
    kept = file(c, JSONL, "batch")
    asked = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
    return str(c.batches.create(input_file_id=kept, **asked).id)


def response(c: Client, *, background: bool = False) -> str:
    """The id of a new response."""
    return str(c.responses.create(**ASKED, **({"background": True} if background else {})).id)


def completion(c: Client) -> str:
    """The id of a new answer that is kept."""
    return str(c.chat.completions.create(**CHAT, store=True).id)


def talk(c: Client) -> str:
    """The id of a new conversation."""
    return str(c.conversations.create(items=SAY).id)


def said(c: Client) -> dict[str, str]:
    """A new conversation and its item."""
    spoken = talk(c)
    return {"conversation_id": spoken, "item_id": c.conversations.items.list(spoken).data[0].id}


def upload(c: Client, size: int = 7) -> str:
    """The id of a new upload of so many bytes."""
    wish = {"bytes": size, "filename": "a.txt", "mime_type": "text/plain", "purpose": "user_data"}
    return str(c.uploads.create(**wish).id)


def joined(c: Client) -> dict[str, Any]:
    """A new upload and its part."""
    begun = upload(c)
    part = c.uploads.parts.create(begun, data=io.BytesIO(b"one two"))
    return {"upload_id": begun, "part_ids": [part.id]}


def film(c: Client) -> dict[str, str]:
    """A film that is done."""
    return {"video_id": c.videos.create_and_poll(**FILM, poll_interval_ms=SOON).id}


def task(c: Client) -> dict[str, str]:
    """A task of Ark's that is done, of a film."""
    parts = [{"type": "text", "text": "a field"}]
    made = c.content_generation.tasks.create(model=FILMMAKER, content=parts).id
    while c.content_generation.tasks.get(task_id=made).status in {"queued", "running"}:
        time.sleep(SOON / 1000)
    return {"task_id": made}


def store(c: Client) -> dict[str, str]:
    """A new vector store."""
    return {"vector_store_id": c.vector_stores.create(name="a").id}


def shelved(c: Client) -> dict[str, str]:
    """A file in a new vector store, which can be searched."""
    into, kept = store(c), c.files.create(file=_TEXT, purpose="assistants").id
    c.vector_stores.files.create_and_poll(file_id=kept, poll_interval_ms=SOON, **into)
    return {"file_id": kept, **into}


def bundle(c: Client) -> dict[str, str]:
    """A new batch of one file for a new vector store."""
    into, kept = store(c), c.files.create(file=_TEXT, purpose="assistants").id
    return {"batch_id": c.vector_stores.file_batches.create(file_ids=[kept], **into).id, **into}


def message_batch(c: Client) -> dict[str, str]:
    """A new batch of one ask, as Anthropic's methods take it."""
    asks = [{"custom_id": "a", "params": {**CHAT, "max_tokens": 50}}]
    return {"message_batch_id": c.messages.batches.create(requests=asks).id}


def ended_batch(c: Client) -> dict[str, str]:
    """The same, cancelled."""
    made = message_batch(c)
    c.messages.batches.cancel(**made)
    return made


def context(c: Client) -> str:
    """The id of a new context of Ark's."""
    return str(c.context.create(model=WORDS, messages=SAY, mode="session").id)
