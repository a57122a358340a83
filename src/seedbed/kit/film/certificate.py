"""The certificate that this house signs what it makes with, and its key.

Floor 1. Made once, by an authority that is made for it and whose key is thrown away; made anew
before it ends. Chain and key lie in one file that only its owner reads, so that they always fit.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from seedbed.kit import atomic
from seedbed.kit.clock import Clock

_FILE = "signer.pem"
_KEY_BEGINS = "-----BEGIN PRIVATE KEY-----"
_LASTS = timedelta(days=3 * 365)
_SPARE = timedelta(days=30)
_EARLIER = timedelta(hours=1)
"""Clocks of readers may be slow."""


def certificate(folder: Path, clock: Clock) -> tuple[str, str]:
    """The chain of certificates, and the key to the first, both as PEM."""
    path, now = folder / _FILE, datetime.fromtimestamp(clock.wall(), tz=UTC)
    kept = _kept(path)
    if not kept or _ends(kept) <= now + _SPARE:
        kept = _made(now)
        atomic.write(path, kept.encode(), mode=0o600)
    chain, begins, key = kept.partition(_KEY_BEGINS)
    return chain, begins + key


def _kept(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _ends(kept: str) -> datetime:
    """When it ends; what is damaged has ended."""
    try:
        return x509.load_pem_x509_certificate(kept.encode()).not_valid_after_utc
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _made(now: datetime) -> str:
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    above = _named("Seedbed local authority")
    root = _begun(above, above, authority.public_key(), now)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(_usage(signs_others=True), critical=True)
    leaf = _begun(_named("Seedbed"), above, key.public_key(), now)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(_usage(signs_others=False), critical=True)
    leaf = leaf.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
    )
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
    )
    chain = (leaf.sign(authority, hashes.SHA256()), root.sign(authority, hashes.SHA256()))
    told = [one.public_bytes(Encoding.PEM) for one in chain]
    told.append(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return b"".join(told).decode()


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Seedbed"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _begun(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_others,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_others,
        crl_sign=signs_others,
        encipher_only=False,
        decipher_only=False,
    )
