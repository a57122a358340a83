"""The arguments that each method is called with.

What has no entry is called with any words: of a path that is not served that is enough to know.
"""

import io
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pydantic

from conformance.clients import Client, Table
from conformance.house import FILMMAKER, LISTENER, PAINTER, VOICE, WORDS, House
from conformance.making import (
    ASKED,
    CHAT,
    FILM,
    JSONL,
    SAY,
    SOON,
    batch,
    bundle,
    completion,
    context,
    ended_batch,
    file,
    film,
    joined,
    message_batch,
    png,
    response,
    said,
    shelved,
    store,
    talk,
    task,
    upload,
    wav,
)

_MESSAGE = {**CHAT, "max_tokens": 50}
_PARTS = [{"type": "text", "text": "one two"}]
_PICTURE = {"model": PAINTER, "prompt": "a field"}
_HEARD = {"model": LISTENER, "file": ("a.wav", wav())}
_CHUNKED = {"filename": "a.txt", "bytes": 7, "mime_type": "text/plain", "purpose": "user_data"}
_TEXT = ("a.txt", b"one two")


class _Answer(pydantic.BaseModel):
    """What Ark's client is to read an answer as."""

    city: str = ""


_RESPONSES: Table = {
    "create": lambda _: ASKED,
    "parse": lambda _: ASKED,
    "stream": lambda _: ASKED,
    "retrieve": lambda c: {"response_id": response(c)},
    "delete": lambda c: {"response_id": response(c)},
    "cancel": lambda c: {"response_id": response(c, background=True)},
    "compact": lambda _: ASKED,
    "input_items.list": lambda c: {"response_id": response(c)},
    "input_tokens.count": lambda _: ASKED,
}
_CHATS: Table = {
    "create": lambda _: CHAT,
    "parse": lambda _: CHAT,
    "stream": lambda _: CHAT,
    "list": lambda _: {},
    "retrieve": lambda c: {"completion_id": completion(c)},
    "update": lambda c: {"completion_id": completion(c), "metadata": {"a": "b"}},
    "delete": lambda c: {"completion_id": completion(c)},
    "messages.list": lambda c: {"completion_id": completion(c)},
}
_FILMS: Table = {
    "create": lambda _: FILM,
    "create_and_poll": lambda _: {**FILM, "poll_interval_ms": SOON},
    "create_character": lambda _: {"name": "x", "video": ("a.mp4", b"x")},
    "get_character": lambda _: {"character_id": "char_x"},
    "list": lambda _: {},
    "poll": film,
    "retrieve": film,
    "download_content": film,
    "delete": film,
    "remix": lambda c: {**film(c), "prompt": "a wood"},
    "edit": lambda c: {"prompt": "a wood", "video": c.videos.download_content(**film(c)).content},
    "extend": lambda c: {
        **{"prompt": "a wood", "seconds": "4"},
        "video": c.videos.download_content(**film(c)).content,
    },
}
_STORES: Table = {
    "create": lambda _: {"name": "a"},
    "list": lambda _: {},
    "retrieve": store,
    "update": lambda c: {**store(c), "name": "b"},
    "delete": store,
    "search": lambda c: {"vector_store_id": shelved(c)["vector_store_id"], "query": "one"},
    "files.create": lambda c: {**store(c), "file_id": file(c)},
    "files.create_and_poll": lambda c: {**store(c), "file_id": file(c), "poll_interval_ms": SOON},
    "files.upload": lambda c: {**store(c), "file": _TEXT},
    "files.upload_and_poll": lambda c: {**store(c), "file": _TEXT, "poll_interval_ms": SOON},
    "files.list": store,
    "files.poll": shelved,
    "files.retrieve": shelved,
    "files.content": shelved,
    "files.update": lambda c: {**shelved(c), "attributes": {"a": "b"}},
    "files.delete": shelved,
    "file_batches.create": lambda c: {**store(c), "file_ids": [file(c)]},
    "file_batches.create_and_poll": lambda c: {
        **store(c),
        **{"file_ids": [file(c)], "poll_interval_ms": SOON},
    },
    "file_batches.upload_and_poll": lambda c: {
        **store(c),
        **{"files": [_TEXT], "file_ids": [], "poll_interval_ms": SOON},
    },
    "file_batches.retrieve": bundle,
    "file_batches.poll": lambda c: {**bundle(c), "poll_interval_ms": SOON},
    "file_batches.list_files": bundle,
    "file_batches.cancel": bundle,
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
    "embeddings.create": lambda _: ASKED,
    "models.list": lambda _: {},
    "models.retrieve": lambda _: {"model": WORDS},
    "models.delete": lambda _: {"model": WORDS},
    "images.generate": lambda _: _PICTURE,
    "images.edit": lambda _: {**_PICTURE, "image": ("a.png", png())},
    "images.create_variation": lambda _: {"image": ("a.png", png())},
    "files.create": lambda _: {"file": ("a.txt", b"one two"), "purpose": "user_data"},
    "files.list": lambda _: {},
    "files.retrieve": lambda c: {"file_id": file(c)},
    "files.content": lambda c: {"file_id": file(c)},
    "files.retrieve_content": lambda c: {"file_id": file(c)},
    "files.wait_for_processing": lambda c: {"id": file(c), "max_wait_seconds": 2},
    "files.delete": lambda c: {"file_id": file(c)},
    "uploads.create": lambda _: _CHUNKED,
    "uploads.cancel": lambda c: {"upload_id": upload(c)},
    "uploads.complete": joined,
    "uploads.parts.create": lambda c: {"upload_id": upload(c), "data": io.BytesIO(b"one two")},
    "uploads.upload_file_chunked": lambda _: {**_CHUNKED, "file": b"one two"},
    "batches.create": lambda c: {
        "input_file_id": file(c, JSONL, "batch"),
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
    },
    "batches.list": lambda _: {},
    "batches.retrieve": lambda c: {"batch_id": batch(c)},
    "batches.cancel": lambda c: {"batch_id": batch(c)},
    "conversations.create": lambda _: {"items": SAY},
    "conversations.retrieve": lambda c: {"conversation_id": talk(c)},
    "conversations.update": lambda c: {"conversation_id": talk(c), "metadata": {"a": "b"}},
    "conversations.delete": lambda c: {"conversation_id": talk(c)},
    "conversations.items.create": lambda c: {"conversation_id": talk(c), "items": SAY},
    "conversations.items.list": lambda c: {"conversation_id": talk(c)},
    "conversations.items.retrieve": said,
    "conversations.items.delete": said,
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
    **{f"vector_stores.{name}": make for name, make in _STORES.items()},
    **{f"videos.{name}": make for name, make in _FILMS.items()},
    "audio.speech.create": lambda _: {"model": VOICE, "voice": "alloy", "input": "one two"},
    "audio.transcriptions.create": lambda _: _HEARD,
    "audio.translations.create": lambda _: _HEARD,
    "moderations.create": lambda _: {"input": "one two"},
}


