"""The proxy is the one that the usual variables name, and none where they leave a host out."""

from urllib.request import proxy_bypass_environment  # pyright: ignore[reportAttributeAccessIssue]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.http.address import Address, read_address
from seedbed.kit.http.proxy import Proxy, proxy_for

A = read_address("https://a.example/v1")


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"https_proxy": ""}, None),
        ({"http_proxy": "http://p:1"}, None),
        ({"https_proxy": "http://p:1"}, Proxy("p", 1)),
        ({"HTTPS_PROXY": "http://p:1"}, Proxy("p", 1)),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, Proxy("q", 2)),
        ({"https_proxy": "p:3128"}, Proxy("p", 3128)),
        ({"ALL_PROXY": "http://p"}, Proxy("p", 80)),
        ({"https_proxy": "http://me:s%40y@p:1"}, Proxy("p", 1, "Basic bWU6c0B5")),
        ({"https_proxy": "http://me@p:1"}, Proxy("p", 1, "Basic bWU6")),
        ({"https_proxy": "http://p:1", "no_proxy": "b.example, .example"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "*"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "a.example:443"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "a.example:80,ample,"}, Proxy("p", 1)),
    ],
)
def test_a_proxy_is_found(environment: dict[str, str], proxy: Proxy | None) -> None:
    assert proxy_for(A, environment) == proxy


def test_a_proxy_keeps_its_secret() -> None:
    proxy = Proxy("p", 1, "Basic c2VjcmV0")
    assert proxy.headers == (("proxy-authorization", "Basic c2VjcmV0"),)
    assert "c2VjcmV0" not in repr(proxy)


@pytest.mark.parametrize("url", ["socks5://me:secret@p:1", "https://p:1", "http://", "http://p:x"])
def test_a_proxy_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be used|is not an address") as caught:
        proxy_for(A, {"https_proxy": url})
    assert "secret" not in str(caught.value)


NAMES = st.lists(st.sampled_from(["a", "b.a", ".a", "c.b.a", "a:443", "b.a:1", "", " a ", "B.A"]))


@given(st.sampled_from(["a", "b.a", "c.b.a", "ba", "x"]), st.sampled_from([443, 1]), NAMES)
def test_who_is_left_out_is_as_python_has_it(host: str, port: int, names: list[str]) -> None:
    environment = {"https_proxy": "http://p:1", "no_proxy": ",".join(names)}
    is_left_out = proxy_for(Address("https", host, port, ""), environment) is None
    theirs = {"no": environment["no_proxy"]}
    assert is_left_out is bool(proxy_bypass_environment(f"{host}:{port}", theirs))
