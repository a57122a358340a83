"""What is asked of a model that speaks or hears, and what it tells of sound.

Floor 1. Between doors and engines sound is plain: one channel of 16-bit numbers, the lower byte
first. What is spoken has `SPOKEN_RATE` of them a second, what is heard `HEARD_RATE`.
"""

from collections.abc import Mapping
from dataclasses import field
from math import ceil
from typing import Literal, TypeAlias

from seedbed.core.feature import Feature, Priority
from seedbed.core.value import value

SPOKEN_RATE = 24_000
HEARD_RATE = 16_000
PLAIN_SOUND = "audio/pcm"
LONGEST_HEARD = 3_600
"""Seconds of sound that are heard at once, at most."""
SoundFormat: TypeAlias = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
SOUND_TYPES: Mapping[SoundFormat, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": PLAIN_SOUND,
}
"""The media type of each format."""

_BYTES = 2
_SECONDS_PER_LETTER = 1.0
"""Nobody speaks more slowly than that, if not asked to; a number may be one letter and a word."""
_TOKENS_PER_SECOND = 16
"""Nobody says more words in a second than have so many tokens."""


def milliseconds(size: int, rate: int) -> int:
    """How long so many bytes of plain sound last.

    >>> milliseconds(48_000, 24_000)
    1000
    """
    return size * 1_000 // (_BYTES * rate)


@value
class SpeechAsk:
    """One request for a text to be spoken.

    `instructions` say how. `speed` is 1 for the voice's own. The engine speaks plainly, and the
    road makes of it what `format` says.
    """

    model: str
    text: str
    voice: str
    instructions: str = ""
    format: SoundFormat = "mp3"
    speed: float = 1.0
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None
    extra: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )

    @property
    def needs(self) -> frozenset[Feature]:
        """The one feature that it is about."""
        return frozenset({Feature.SPEECH})

    @property
    def most_input(self) -> int:
        """A bound on the tokens of the text and of what is said of the voice."""
        return len(self.text.encode()) + len(self.instructions.encode()) + 64

    @property
    def most_output(self) -> int:
        """Sound is no tokens."""
        return 0

    @property
    def most_sound(self) -> int:
        """How long it is at most, in milliseconds."""
        return ceil(1_000 * _SECONDS_PER_LETTER * (len(self.text) + 1) / self.speed)


@value
class ListenAsk:
    """One request for the words in a sound, as they were said or in English.

    `sound` is a file of a caller's, which the road makes plain before an engine has it, and tells
    its `length` in milliseconds. `language` is the one that is spoken there, in ISO 639-1, if the
    caller knows. `prompt` is what was said before. With `words` the times of each are wanted.
    """

    model: str
    sound: bytes
    task: Literal["transcribe", "translate"] = "transcribe"
    language: str | None = None
    prompt: str = ""
    words: bool = False
    temperature: float | None = None
    length: int | None = None
    priority: Priority = Priority.DEFAULT
    deadline: float | None = None
    extra: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )

    @property
    def needs(self) -> frozenset[Feature]:
        """The one feature that it is about."""
        return frozenset({Feature.LISTENING})

    @property
    def most_input(self) -> int:
        """A bound on the tokens of the prompt; sound is none."""
        return len(self.prompt.encode()) + 64

    @property
    def most_output(self) -> int:
        """The most tokens that its words can have."""
        return _TOKENS_PER_SECOND * ceil(self.most_sound / 1_000) + 64

    @property
    def most_sound(self) -> int:
        """How long the sound is at most, in milliseconds."""
        return 1_000 * LONGEST_HEARD if self.length is None else self.length


@value
class Spoken:
    """Some more sound: the next bytes of a file of that `media` type.

    An engine's are `PLAIN_SOUND`; what comes off the road is in the format that was asked for.
    """

    data: bytes
    media: str = PLAIN_SOUND


@value
class HeardWord:
    """One word, and when it was said, in seconds."""

    text: str
    start: float
    end: float


@value
class Heard:
    """A piece of what was heard: it follows the `TextDelta`s that told its words.

    It was said from `start` to `end`, in seconds, in a `language` of ISO 639-1, where the engine
    knows. `words` are there if they were asked for.
    """

    text: str
    start: float
    end: float
    language: str = ""
    words: tuple[HeardWord, ...] = ()
