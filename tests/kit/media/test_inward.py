"""No form of an inward address is taken for an outward one."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.media.inward import is_inward

INWARD = (
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::192.168.0.1",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
)
OUTWARD = ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::1.1.1.1")


@pytest.mark.parametrize("address", INWARD)
def test_what_leads_inward_is_told(address: str) -> None:
    assert is_inward(address)


@pytest.mark.parametrize("address", [*OUTWARD, "2002:808:808::1"])
def test_what_is_public_is_not(address: str) -> None:
    assert not is_inward(address)


@given(st.ip_addresses(v=4))
def test_whoever_carries_an_address_is_as_inward_as_that(address: IPv4Address) -> None:
    number = int(address)
    carriers = (0xFFFF << 32, 0xFFFF << 48, 0x64FF9B << 96)
    carried = [IPv6Address(base | number) for base in carriers]
    carried.append(IPv6Address(0x2002 << 112 | number << 80))
    assert {is_inward(str(one)) for one in carried} == {is_inward(str(address))}
