"""A manifest is what was written, or is told to be damaged."""

import json
from pathlib import Path

import pytest
from msgspec import convert
from msgspec.structs import replace

from seedbed.core.errors import BackupDamaged, BackupRefused
from seedbed.store.backup import take
from seedbed.store.manifest import Manifest, read_manifest, seen, write_manifest
from seedbed.store.premises import nothing_told
from tests.store.furnished import NOW, furnish


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    take(furnish(home).premises, tmp_path / "backup", now=NOW, told=nothing_told)
    return tmp_path / "backup"


@pytest.mark.slow
def test_each_byte_of_the_manifest_counts(backup: Path) -> None:
    path = backup / "manifest.json"
    content = path.read_bytes()
    marks = [at for at in range(0, len(content), 7) if content[at : at + 1].strip()]
    for at in marks:
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(BackupDamaged, match=r"manifest\.json"):
            read_manifest(backup)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"is no backup: there is no manifest\.json in it"):
        read_manifest(tmp_path)
    (tmp_path / "file").write_text("a file")
    with pytest.raises(BackupRefused, match="is no backup"):
        read_manifest(tmp_path / "file")


@pytest.mark.parametrize("name", ["catalogue/../../of-another", "/etc/hosts"])
def test_a_backup_that_reaches_out_of_itself_is_refused(backup: Path, name: str) -> None:
    manifest = read_manifest(backup)
    files = manifest.files | {name: seen(backup / "admin.key")}
    write_manifest(backup, replace(manifest, files=files))
    with pytest.raises(BackupDamaged, match="lies outside of it"):
        read_manifest(backup)


@pytest.mark.parametrize("name", ["prices/x.toml", "settings.toml"])
def test_a_backup_that_leads_elsewhere_by_a_link_is_refused(
    backup: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "x.toml").write_text("of another")
    first = backup / name.partition("/")[0]
    first.rename(tmp_path / "put-away")
    first.symlink_to(tmp_path if "/" in name else tmp_path / "x.toml")
    lay(backup, name)
    with pytest.raises(BackupDamaged, match="lies outside of it"):
        read_manifest(backup)


def lay(backup: Path, name: str) -> None:
    """Write a manifest as whoever laid that file into the backup would."""
    sealed = json.loads((backup / "manifest.json").read_bytes())["backup"]
    written = convert(sealed, Manifest)
    files = written.files | {name: seen(backup / name)}
    write_manifest(backup, replace(written, files=files))


def test_a_backup_without_rows_is_none(backup: Path) -> None:
    manifest = read_manifest(backup)
    files = {name: file for name, file in manifest.files.items() if name != "seedbed.db"}
    write_manifest(backup, replace(manifest, files=files))
    with pytest.raises(BackupDamaged, match=r"seedbed\.db is not among its files"):
        read_manifest(backup)


def test_a_manifest_that_nests_without_end_is_told(backup: Path) -> None:
    (backup / "manifest.json").write_text('{"sha256": "0", "backup": ' + "[" * 100_000)
    with pytest.raises(BackupDamaged, match="cannot be read"):
        read_manifest(backup)


def test_a_manifest_that_cannot_be_read_is_told(backup: Path) -> None:
    (backup / "manifest.json").unlink()
    (backup / "manifest.json").mkdir()
    with pytest.raises(BackupDamaged, match="cannot be read"):
        read_manifest(backup)
