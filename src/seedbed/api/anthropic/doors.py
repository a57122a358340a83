"""Anthropic's doors described for programs.

Floor 6.
"""

from seedbed.api.anthropic.batches import BatchBody
from seedbed.api.anthropic.wire import CountBody, MessageBody
from seedbed.api.door import Door, Vendor
from seedbed.api.shape import COUNT, FILE, FLAG, TEXT, TEXT_OR_NULL, list_of, object_of, only

_USED = object_of({"input_tokens": COUNT, "output_tokens": COUNT})
_MESSAGE = {"id": TEXT, "type": only("message"), "role": only("assistant"), "model": TEXT}
_BLOCKS = list_of(object_of({"type": TEXT}))
_MODEL = object_of({"id": TEXT, "type": only("model"), "display_name": TEXT, "created_at": TEXT})
_FILE = object_of({"id": TEXT, "type": only("file"), "filename": TEXT, "size_bytes": COUNT})
_STATUS = {"enum": ["in_progress", "canceling", "ended"]}
_BATCH = object_of({"id": TEXT, "type": only("message_batch"), "processing_status": _STATUS})
_EDGES = {"has_more": FLAG, "first_id": TEXT_OR_NULL, "last_id": TEXT_OR_NULL}
_PAGED = ("limit", "after_id", "before_id")

_SHAPES = {
    "Message": object_of({**_MESSAGE, "content": _BLOCKS, "stop_reason": TEXT, "usage": _USED}),
    "Count": object_of({"input_tokens": COUNT}),
    "Model": _MODEL,
    "Models": object_of({"data": list_of(_MODEL), **_EDGES}),
    "File": _FILE,
    "Files": object_of({"data": list_of(_FILE), **_EDGES, "next_page": TEXT_OR_NULL}),
    "FileForm": object_of({"file": FILE}),
    "Batch": _BATCH,
    "Batches": object_of({"data": list_of(_BATCH), **_EDGES}),
    "Deleted": object_of({"id": TEXT, "type": TEXT}),
    "Problem": object_of(
        {
            "type": only("error"),
            "error": object_of({"type": TEXT, "message": TEXT}),
            "request_id": TEXT,
        }
    ),
}
VENDOR = Vendor(
    "Anthropic",
    (
        Door("POST /v1/messages", "It is answered.", "Message", MessageBody, streams=True),
        Door("POST /v1/messages/count_tokens", "A prompt is counted.", "Count", CountBody),
        Door("POST /v1/messages/batches", "A batch is begun.", "Batch", BatchBody),
        Door("GET /v1/messages/batches", "The newest batches.", "Batches", query=_PAGED),
        Door("GET /v1/messages/batches/{id}", "One batch.", "Batch"),
        Door("DELETE /v1/messages/batches/{id}", "It is deleted.", "Deleted"),
        Door("POST /v1/messages/batches/{id}/cancel", "It ends.", "Batch"),
        Door("GET /v1/messages/batches/{id}/results", "What was answered, as JSONL.", ""),
        Door("GET /v1/models", "What can be asked.", "Models", query=_PAGED),
        Door("GET /v1/models/{name}", "One model.", "Model"),
        Door("POST /v1/files", "A file is kept.", "File", "FileForm"),
        Door("GET /v1/files", "The newest files.", "Files", query=(*_PAGED, "page", "ids")),
        Door("GET /v1/files/{id}", "What is known of a file.", "File"),
        Door("GET /v1/files/{id}/content", "A file as it is.", ""),
        Door("DELETE /v1/files/{id}", "It is deleted.", "Deleted"),
    ),
    _SHAPES,
    header="anthropic-version",
)
