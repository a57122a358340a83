"""Where a server is: a URL taken apart, once, so that nothing is taken apart for each request.

Floor 1.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_NOT_PRINTED = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Address:
    """A host, and the path that every request begins with; it ends without a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_encrypted(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.scheme == "https"

    @property
    def place(self) -> str:
        """Host and port, for a proxy and for people."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port as a header has them: without the port that goes without saying."""
        if self.port == _PORTS[self.scheme]:
            return _bracketed(self.host)
        return self.place


def read_address(url: str) -> Address:
    """The address in a URL of HTTP.

    Raises:
        ValueError: it is none, or holds more than a host and a path. A secret is not repeated.
    """
    found, port = split(url)
    if found.scheme not in _PORTS or not found.hostname:
        raise ValueError(f"{shown(url)} is not an address that begins with https:// or http://")
    if "@" in found.netloc or found.query or found.fragment:
        raise ValueError(f"The address of {found.hostname!r} holds more than a host and a path")
    path = quote(found.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    return Address(found.scheme, _ascii(found.hostname), port or _PORTS[found.scheme], path)


def split(url: str) -> tuple[SplitResult, int | None]:
    """A URL in its parts, and its port.

    Raises:
        ValueError: it has none.
    """
    if _NOT_PRINTED.search(url):
        raise ValueError(f"{shown(url)} is not an address: it holds a space or a control character")
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError as error:
        raise ValueError(f"{shown(url)} is not an address of HTTP") from error
    return found, port


def shown(url: str) -> str:
    """As much of a URL as holds no secret, for a sentence."""
    return repr(url.rpartition("@")[2].partition("?")[0][:200])


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _ascii(host: str) -> str:
    """As it is resolved; that its labels are not too long is seen to here, too."""
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"{host[:80]!r} is not the name of a host") from error
