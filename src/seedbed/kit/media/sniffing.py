"""What a medium is, by its first bytes, whatever it is said to be.

Floor 1.
"""

from collections.abc import Mapping

_BEGINNINGS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"\x1aE\xdf\xa3": "video/x-matroska",
    b"FLV\1": "video/x-flv",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xfa": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\xff\xf2": "audio/mpeg",
    b"\xff\xe3": "audio/mpeg",
    b"\xff\xf1": "audio/aac",
    b"\xff\xf9": "audio/aac",
    b"PK\3\4": "application/zip",
    b"\x1f\x8b": "application/gzip",
}
_RIFF: Mapping[bytes, str] = {
    b"WEBP": "image/webp",
    b"WAVE": "audio/wav",
    b"AVI ": "video/x-msvideo",
}
_BRANDS: Mapping[bytes, str] = {
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_PACKET = 188
"""Bytes of a packet of a transport stream, each of which begins with a G."""
_LEADING = 1024
"""Bytes that may come before what tells that it is a PDF."""


def media_type_of(data: bytes) -> str:
    """The media type; `text/plain` of what is UTF-8 without control characters, empty if unknown.

    >>> [media_type_of(data) for data in (b"GIF89a...", b"%PDF-1.7", b"Hello.", bytes(9))]
    ['image/gif', 'application/pdf', 'text/plain', '']
    """
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    if data[:1] == data[_PACKET : _PACKET + 1] == data[2 * _PACKET : 2 * _PACKET + 1] == b"G":
        return "video/mp2t"
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "image/bmp"
    if b"%PDF-" in data[:_LEADING]:
        return "application/pdf"
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    return "text/plain" if _is_text(data) else ""


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and not any(mark in text for mark in _UNWRITTEN)


_UNWRITTEN = tuple(chr(code) for code in range(32) if chr(code) not in "\t\n\f\r")
"""Control characters that stand in no text."""
