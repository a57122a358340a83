"""The proxy that a machine is set up with, by the variables that are usual for it.

Floor 1. The rules are those of Python's own `urllib`: `http_proxy`, `https_proxy` and `no_proxy`
are written in small letters or large, and the small ones count first; a name in `no_proxy` stands
for the names below it, too. `all_proxy` stands in for the one of a scheme.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from seedbed.kit.http.address import Address, shown, split


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy listens, and the header that it wants to see, where it wants one."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What is told to the proxy alone."""
        return (("proxy-authorization", self.authorization),) if self.authorization else ()


def proxy_for(address: Address, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy on the way to an address, or `None` where the way is straight.

    Raises:
        ValueError: the variable holds no address of an HTTP proxy.
    """
    # Small letters sort last, and so they stand.
    found = {name.lower(): environment[name] for name in sorted(environment)}
    url = found.get(f"{address.scheme}_proxy") or found.get("all_proxy")
    if not url or _is_left_out(address, found.get("no_proxy", "")):
        return None
    return _read(url)


def _read(url: str) -> Proxy:
    parts, port = split(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(
            f"The proxy {shown(url)} cannot be used: only proxies that are spoken to as http:// can"
        )
    secret = None
    if parts.username is not None:
        words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        secret = f"Basic {b64encode(words.encode()).decode()}"
    return Proxy(parts.hostname, port or 80, secret)


def _is_left_out(address: Address, names: str) -> bool:
    if names.strip() == "*":
        return True
    for raw in names.split(","):
        name = raw.strip().lstrip(".").lower()
        if name and any(
            host == name or host.endswith(f".{name}") for host in (address.host, address.place)
        ):
            return True
    return False
