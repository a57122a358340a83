"""What was heard, in OpenAI's words: as JSON, plain, as subtitles, or word by word.

Floor 6. Of a segment its own `avg_logprob`, `compression_ratio`, `no_speech_prob`, `temperature`
and `tokens` are not known here; they are told as zeros and as none, since the vendor's types want
them. A stream ends with the tokens that were used, for which alone its words have a place; whole
answers tell the seconds that were heard.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api.openai import write
from seedbed.core.event import Event, Failed, Finished, Reply, TextDelta
from seedbed.core.sound import Heard
from seedbed.core.value import value
from seedbed.kit import sse

_PLAIN = "text/plain; charset=utf-8"
MEDIA: Mapping[str, str] = {
    "json": "",
    "verbose_json": "",
    "text": _PLAIN,
    "srt": _PLAIN,
    "vtt": "text/vtt; charset=utf-8",
}
"""The media type of each form but JSON's."""
FIELDS: Mapping[str, str] = {"messages": "prompt", "sound": "file"}
"""What a field is called here that the gateway or an engine names."""
_UNKNOWN: Mapping[str, object] = {
    "seek": 0,
    "tokens": (),
    "temperature": 0.0,
    "avg_logprob": 0.0,
    "compression_ratio": 0.0,
    "no_speech_prob": 0.0,
}


@value
class Manuscript:
    """How it is written: in which form, for what task, with whose `times`, in which `language` if
    that was told.
    """

    written: str = "json"
    task: str = "transcribe"
    times: frozenset[str] = frozenset({"segment"})
    language: str = ""


class TranscriptWriter:
    """Writes what was heard."""

    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._text = ""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        match self._manuscript.written:
            case "text":
                return f"{reply.text}\n".encode()
            case "srt":
                cues = [_cue(one, ",", f"{n}\n") for n, one in enumerate(reply.heard, 1)]
                return "".join(cues).encode()
            case "vtt":
                return "".join(["WEBVTT\n\n", *(_cue(one, ".") for one in reply.heard)]).encode()
            case "verbose_json":
                return msgspec.json.encode(self._verbose(reply))
            case _:
                return msgspec.json.encode({"text": reply.text} | _counted(reply))

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        match event:
            case TextDelta(text=text):
                self._text += text
                return _frame({"type": "transcript.text.delta", "delta": text})
            case Finished(usage=used):
                tokens = {
                    "type": "tokens",
                    "input_tokens": used.input,
                    "output_tokens": used.output,
                    "total_tokens": used.input + used.output,
                }
                done = {"type": "transcript.text.done", "text": self._text, "usage": tokens}
                return _frame(done | write.cost(event.entry))
            case Failed(error=error):
                return sse.frame(write.error_body(error, FIELDS))
            case _:
                return b""

    def _verbose(self, reply: Reply) -> dict[str, object]:
        manuscript = self._manuscript
        heard = reply.heard[0].language if reply.heard else ""
        told: dict[str, object] = {
            "task": manuscript.task,
            "language": manuscript.language or heard,
            "duration": reply.usage.sound_milliseconds / 1_000,
            "text": reply.text,
        }
        if "segment" in manuscript.times:
            told["segments"] = [_segment(n, one) for n, one in enumerate(reply.heard)]
        if "word" in manuscript.times:
            told["words"] = [
                {"word": word.text, "start": word.start, "end": word.end}
                for one in reply.heard
                for word in one.words
            ]
        return told | _counted(reply)


def _counted(reply: Reply) -> dict[str, object]:
    seconds = reply.usage.sound_milliseconds / 1_000
    return {"usage": {"type": "duration", "seconds": seconds}} | write.cost(reply.entry)


def _segment(number: int, heard: Heard) -> dict[str, object]:
    told = {"id": number, "start": heard.start, "end": heard.end, "text": heard.text}
    return told | dict(_UNKNOWN)


def _cue(heard: Heard, point: str, head: str = "") -> str:
    """One piece of subtitles; a break or an arrow in its words would end it."""
    words = " ".join(heard.text.split()).replace("-->", "->")
    return f"{head}{_clock(heard.start, point)} --> {_clock(heard.end, point)}\n{words}\n\n"


def _clock(seconds: float, point: str) -> str:
    """A moment as subtitles tell it.

    >>> _clock(3_661.5, ",")
    '01:01:01,500'
    """
    minutes, rest = divmod(round(seconds * 1_000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1_000:02}{point}{rest % 1_000:03}"


def _frame(told: Mapping[str, object]) -> bytes:
    return sse.frame(msgspec.json.encode(told))
