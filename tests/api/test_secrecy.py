"""Who may overhear, and who is refused before he could."""

import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from seedbed.api.secrecy import is_loopback, secure, trusting
from seedbed.core.errors import SettingRefused


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_the_loopback_nothing_more_is_needed(host: str) -> None:
    assert is_loopback(host)
    assert secure(host, certificate="", key="", in_the_clear=False) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "house.example", "127.example"])
def test_beyond_it_tls_or_the_explicit_word_is_needed(host: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        secure(host, certificate="", key="", in_the_clear=False)
    assert host in refused.value.what
    assert "certificate_key" in refused.value.hint
    assert "in_the_clear = true" in refused.value.hint
    assert secure(host, certificate="", key="", in_the_clear=True) is None


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = trustme.CA().issue_cert("127.0.0.1")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    return certificate, key


def context(certificate: Path | str, key: Path | str) -> ssl.SSLContext | None:
    return secure("0.0.0.0", certificate=str(certificate), key=str(key), in_the_clear=False)


def test_a_certificate_and_its_key_make_tls(files: tuple[Path, Path]) -> None:
    made = context(*files)
    assert made
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_our_own_commands_trust_that_very_certificate(files: tuple[Path, Path]) -> None:
    made = trusting(str(files[0]))
    assert made.verify_mode is ssl.CERT_REQUIRED
    assert not made.check_hostname


def test_one_without_the_other_is_refused_by_name(files: tuple[Path, Path]) -> None:
    certificate, key = files
    with pytest.raises(SettingRefused, match="'certificate' is given and 'certificate_key' is not"):
        context(certificate, "")
    with pytest.raises(SettingRefused, match="'certificate_key' is given and 'certificate' is not"):
        context("", key)


def test_files_that_cannot_be_read_are_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    certificate, key = files
    gone = tmp_path / "gone.pem"
    with pytest.raises(SettingRefused, match=r"'certificate' is '.*gone\.pem'.*No such file"):
        context(gone, key)
    with pytest.raises(SettingRefused, match=r"'certificate_key' is '.*gone\.pem'.*No such file"):
        context(certificate, gone)
    with pytest.raises(SettingRefused, match="Is a directory"):
        context(tmp_path, key)
    with pytest.raises(SettingRefused, match="No such file"):
        trusting(str(gone))


def test_files_that_are_no_pem_or_not_a_pair_are_told(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    certificate, key = files
    noise = tmp_path / "noise.pem"
    noise.write_bytes(b"noise")
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().issue_cert("127.0.0.1").private_key_pem.bytes())
    for pair in ((noise, key), (certificate, noise), (certificate, other)):
        with pytest.raises(SettingRefused, match="cannot be used with the key") as refused:
            context(*pair)
        assert "None" not in refused.value.what
    with pytest.raises(SettingRefused, match="cannot be read"):
        trusting(str(noise))


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    certificate, key = files
    locked = tmp_path / "locked.pem"
    opened = load_pem_private_key(key.read_bytes(), None)
    form, lock = PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    locked.write_bytes(opened.private_bytes(Encoding.PEM, form, lock))
    with pytest.raises(SettingRefused, match="the key has a password"):
        context(certificate, locked)
