"""`POST /v1/audio/transcriptions` and `/v1/audio/translations`: a sound is heard, and its words are
told as they were said, or in English.

Floor 6. What a file is is told by its first bytes, whatever it is called. Passed over:
`chunking_strategy` auto, since the engine cuts a sound as it has to. Refused by name: what is in
`_UNSERVED`, and a stream of anything but words.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.files.form import read_fields
from seedbed.api.images.form import Form, read_form
from seedbed.api.openai import wire
from seedbed.api.openai.audio.transcript import FIELDS, MEDIA, Manuscript, TranscriptWriter
from seedbed.api.openai.body import Refused, missing, refuse
from seedbed.api.openai.manner import OpenAi
from seedbed.core.errors import FieldUnserved, RequestMalformed, RequestTooLarge
from seedbed.core.sound import ListenAsk

_LARGEST = 25 << 20
"""Bytes of a file, as the vendor has it."""
_TIMES = frozenset({"word", "segment"})
_SPEAKERS = "no engine tells speakers apart"
_UNTAKEN = "no engine takes it"
_UNSERVED: Refused = {
    "response_format": (("json", "text", "srt", "verbose_json", "vtt"), _SPEAKERS),
    "known_speaker_names": ((), _SPEAKERS),
    "known_speaker_references": ((), _SPEAKERS),
    "include": ((), "no engine tells how likely each token was"),
    "chunking_strategy": (("auto",), _UNTAKEN),
    "keywords": ((), _UNTAKEN),
    "languages": ((), _UNTAKEN),
}
Written: TypeAlias = Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]


class TranslationBody(msgspec.Struct, kw_only=True):
    """The fields of a form, beside its `file`."""

    model: wire.Name
    prompt: str | None = None
    response_format: Written | None = None
    temperature: wire.Share | None = None


class TranscriptionBody(TranslationBody, kw_only=True):
    """The same where words are told as they were said."""

    language: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    stream: bool | None = None
    chunking_strategy: str | dict[str, object] | None = None
    include: str | None = None
    keywords: str | None = None
    languages: str | None = None
    known_speaker_names: str | None = None
    known_speaker_references: str | None = None


class Transcriptions(OpenAi):
    """Words are told as they were said."""

    fields = FIELDS

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a form with a sound in it."""
        del request_id, now
        form = read_form(body)
        told = read_fields(form.fields, TranscriptionBody)
        refuse(told, _UNSERVED)
        written = told.response_format or "json"
        times = _times(form, written)
        if told.stream and written not in {"json", "text"}:
            because = f"only words come as they are heard, and no {written}."
            raise FieldUnserved("stream", value="true", because=because)
        ask = ListenAsk(
            told.model,
            _sound(form),
            language=told.language,
            prompt=told.prompt or "",
            words="word" in times,
            temperature=told.temperature,
        )
        writer = TranscriptWriter(Manuscript(written, "transcribe", times, told.language or ""))
        if told.stream:
            return Reading(ask, writer, writer)
        return Reading(ask, writer, media=MEDIA[written])


class Translations(Transcriptions):
    """Words are told in English."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a form with a sound in it."""
        del request_id, now
        form = read_form(body)
        told = read_fields(form.fields, TranslationBody)
        written = told.response_format or "json"
        if written == "diarized_json":
            raise FieldUnserved("response_format", value=repr(written), because=f"{_SPEAKERS}.")
        ask = ListenAsk(
            told.model,
            _sound(form),
            "translate",
            prompt=told.prompt or "",
            temperature=told.temperature,
        )
        writer = TranscriptWriter(Manuscript(written, "translate", language="english"))
        return Reading(ask, writer, media=MEDIA[written])


def _sound(form: Form) -> bytes:
    """The one file.

    Raises:
        RequestMalformed: there is none, or more than one.
        RequestTooLarge: it is larger than is taken.
    """
    files = list(form.files.get("file", ()))
    if not files:
        raise missing("file", "it is the sound that is heard")
    if len(files) > 1:
        raise RequestMalformed(
            f"Field 'file' comes {len(files)} times.", hint="Send one file.", field="file"
        )
    if len(files[0]) > _LARGEST:
        raise RequestTooLarge(limit=_LARGEST)
    return files[0]


def _times(form: Form, written: str) -> frozenset[str]:
    """Whose times are wanted.

    Raises:
        RequestMalformed: nothing has such, or the answer has no place for them.
    """
    field = "timestamp_granularities"
    wanted = frozenset(form.said.get(field, ()))
    if strange := wanted - _TIMES:
        raise RequestMalformed(
            f"Field {field!r} has {min(strange)[:40]!r}.",
            hint="Send word, segment or both.",
            field=field,
        )
    if wanted and written != "verbose_json":
        raise RequestMalformed(
            f"Field {field!r} asks for times, and {written} tells none.",
            hint="Send response_format verbose_json, or leave it out.",
            field=field,
        )
    return wanted or frozenset({"segment"})
