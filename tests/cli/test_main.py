"""The group of all commands, and how their errors end."""

import subprocess
import sys

import pytest

from seedbed import __version__
from tests.cli.conftest import Seedbed

COMMANDS = ["up", "down", "serve", "chat", "models", "keys", "usage", "settings"]


def test_help_names_every_command_and_needs_no_house(seedbed: Seedbed) -> None:
    said = seedbed("--help", SEEDBED_PORT="nonsense")
    assert said.status == 0
    assert all(f"  {command} " in said.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_needs_no_house(seedbed: Seedbed, command: str) -> None:
    said = seedbed(command, "-h", SEEDBED_PORT="nonsense")
    assert said.status == 0
    assert said.out.startswith(f"Usage: seedbed {command}")


def test_the_version_is_the_packages(seedbed: Seedbed) -> None:
    assert seedbed("--version").out == f"seedbed, version {__version__}\n"


def test_an_error_is_one_sentence_and_what_to_do_and_a_status(seedbed: Seedbed) -> None:
    said = seedbed("settings", SEEDBED_PORT="nonsense")
    assert said.status == 1
    assert said.out == ""
    assert said.err == (
        "✗ Setting 'port' is 'nonsense' in SEEDBED_PORT: Expected `int`, got `str`.\n"
        "  `seedbed settings` shows every setting with its default.\n"
    )


def test_an_error_is_json_for_those_who_want_json(seedbed: Seedbed) -> None:
    said = seedbed("settings", "--json", SEEDBED_PORT="nonsense")
    assert (said.status, said.out) == (1, "")
    assert said.error == {
        "code": "setting_refused",
        "what": "Setting 'port' is 'nonsense' in SEEDBED_PORT: Expected `int`, got `str`.",
        "hint": "`seedbed settings` shows every setting with its default.",
    }


@pytest.mark.parametrize("value", ["[red]x[/]", "[/]", ":x:", "x" * 300, r"C:\[x]"])
def test_an_error_quotes_what_it_was_given_and_nothing_of_it_is_lost(
    seedbed: Seedbed, value: str
) -> None:
    said = seedbed("settings", SEEDBED_PORT=value)
    assert f"Setting 'port' is {value!r} in" in said.err
    assert len(said.err.splitlines()) == 2


def test_a_command_with_a_slip_in_it_is_told_with_its_likes(seedbed: Seedbed) -> None:
    said = seedbed("usgae")
    assert said.status == 2
    assert "No such command 'usgae'. Did you mean 'usage'?" in said.err


def test_an_unknown_command_is_refused_with_another_status(seedbed: Seedbed) -> None:
    said = seedbed("nope")
    assert said.status == 2
    assert "No such command 'nope'" in said.err


@pytest.mark.slow
def test_the_program_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seedbed", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"seedbed, version {__version__}\n"
