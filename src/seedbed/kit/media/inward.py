"""Which addresses lead into one's own network, in whatever form they are written.

Floor 1. Only what is known to be public leads outward. An address of version 6 that carries one of
version 4, for a translator or a tunnel, is as inward as the one that it carries.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_GIVEN_OUT = IPv6Network("2000::/3")
"""All of version 6 that anybody has outside."""
_CARRIERS = (
    (IPv6Network("::/96"), 0),  # as it was written once
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)
"""Networks whose addresses carry one of version 4, and how many bits follow it."""


def is_inward(address: str) -> bool:
    """Whether a connection to that address could end in one's own network.

    >>> [is_inward(one) for one in ("10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1%2")]
    [True, True, True, True]
    >>> [is_inward(one) for one in ("93.184.215.14", "2606:4700::1111", "64:ff9b::8.8.8.8")]
    [False, False, False]
    """
    found = ip_address(address.partition("%")[0])
    return any(not _is_public(one) for one in _ends(found))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return isinstance(address, IPv4Address) or address in _GIVEN_OUT


def _ends(found: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Where a packet to the address can end: at the one that it carries, or at itself."""
    carried = [
        IPv4Address(int(found) >> bits & 0xFFFFFFFF)
        for network, bits in _CARRIERS
        if found in network
    ]
    yield from carried or [found]
