"""OpenAI's doors described for programs, but for the model calls that `schema.py` has.

Floor 6.
"""

from typing import get_args

from seedbed.api.door import Door, Vendor
from seedbed.api.openai.answers import ANSWERS
from seedbed.api.openai.audio.speech import SpeechBody
from seedbed.api.openai.batches import BatchBody
from seedbed.api.openai.conversations import ConversationBody, ItemsBody
from seedbed.api.openai.files import Purpose
from seedbed.api.openai.images import ImageBody
from seedbed.api.openai.moderations import ModerationBody
from seedbed.api.openai.responses.wire import AskBody, ResponseBody
from seedbed.api.openai.stored import StoredBody
from seedbed.api.openai.uploads import CompleteBody, UploadBody
from seedbed.api.openai.vector_stores import doors as vector_stores
from seedbed.api.openai.videos_read import RemixBody, VideoBody
from seedbed.api.shape import COUNT, FILE, FLAG, TEXT, TEXT_OR_NULL, list_of, object_of, only

_FORM = {"file": FILE, "purpose": {"enum": list(get_args(Purpose))}}
_FILE = object_of({"id": TEXT, "object": only("file"), "bytes": COUNT, "filename": TEXT})
_BATCH = object_of({"id": TEXT, "object": only("batch"), "status": TEXT, "endpoint": TEXT})
_ITEM = object_of({"id": TEXT, "type": TEXT})
_MESSAGE = object_of({"id": TEXT, "role": TEXT})
_JUDGED = object_of({"flagged": FLAG, "categories": object_of({})})
_RESPONSE = {"id": TEXT, "object": only("response"), "status": TEXT, "model": TEXT}
_EDGES = {"has_more": FLAG, "first_id": TEXT_OR_NULL, "last_id": TEXT_OR_NULL}
_PAGED = ("limit", "after", "order")

_VIDEO = object_of(
    {"id": TEXT, "object": only("video"), "status": TEXT, "progress": COUNT, "seconds": TEXT}
)
_AGAIN = ("stream", "starting_after")

