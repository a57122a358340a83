"""Texts that are carried within a JPEG or a WebP, under their names, as XMP has it.

Floor 1. PNG has texts of its own.
"""

import html
import re
from collections.abc import Mapping

LONGEST = 60_000
"""Bytes of a packet that a JPEG has room for."""
_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:{home}="urn:{home}">'
    "{texts}"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def packet(texts: Mapping[str, str]) -> bytes:
    """Texts under names of two words with a dot between, of which the first is the same in all.

    >>> told(packet({"house.plan": "1 < 2", "house.age": "9"}), "house.plan")
    '1 < 2'
    """
    homes, tags = {name.partition(".")[0] for name in texts}, list[str]()
    for name, text in texts.items():
        tag = name.replace(".", ":")
        tags.append(f"<{tag}>{html.escape(text)}</{tag}>")
    (home,) = homes
    return _PACKET.format(home=home, texts="".join(tags)).encode()


def told(packet: bytes, name: str) -> str | None:
    """The text of that name, if it is there."""
    tag = re.escape(name.replace(".", ":"))
    found = re.search(f"<{tag}>(.*?)</{tag}>", packet.decode("utf-8", "replace"), re.DOTALL)
    return None if found is None else html.unescape(found[1])
