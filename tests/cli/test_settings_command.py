"""`seedbed settings`."""

from pathlib import Path

from tests.cli.conftest import Seedbed
from tests.test_settings import DEFAULTS


def test_every_setting_is_told_with_where_it_came_from(
    seedbed: Seedbed, home: Path, port: int
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("places = 2\n")
    told = seedbed("settings", "--json").json
    assert told.keys() == DEFAULTS.keys() | {"home"}
    assert told["places"] == {"value": "2", "origin": str(home / "settings.toml")}
    assert told["port"] == {"value": str(port), "origin": "SEEDBED_PORT"}
    assert told["models"] == {"value": "scripted", "origin": "SEEDBED_MODELS"}
    assert told["currency"] == {"value": "USD", "origin": "default"}
    assert told["in_the_clear"] == {"value": "False", "origin": "default"}


def test_the_table_has_a_line_for_each(seedbed: Seedbed, home: Path) -> None:
    head, *rows = [line.split() for line in seedbed("settings").out.splitlines()]
    assert head == ["setting", "value", "from"]
    assert ["currency", "USD", "default"] in rows
    assert ["home", str(home), "SEEDBED_HOME"] in rows
    assert len(rows) == len(DEFAULTS) + 1


def test_a_key_in_the_environment_is_not_among_them(seedbed: Seedbed) -> None:
    said = seedbed("settings", SEEDBED_KEY="sb-secret")
    assert said.status == 0
    assert "secret" not in said.out
