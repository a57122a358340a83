"""`seedbed keys`."""

import re
from pathlib import Path

import pytest

from seedbed.core.access import Scope
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from tests.cli.conftest import Seedbed


def test_a_key_is_printed_alone_so_that_a_script_can_take_it(seedbed: Seedbed, home: Path) -> None:
    said = seedbed("keys", "create", "--name", "ann")
    assert said.status == 0
    assert re.fullmatch(r"sb-[\w-]{43}\n", said.out)
    assert said.err == "Keep it: it is not shown again.\n"
    principal = Keys(open_database(home / "seedbed.db")).find_now(said.out.strip())
    assert principal
    assert (principal.user, principal.project) == ("ann", "default")
    assert principal.scopes == {Scope.MODELS}


def test_a_key_for_a_program_comes_with_all_that_it_is(seedbed: Seedbed, home: Path) -> None:
    words = ["--name", "ann", "--project", "p", "--scope", "models", "--scope", "admin", "--json"]
    said = seedbed("keys", "create", *words)
    secret, id_ = said.json["key"], said.json["id"]
    assert said.json == {
        "id": id_,
        "name": "ann",
        "project": "p",
        "scopes": ["admin", "models"],
        "key": secret,
    }
    assert said.err == ""
    principal = Keys(open_database(home / "seedbed.db")).find_now(secret)
    assert principal
    assert (principal.key, principal.project) == (id_, "p")
    assert principal.scopes == {Scope.ADMIN, Scope.MODELS}


def test_no_two_keys_share_a_name(seedbed: Seedbed) -> None:
    seedbed("keys", "create", "--name", "ann")
    said = seedbed("keys", "create", "--name", "ann")
    assert (said.status, said.out) == (1, "")
    assert "There is a key named 'ann' already." in said.err
    assert len(seedbed("keys", "ls", "--json").json) == 1


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_name_that_cannot_be_is_refused(seedbed: Seedbed, name: str) -> None:
    said = seedbed("keys", "create", "--name", name, "--json")
    assert said.status == 1
    assert said.error["code"] == "setting_refused"
    assert "1 to 100 characters" in said.error["what"]


def test_a_right_that_there_is_not_is_refused_with_those_that_there_are(seedbed: Seedbed) -> None:
    said = seedbed("keys", "create", "--name", "ann", "--scope", "root")
    assert said.status == 2
    assert "'models', 'admin'" in said.err


def test_keys_are_listed_without_their_secrets(seedbed: Seedbed) -> None:
    made = [seedbed("keys", "create", "--name", name, "--json").json for name in ("ann", "bob")]
    table = seedbed("keys", "ls").out
    listed = seedbed("keys", "ls", "--json").json
    assert [row["name"] for row in listed] == ["ann", "bob"]
    for row, key in zip(listed, made, strict=True):
        assert row == {
            "id": key["id"],
            "name": key["name"],
            "key": f"{key['key'][:7]}...",
            "project": "default",
            "scopes": ["models"],
            "created": row["created"],
        }
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", row["created"])
        assert f"{key['name']}   {row['key']}  default  models  {row['created']}" in table
        assert key["key"] not in table + str(listed)


def test_without_keys_the_list_is_empty(seedbed: Seedbed) -> None:
    assert seedbed("keys", "ls", "--json").json == []
    assert seedbed("keys", "ls").out.split() == ["name", "key", "project", "scopes", "created"]


def test_a_name_is_listed_as_it_was_given_whatever_it_looks_like(seedbed: Seedbed) -> None:
    for name in ("[/bold]", ":x:", "n" * 100):
        seedbed("keys", "create", "--name", name)
        assert name in seedbed("keys", "ls").out
