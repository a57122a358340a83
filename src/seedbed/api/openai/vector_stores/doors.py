"""The doors of vector stores described for programs.

Floor 6.
"""

from seedbed.api.door import Door
from seedbed.api.openai.vector_stores.wire import (
    AttributesBody,
    FileBatchBody,
    SearchBody,
    VectorStoreBody,
    VectorStoreChange,
    VectorStoreFileBody,
)
from seedbed.api.shape import COUNT, FLAG, TEXT, TEXT_OR_NULL, list_of, object_of, only

_AT = "/v1/vector_stores"
_FILES, _BATCHES = f"{_AT}/{{id}}/files", f"{_AT}/{{id}}/file_batches"
_PAGED = ("limit", "after", "before", "order")
_EDGES = {"has_more": FLAG, "first_id": TEXT_OR_NULL, "last_id": TEXT_OR_NULL}
_STATUS = {"id": TEXT, "status": TEXT, "created_at": COUNT}
_STORE = object_of({**_STATUS, "object": only("vector_store"), "usage_bytes": COUNT})
_FILE = object_of({**_STATUS, "object": only("vector_store.file"), "vector_store_id": TEXT})
_BATCH = object_of({**_STATUS, "object": only("vector_store.files_batch"), "vector_store_id": TEXT})
_PASSAGE = object_of({"file_id": TEXT, "filename": TEXT, "score": {"type": "number"}})
_TEXTS = list_of(object_of({"type": only("text"), "text": TEXT}))

SHAPES = {
    "VectorStore": _STORE,
    "VectorStores": object_of({"object": only("list"), "data": list_of(_STORE), **_EDGES}),
    "VectorStoreFile": _FILE,
    "VectorStoreFiles": object_of({"object": only("list"), "data": list_of(_FILE), **_EDGES}),
    "VectorStoreFileBatch": _BATCH,
    "VectorStoreContent": object_of({"data": _TEXTS, "has_more": FLAG}),
    "VectorStoreResults": object_of({"data": list_of(_PASSAGE), "has_more": FLAG}),
}
DOORS = (
    Door(f"POST {_AT}", "A store is made.", "VectorStore", VectorStoreBody),
    Door(f"GET {_AT}", "The newest stores.", "VectorStores", query=_PAGED),
    Door(f"GET {_AT}/{{id}}", "One store.", "VectorStore"),
    Door(f"POST {_AT}/{{id}}", "It is changed.", "VectorStore", VectorStoreChange),
    Door(f"DELETE {_AT}/{{id}}", "It is deleted.", "Deleted"),
    Door(f"POST {_AT}/{{id}}/search", "Passages are found.", "VectorStoreResults", SearchBody),
    Door(f"POST {_FILES}", "A file is put in.", "VectorStoreFile", VectorStoreFileBody),
    Door(f"GET {_FILES}", "Its files.", "VectorStoreFiles", query=(*_PAGED, "filter")),
    Door(f"GET {_FILES}/{{file}}", "One of its files.", "VectorStoreFile"),
    Door(f"POST {_FILES}/{{file}}", "It is described.", "VectorStoreFile", AttributesBody),
    Door(f"DELETE {_FILES}/{{file}}", "It is taken out.", "Deleted"),
    Door(f"GET {_FILES}/{{file}}/content", "What it says.", "VectorStoreContent"),
    Door(f"POST {_BATCHES}", "Files are put in.", "VectorStoreFileBatch", FileBatchBody),
    Door(f"GET {_BATCHES}/{{batch}}", "How far they are.", "VectorStoreFileBatch"),
    Door(f"POST {_BATCHES}/{{batch}}/cancel", "It ends.", "VectorStoreFileBatch"),
    Door(
        f"GET {_BATCHES}/{{batch}}/files",
        "Its files.",
        "VectorStoreFiles",
        query=(*_PAGED, "filter"),
    ),
)
