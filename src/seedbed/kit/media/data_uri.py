"""Media that are written out as an address, `data:TYPE;base64,...`, read to the letter.

Floor 1.
"""

import binascii
import re

from seedbed.kit.media.errors import MediumFault

_WORD = r"[a-z0-9][\w!#$&^.+-]{0,99}"
_HEAD = re.compile(
    rf"data:({_WORD}/{_WORD})(?:;[\w-]{{1,40}}=[\w.+-]{{1,40}}){{0,4}};base64,",
    re.ASCII | re.IGNORECASE,
)


def read_data_uri(uri: str, *, most: int) -> tuple[str, bytes]:
    r"""The media type that it names, in small letters, and the bytes, `most` of them at most.

    Raises:
        MediumFault: it is none, or longer. What it holds is not repeated.

    >>> read_data_uri("data:image/png;base64,iVBORw==", most=4)
    ('image/png', b'\x89PNG')
    """
    head = _HEAD.match(uri)
    if head is None:
        raise MediumFault("it is no data:TYPE/SUBTYPE;base64,... with a type and base64")
    begin = head.end()
    if (len(uri) - begin) * 3 // 4 > most + 2:
        raise MediumFault(f"it has more than {most:,} bytes")
    try:
        data = binascii.a2b_base64(uri[begin:].encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise MediumFault(f"what follows `;base64,` is no base64 ({_why(error)})") from error
    if len(data) > most:
        raise MediumFault(f"it has more than {most:,} bytes")
    return head[1].lower(), data


def _why(error: ValueError) -> str:
    """The reason alone: that of a wrong letter repeats the whole text."""
    return "it has other letters" if isinstance(error, UnicodeEncodeError) else str(error)
