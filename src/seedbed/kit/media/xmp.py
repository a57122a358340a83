"""A text that is carried within a JPEG or a WebP, under a name, as XMP has it.

Floor 1. PNG has texts of its own.
"""

import html
import re

LONGEST = 60_000
"""Bytes of a packet that a JPEG has room for."""
_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:{home}="urn:{home}">'
    "<{home}:{name}>{text}</{home}:{name}>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def packet(name: str, text: str) -> bytes:
    """A text under a name of two words with a dot between.

    >>> told(packet("house.plan", "1 < 2"), "house.plan")
    '1 < 2'
    """
    home, _, own = name.partition(".")
    return _PACKET.format(home=home, name=own, text=html.escape(text)).encode()


def told(packet: bytes, name: str) -> str | None:
    """The text of that name, if it is there."""
    tag = re.escape(name.replace(".", ":"))
    found = re.search(f"<{tag}>(.*?)</{tag}>", packet.decode("utf-8", "replace"), re.DOTALL)
    return None if found is None else html.unescape(found[1])
