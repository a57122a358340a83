"""What the operator writes of servers of tools, and what of it is refused."""

from pathlib import Path

import pytest

from seedbed.app.programs import programs_of
from seedbed.core.errors import SettingRefused
from seedbed.settings import read_settings, read_table
from seedbed.tools.remote import BOUNDS

FILE = """
currency = "EUR"

[mcp_servers.files]
command = "/usr/bin/files"
arguments = ["--root", "/srv"]
environment = { TOKEN = "env:FILES_TOKEN" }
tools = ["read"]
projects = ["web"]
most = 2
"""


def write(home: Path, text: str) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(text)


def test_a_table_is_a_program_and_no_setting(home: Path) -> None:
    write(home, FILE)
    settings, _ = read_settings({"SEEDBED_HOME": str(home)})
    assert settings.currency == "EUR"
    asked: list[str] = []
    programs = programs_of(read_table(home, "mcp_servers"), _noting(asked), BOUNDS)
    assert list(programs) == ["files"]
    assert programs["files"].label == "files"
    assert asked == ["env:FILES_TOKEN"]


def test_without_tables_there_are_none(home: Path) -> None:
    assert programs_of(read_table(home, "mcp_servers"), str, BOUNDS) == {}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("", "missing required field `command`"),
        ('command = ""', "length >= 1"),
        ('command = "a"\nurl = "b"', "unknown field `url`"),
        ('command = "a"\nmost = 0', ">= 1"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused_by_name(
    home: Path, table: str, why: str
) -> None:
    write(home, f"[mcp_servers.files]\n{table}\n")
    with pytest.raises(SettingRefused, match=r"\[mcp_servers\.files\]") as refused:
        programs_of(read_table(home, "mcp_servers"), str, BOUNDS)
    assert why in refused.value.what


def test_what_is_no_table_is_refused(home: Path) -> None:
    write(home, 'mcp_servers = "files"\n')
    with pytest.raises(SettingRefused, match="is no table"):
        read_table(home, "mcp_servers")


def _noting(asked: list[str]):  # noqa: ANN202 - what reads a secret
    def secret(reference: str) -> str:
        asked.append(reference)
        return "s"

    return secret