def _asks(_: Client) -> dict[str, Any]:
    return {"requests": [{"custom_id": "a", "params": _MESSAGE}]}


def _kept(c: Client) -> dict[str, str]:
    return {"file_id": c.files.upload(file=("a.txt", b"one two")).id}


_ANTHROPIC: Table = {
    "messages.create": lambda _: _MESSAGE,
    "messages.parse": lambda _: _MESSAGE,
    "messages.stream": lambda _: _MESSAGE,
    "messages.count_tokens": lambda _: CHAT,
    "messages.batches.create": _asks,
    "messages.batches.list": lambda _: {},
    "messages.batches.retrieve": message_batch,
    "messages.batches.cancel": message_batch,
    "messages.batches.delete": ended_batch,
    "messages.batches.results": ended_batch,
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


_SEEN = {"model": WORDS, "input": _PARTS}
_MODELS = {"model": WORDS, "input": ["one two"]}
ARK: Table = {
    "chat.completions.create": lambda _: CHAT,
    "beta.chat.completions.parse": lambda _: {
        "model": WORDS,
        "messages": [{"role": "user", "content": '{"city": "Paris"}'}],
        "response_format": _Answer,
    },
    "beta.chat.completions.stream": lambda _: CHAT,
    "bot_chat.completions.create": lambda _: CHAT,
    "batch.chat.completions.create": lambda _: CHAT,
    "batch_chat.completions.create": lambda _: CHAT,
    "batch.embeddings.create": lambda _: _MODELS,
    "batch.multimodal_embeddings.create": lambda _: _SEEN,
    "context.create": lambda _: {**CHAT, "mode": "session"},
    "context.completions.create": lambda c: {**CHAT, "context_id": context(c)},
    "embeddings.create": lambda _: _MODELS,
    "multimodal_embeddings.create": lambda _: _SEEN,
    "tokenization.create": lambda _: {"model": WORDS, "text": ["one two"]},
    "images.generate": lambda _: {**_PICTURE, "size": "1024x1024"},
    "responses.create": lambda _: ASKED,
    "responses.retrieve": lambda c: {"response_id": response(c)},
    "responses.delete": lambda c: {"response_id": response(c)},
    "input_items.list": lambda c: {"response_id": response(c)},
    "files.create": lambda _: {"file": ("a.txt", b"one two"), "purpose": "user_data"},
    "files.list": lambda _: {},
    "files.retrieve": lambda c: {"file_id": file(c)},
    "files.wait_for_processing": lambda c: {"id": file(c), "max_wait_seconds": 2},
    "files.delete": lambda c: {"file_id": file(c)},
    "content_generation.tasks.create": lambda _: {"model": FILMMAKER, "content": _PARTS},
    "content_generation.tasks.get": task,
    "content_generation.tasks.list": lambda _: {},
    "content_generation.tasks.delete": task,
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
_WORKED = ("videos.", "vector_stores.", "content_generation.")
"""Methods of what a job does."""
_UNWORKED = frozenset({"vector_stores.file_batches.cancel"})
"""Those of them that want it before it is done."""
TABLES: Mapping[str, Table] = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "volcenginesdkarkruntime": ARK,
    "byteplussdkarkruntime": ARK,
}


def helped(at: House, method: str) -> AbstractContextManager[None]:
    """A worker for methods that need what it does; a batch waits, so that it can be cancelled."""
    needs = method.startswith(_WORKED) and method not in _UNWORKED
    return at.worker() if needs else nullcontext()
