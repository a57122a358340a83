"""A URL is taken apart once, and a secret in it is refused and not repeated."""

import pytest

from seedbed.kit.http.address import Address, read_address


@pytest.mark.parametrize(
    ("url", "address", "authority"),
    [
        ("http://a.example", Address("http", "a.example", 80, ""), "a.example"),
        ("https://A.example/v1/", Address("https", "a.example", 443, "/v1"), "a.example"),
        ("https://a.example:80/v1", Address("https", "a.example", 80, "/v1"), "a.example:80"),
        ("http://[::1]:8000/v1", Address("http", "::1", 8000, "/v1"), "[::1]:8000"),
        ("http://[::1]/", Address("http", "::1", 80, ""), "[::1]"),
        (
            "https://bücher.example/é%20x",
            Address("https", "xn--bcher-kva.example", 443, "/%C3%A9%20x"),
            "xn--bcher-kva.example",
        ),
    ],
)
def test_an_address_is_read(url: str, address: Address, authority: str) -> None:
    found = read_address(url)
    assert (found, found.authority) == (address, authority)
    assert found.is_encrypted is url.startswith("https")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with"),
        ("ftp://a.example", "'ftp://a.example' is not an address that begins with"),
        ("https:///v1", "begins with"),
        ("https://a.example:port", "'https://a.example:port' is not an address of HTTP"),
        ("https://a.example:99999", "is not an address of HTTP"),
        ("https://[::1", "is not an address of HTTP"),
        ("https://a.exam ple", "holds a space or a control character"),
        ("https://a.example/\r\nx: y", "holds a space or a control character"),
        (f"https://{'ü' * 70}.example", "is not the name of a host"),
        (f"https://{'a' * 64}.example", "is not the name of a host"),
        (f"https://{'a' * 9_000}", "is not the name of a host"),
        ("https://a..example", "is not the name of a host"),
        ("https://me:secret@a.example", "of 'a.example' holds more than a host and a path"),
        ("https://me:secret@a.example:port", "'a.example:port' is not an address"),
        ("https://a.example?key=secret", "more than a host and a path"),
        ("https://a.example#secret", "more than a host and a path"),
    ],
)
def test_what_is_no_address_is_refused_without_its_secrets(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        read_address(url)
    assert "secret" not in str(caught.value)
