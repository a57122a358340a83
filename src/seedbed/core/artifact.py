"""Artifacts: bytes that are kept under their own hash, and who needs them.

Floor 1. The bytes lie in `seedbed.store.blobs`, and who holds them is a row. Moments are in epoch
microseconds.
"""

import re
from dataclasses import dataclass

PLAIN = "application/octet-stream"
"""The media type of bytes of which nothing is known."""
_MEDIA = re.compile(r"[a-z0-9][\w!#$&^.+-]*/[a-z0-9][\w!#$&^.+-]*(; ?[\w-]+=[\w.+-]+)*", re.ASCII)
_LONGEST_MEDIA = 100
_INERT = re.compile(r"(image/(?!svg)|audio/|video/|text/plain(;|$))")
_HASH = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"file[-_][\w.-]{1,72}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hold:
    """Who needs an artifact, on whose behalf, and what they call it: a media type and a name.

    `holder` is the id of a job, a document or a key. From `until` on it is needed no more.
    """

    holder: str
    project: str
    media: str
    name: str = ""
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """Bytes that are kept: `hash` is their SHA-256 in hexadecimal, `size` their number.

    `holds` are those of whoever asks, the first of which says what it is called.
    """

    hash: str
    size: int
    created: int
    holds: tuple[Hold, ...] = ()

    @property
    def media(self) -> str:
        """What kind of bytes they are, as their holder says."""
        return self.holds[0].media if self.holds else PLAIN

    @property
    def name(self) -> str:
        """What their holder calls them."""
        return self.holds[0].name if self.holds else ""


def is_hash(text: str) -> bool:
    """Whether it has the form of a SHA-256 in hexadecimal."""
    return bool(_HASH.fullmatch(text))


def is_kept(source: str) -> bool:
    """Whether that is what a project has here already: an artifact's hash, or a file's id.

    >>> [is_kept(source) for source in ("0" * 64, "file-ab12", "file_ab12", "file://a", "http://a")]
    [True, True, True, False, False]
    """
    return is_hash(source) or bool(_FILE.fullmatch(source))


def is_media(text: str) -> bool:
    """Whether it is a media type that may stand in a header.

    >>> [is_media(text) for text in ("text/plain; charset=utf-8", "text", "a/b, c/d")]
    [True, False, False]
    """
    return len(text) <= _LONGEST_MEDIA and bool(_MEDIA.fullmatch(text))


def is_inert(media: str) -> bool:
    """Whether a browser that shows it runs nothing of it.

    >>> [is_inert(media) for media in ("image/png", "image/svg+xml", "text/html", "text/plain")]
    [True, False, False, True]
    """
    return bool(_INERT.match(media))


def blob_key(hash_: str) -> str:
    """Where the bytes of that hash lie.

    >>> blob_key("abcdef")
    'ab/cdef'
    """
    return f"{hash_[:2]}/{hash_[2:]}"


def hash_of(key: str) -> str:
    """Whose bytes lie there; what is no artifact, such as a broken upload, gives what is no hash.

    >>> hash_of("ab/cdef")
    'abcdef'
    """
    return key.replace("/", "", 1)