_SHAPES = {
    **ANSWERS,
    **vector_stores.SHAPES,
    "Response": object_of({**_RESPONSE, "output": list_of(object_of({"type": TEXT}))}),
    "InputTokens": object_of({"object": only("response.input_tokens"), "input_tokens": COUNT}),
    "Conversation": object_of({"id": TEXT, "object": TEXT, "created_at": COUNT}),
    "Item": _ITEM,
    "Items": object_of({"object": only("list"), "data": list_of(_ITEM), **_EDGES}),
    "Pictures": object_of({"created": COUNT, "data": list_of(object_of({}))}),
    "Transcript": object_of({"text": TEXT}),
    "SoundForm": object_of({"file": FILE, "model": TEXT}),
    "Video": _VIDEO,
    "Videos": object_of({"object": only("list"), "data": list_of(_VIDEO), **_EDGES}),
    "PictureForm": object_of({"image": FILE, "model": TEXT, "prompt": TEXT}),
    "File": _FILE,
    "Files": object_of({"object": only("list"), "data": list_of(_FILE), **_EDGES}),
    "FileForm": object_of(_FORM),
    "Upload": object_of({"id": TEXT, "object": only("upload"), "status": TEXT, "bytes": COUNT}),
    "UploadPart": object_of({"id": TEXT, "object": only("upload.part"), "upload_id": TEXT}),
    "PartForm": object_of({"data": FILE}),
    "Batch": _BATCH,
    "Batches": object_of({"object": only("list"), "data": list_of(_BATCH), **_EDGES}),
    "Chats": object_of(
        {"object": only("list"), "data": list_of(object_of({"id": TEXT})), **_EDGES}
    ),
    "Said": object_of({"object": only("list"), "data": list_of(_MESSAGE), **_EDGES}),
    "Moderation": object_of({"id": TEXT, "model": TEXT, "results": list_of(_JUDGED)}),
    "Deleted": object_of({"id": TEXT, "deleted": {"const": True}}),
}
_SAID = (
    Door("POST /v1/responses", "What is said is answered.", "Response", ResponseBody, streams=True),
    Door("POST /v1/responses/input_tokens", "A prompt is counted.", "InputTokens", AskBody),
    Door("GET /v1/responses/{id}", "What is kept of it.", "Response", streams=True, query=_AGAIN),
    Door("DELETE /v1/responses/{id}", "It is deleted.", "Deleted"),
    Door("POST /v1/responses/{id}/cancel", "It ends.", "Response"),
    Door("GET /v1/responses/{id}/input_items", "What was said.", "Items", query=_PAGED),
    Door("POST /v1/conversations", "One is begun.", "Conversation", ConversationBody),
    Door("GET /v1/conversations/{id}", "One conversation.", "Conversation"),
    Door("POST /v1/conversations/{id}", "Its metadata changes.", "Conversation", ConversationBody),
    Door("DELETE /v1/conversations/{id}", "It is deleted.", "Deleted"),
    Door("POST /v1/conversations/{id}/items", "More is said.", "Items", ItemsBody),
    Door("GET /v1/conversations/{id}/items", "What was said.", "Items", query=_PAGED),
    Door("GET /v1/conversations/{id}/items/{item}", "One item.", "Item"),
    Door("DELETE /v1/conversations/{id}/items/{item}", "It is deleted.", "Conversation"),
)
_KEPT = (
    Door("POST /v1/files", "A file is kept.", "File", "FileForm"),
    Door("GET /v1/files", "The newest files.", "Files", query=(*_PAGED, "purpose")),
    Door("GET /v1/files/{id}", "What is known of a file.", "File"),
    Door("GET /v1/files/{id}/content", "A file as it is.", ""),
    Door("DELETE /v1/files/{id}", "It is deleted.", "Deleted"),
    Door("POST /v1/uploads", "A file is to come in parts.", "Upload", UploadBody),
    Door("POST /v1/uploads/{id}/parts", "A part comes.", "UploadPart", "PartForm"),
    Door("POST /v1/uploads/{id}/complete", "The parts are a file.", "Upload", CompleteBody),
    Door("POST /v1/uploads/{id}/cancel", "It is ended.", "Upload"),
    Door("POST /v1/batches", "A batch is begun.", "Batch", BatchBody),
    Door("GET /v1/batches", "The newest batches.", "Batches", query=_PAGED),
    Door("GET /v1/batches/{id}", "One batch.", "Batch"),
    Door("POST /v1/batches/{id}/cancel", "It ends.", "Batch"),
)
_CHATS = (
    Door("GET /v1/chat/completions", "Those kept.", "Chats", query=(*_PAGED, "model")),
    Door("GET /v1/chat/completions/{id}", "One that is kept.", "Chat"),
    Door("POST /v1/chat/completions/{id}", "Its metadata changes.", "Chat", StoredBody),
    Door("DELETE /v1/chat/completions/{id}", "It is deleted.", "Deleted"),
    Door("GET /v1/chat/completions/{id}/messages", "What it answers.", "Said", query=_PAGED),
)
_OTHERS = (
    Door("POST /v1/moderations", "What is said is judged.", "Moderation", ModerationBody),
    Door("GET /v1/models", "What can be asked.", "Models"),
    Door("GET /v1/models/{name}", "One model.", "Model"),
    Door("POST /v1/images/generations", "They are painted.", "Pictures", ImageBody, streams=True),
    Door("POST /v1/images/edits", "Pictures are changed.", "Pictures", "PictureForm", streams=True),
)
_SOUND = (
    Door("POST /v1/audio/speech", "A text is spoken.", "", SpeechBody),
    Door(
        "POST /v1/audio/transcriptions",
        "A sound is heard.",
        "Transcript",
        "SoundForm",
        streams=True,
        also=("text/plain", "text/vtt"),
    ),
    Door(
        "POST /v1/audio/translations",
        "What is heard is told in English.",
        "Transcript",
        "SoundForm",
        also=("text/plain", "text/vtt"),
    ),
)
_FILMS = (
    Door("POST /v1/videos", "A film is asked for.", "Video", VideoBody),
    Door("GET /v1/videos", "The newest films.", "Videos", query=_PAGED),
    Door("GET /v1/videos/{id}", "How far a film is.", "Video"),
    Door("DELETE /v1/videos/{id}", "It is deleted.", "Deleted"),
    Door("GET /v1/videos/{id}/content", "A film as it is.", ""),
    Door("POST /v1/videos/{id}/remix", "It is made anew.", "Video", RemixBody),
)
_ALL = (*_SAID, *_KEPT, *_CHATS, *_FILMS, *_OTHERS, *_SOUND, *vector_stores.DOORS)
VENDOR = Vendor("", _ALL, _SHAPES)
