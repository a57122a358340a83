"""The house's certificate: made once, kept from others, made anew in time."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seedbed.kit.clock import FakeClock
from seedbed.kit.film.certificate import certificate

DAY = timedelta(days=1).total_seconds()


def test_it_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    clock = FakeClock()
    first = certificate(tmp_path / "signing", clock)
    assert certificate(tmp_path / "signing", clock) == first
    (file,) = (tmp_path / "signing").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_key_fits_the_first_of_the_chain_which_the_second_signed(tmp_path: Path) -> None:
    chain, key = certificate(tmp_path, FakeClock())
    leaf, root = x509.load_pem_x509_certificates(chain.encode())
    private = load_pem_private_key(key.encode(), None)
    assert private.public_key() == leaf.public_key()
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)


@pytest.mark.anyio
@pytest.mark.parametrize(("days", "is_new"), [(0, False), (1_060, False), (1_070, True)])
async def test_it_is_made_anew_a_month_before_it_ends(
    tmp_path: Path, days: int, is_new: bool
) -> None:
    clock = FakeClock()
    first = certificate(tmp_path, clock)
    await clock.advance(days * DAY)
    assert (certificate(tmp_path, clock) != first) is is_new


def test_one_that_is_damaged_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "signer.pem").write_text("-----BEGIN")
    chain, key = certificate(tmp_path, FakeClock())
    assert chain.startswith("-----BEGIN CERTIFICATE")
    assert key.startswith("-----BEGIN PRIVATE KEY")
