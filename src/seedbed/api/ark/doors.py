"""Ark's doors described for programs, below the first of its bases.

Floor 6. Its words are OpenAI's in much, so that many shapes are the same.
"""

from typing import get_args

from seedbed.api.ark.files import Purpose
from seedbed.api.ark.images import PictureBody
from seedbed.api.ark.manner import BASES
from seedbed.api.ark.responses_read import ResponseBody
from seedbed.api.ark.tasks_read import TaskBody
from seedbed.api.ark.wire import (
    ChatBody,
    ContextBody,
    ContextChatBody,
    MultimodalBody,
    TokenizationBody,
)
from seedbed.api.door import Door, Vendor
from seedbed.api.openai.answers import ANSWERS
from seedbed.api.openai.wire import EmbeddingBody
from seedbed.api.shape import COUNT, FILE, FLAG, TEXT, list_of, object_of, only

_FILE = object_of({"id": TEXT, "object": only("file"), "bytes": COUNT, "expire_at": COUNT})
_FORM = {"file": FILE, "purpose": {"enum": list(get_args(Purpose))}}
_TOKENS = object_of({"index": COUNT, "total_tokens": COUNT, "token_ids": list_of(COUNT)})
_VECTOR = object_of({"object": only("embedding"), "embedding": {}})
_USED = object_of({"total_tokens": COUNT})
_TASK = object_of({"id": TEXT, "model": TEXT, "status": TEXT, "created_at": COUNT})
_SAID = list_of(object_of({"type": TEXT}))

_SHAPES = {
    "Chat": ANSWERS["Chat"],
    "Embeddings": ANSWERS["Embeddings"],
    "Multimodal": object_of(
        {"id": TEXT, "data": {"anyOf": [_VECTOR, list_of(_VECTOR)]}, "usage": _USED}
    ),
    "Tokens": object_of({"id": TEXT, "object": only("list"), "data": list_of(_TOKENS)}),
    "Response": object_of({"id": TEXT, "status": TEXT, "model": TEXT, "output": _SAID}),
    "Items": object_of({"object": only("list"), "data": _SAID, "has_more": FLAG}),
    "Context": object_of({"id": TEXT, "model": TEXT, "mode": TEXT, "ttl": COUNT}),
    "Pictures": object_of({"model": TEXT, "data": list_of(object_of({})), "usage": _USED}),
    "Made": object_of({"id": TEXT}),
    "Task": _TASK,
    "Tasks": object_of({"items": list_of(_TASK), "total": COUNT}),
    "Gone": object_of({}),
    "Model": ANSWERS["Model"],
    "Models": ANSWERS["Models"],
    "File": _FILE,
    "Files": object_of({"data": list_of(_FILE), "has_more": FLAG}),
    "FileForm": object_of(_FORM),
    "Deleted": object_of({"id": TEXT, "deleted": {"const": True}}),
    "Problem": ANSWERS["Problem"],
}

_LISTED = ("limit", "after", "order", "purpose")
_TASKED = ("page_num", "page_size", "filter.status", "filter.model", "filter.task_ids")
_PAGED = ("limit", "after", "before", "order")
_TALKS = (
    Door("POST /chat/completions", "A chat is answered.", "Chat", ChatBody, streams=True),
    Door("POST /bots/chat/completions", "A bot answers.", "Chat", ChatBody, streams=True),
    Door("POST /batch/chat/completions", "The same, in time.", "Chat", ChatBody),
    Door("POST /responses", "What is said is answered.", "Response", ResponseBody, streams=True),
    Door("GET /responses/{id}", "What is kept of it.", "Response"),
    Door("DELETE /responses/{id}", "It is deleted.", "Deleted"),
    Door("GET /responses/{id}/input_items", "What was said.", "Items", query=_PAGED),
    Door("POST /context/create", "A context is kept.", "Context", ContextBody),
    Door("POST /context/chat/completions", "It goes on.", "Chat", ContextChatBody, streams=True),
)
_OTHERS = (
    Door("POST /embeddings", "Texts are turned into vectors.", "Embeddings", EmbeddingBody),
    Door("POST /batch/embeddings", "The same, in time.", "Embeddings", EmbeddingBody),
    Door("POST /embeddings/multimodal", "All is one vector.", "Multimodal", MultimodalBody),
    Door("POST /batch/embeddings/multimodal", "The same, in time.", "Multimodal", MultimodalBody),
    Door("POST /tokenization", "Texts are cut into tokens.", "Tokens", TokenizationBody),
    Door("POST /images/generations", "They are painted.", "Pictures", PictureBody, streams=True),
    Door("POST /contents/generations/tasks", "A film is asked for.", "Made", TaskBody),
    Door("GET /contents/generations/tasks", "The newest tasks.", "Tasks", query=_TASKED),
    Door("GET /contents/generations/tasks/{id}", "How far a task is.", "Task"),
    Door("DELETE /contents/generations/tasks/{id}", "It is cancelled or deleted.", "Gone"),
    Door("GET /models", "What can be asked.", "Models"),
    Door("GET /models/{name}", "One model.", "Model"),
    Door("POST /files", "A file is kept.", "File", "FileForm"),
    Door("GET /files", "The newest files.", "Files", query=_LISTED),
    Door("GET /files/{id}", "What is known of a file.", "File"),
    Door("GET /files/{id}/content", "A file as it is.", ""),
    Door("DELETE /files/{id}", "It is deleted.", "Deleted"),
)
VENDOR = Vendor("Ark", (*_TALKS, *_OTHERS), _SHAPES, base=BASES[0])
