"""Who may overhear: the loopback is this machine's own; beyond it, TLS or the explicit word.

Floor 6.
"""

import ipaddress
import ssl

from seedbed.core.errors import SettingRefused


def secure(host: str, *, certificate: str, key: str, in_the_clear: bool) -> ssl.SSLContext | None:
    """What the server speaks TLS with, if it does.

    Raises:
        SettingRefused: others could overhear and nobody said that they may, or the certificate
            cannot be used.
    """
    if certificate or key:
        return _context(certificate, key)
    if in_the_clear or is_loopback(host):
        return None
    raise SettingRefused(
        f"Setting 'host' is {host!r}, so keys and prompts would cross the network in the clear.",
        hint="Set `certificate` and `certificate_key` to speak TLS, or `in_the_clear = true` where "
        "something in front of the server does, or nobody can listen.",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address; a name other than `localhost` may be any."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def trusting(certificate: str) -> ssl.SSLContext:
    """What our own commands ask our own server with: they trust its very certificate, and no other.

    Raises:
        SettingRefused: it cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the certificate is the name
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(certificate)
    except OSError as error:
        raise _refused("certificate", certificate, error) from error
    return context


def _context(certificate: str, key: str) -> ssl.SSLContext:
    if not certificate or not key:
        given, lacking = ("certificate", "certificate_key")[:: 1 if certificate else -1]
        raise SettingRefused(
            f"Setting {given!r} is given and {lacking!r} is not.", hint="TLS needs both."
        )
    for name, path in (("certificate", certificate), ("certificate_key", key)):
        try:
            with open(path, "rb"):  # noqa: PTH123 - the setting is a text
                pass
        except OSError as error:
            raise _refused(name, path, error) from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise SettingRefused(
            f"The certificate {certificate} cannot be used with the key {key}: {_why(error)}.",
            hint="Both are files in PEM, the key is the certificate's, and it has no password.",
        ) from error
    return context


def _no_password() -> str:
    raise ValueError("the key has a password")


def _refused(name: str, path: str, error: OSError) -> SettingRefused:
    return SettingRefused(
        f"Setting {name!r} is {path!r}, which cannot be read: {error.strerror or error}.",
        hint="Name a file in PEM that the server's user may read.",
    )


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else str(error)
    return (reason or "it is not in PEM").replace("_", " ").lower()
