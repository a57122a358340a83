"""`seedbed settings`."""

from pathlib import Path

from tests.cli.conftest import Seedbed


def test_every_setting_is_told_with_where_it_came_from(
    seedbed: Seedbed, home: Path, port: int
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("places = 2\n")
    told = seedbed("settings", "--json").json
    assert told == {
        "host": {"value": "127.0.0.1", "origin": "default"},
        "port": {"value": str(port), "origin": "SEEDBED_PORT"},
        "certificate": {"value": "", "origin": "default"},
        "certificate_key": {"value": "", "origin": "default"},
        "in_the_clear": {"value": "False", "origin": "default"},
        "connections": {"value": "10000", "origin": "default"},
        "grace_seconds": {"value": "30.0", "origin": "default"},
        "models": {"value": "scripted", "origin": "SEEDBED_MODELS"},
        "threads": {"value": "0", "origin": "default"},
        "places": {"value": "2", "origin": str(home / "settings.toml")},
        "engine_within_seconds": {"value": "60.0", "origin": "default"},
        "longest_answer_seconds": {"value": "600.0", "origin": "default"},
        "layers": {"value": "0", "origin": "default"},
        "llama_server": {"value": "", "origin": "default"},
        "hub": {"value": "https://huggingface.co", "origin": "default"},
        "hub_token": {"value": "", "origin": "default"},
        "currency": {"value": "USD", "origin": "default"},
        "hardware_per_hour": {"value": "0.05", "origin": "default"},
        "hardware_watts": {"value": "0", "origin": "default"},
        "hardware_idle_watts": {"value": "0", "origin": "default"},
        "energy_per_kwh": {"value": "0", "origin": "default"},
        "log_requests": {"value": "True", "origin": "default"},
        "otlp": {"value": "", "origin": "default"},
        "otlp_headers": {"value": "", "origin": "default"},
        "home": {"value": str(home), "origin": "SEEDBED_HOME"},
    }


def test_the_table_has_a_line_for_each(seedbed: Seedbed, home: Path) -> None:
    head, *rows = [line.split() for line in seedbed("settings").out.splitlines()]
    assert head == ["setting", "value", "from"]
    assert ["currency", "USD", "default"] in rows
    assert ["home", str(home), "SEEDBED_HOME"] in rows
    assert len(rows) == 25


def test_a_key_in_the_environment_is_not_among_them(seedbed: Seedbed) -> None:
    said = seedbed("settings", SEEDBED_KEY="sb-secret")
    assert said.status == 0
    assert "secret" not in said.out
