"""`seedbed keys`."""

import re
from pathlib import Path

import pytest

from seedbed.core.access import Scope, payer
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
        "user": "ann",
        "project": "p",
        "scopes": ["admin", "models"],
        "key": secret,
        "created": said.json["created"],
        "revoked": None,
    }
    assert said.err == ""
    principal = Keys(open_database(home / "seedbed.db")).find_now(secret)
    assert principal
    assert (principal.key, principal.project) == (id_, "p")
    assert principal.scopes == {Scope.ADMIN, Scope.MODELS}


def test_a_private_key_is_in_a_project_within_its_own(seedbed: Seedbed) -> None:
    words = ["keys", "create", "--json", "--project", "web", "--name"]
    mine, other = (seedbed(*words, name, "--private").json["project"] for name in ("ann", "bob"))
    assert mine != other
    assert payer(mine) == payer(other) == "web"
    next_one = seedbed("keys", "create", "--name", "ann 2", "--project", mine, "--json").json
    assert next_one["project"] == mine


def test_a_private_project_has_no_private_one_within(seedbed: Seedbed) -> None:
    words = ["keys", "create", "--private", "--json"]
    mine = seedbed(*words, "--name", "ann").json["project"]
    said = seedbed(*words, "--name", "bob", "--project", mine)
    assert said.error["code"] == "setting_refused"
    assert f"The project {mine!r} is private already." in said.error["what"]


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
    assert "'models', 'metrics', 'admin'" in said.err


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
            "user": key["name"],
            "project": "default",
            "scopes": ["models"],
            "created": row["created"],
            "revoked": None,
        }
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", row["created"])
        told = f"{key['name']}   {row['key']}  {key['name']}   default  models  {row['created']}"
        assert told in table
        assert key["key"] not in table + str(listed)


def test_without_keys_the_list_is_empty(seedbed: Seedbed) -> None:
    assert seedbed("keys", "ls", "--json").json == []
    head = "name key user project scopes created revoked"
    assert " ".join(seedbed("keys", "ls").out.split()) == head


def test_a_name_is_listed_as_it_was_given_whatever_it_looks_like(seedbed: Seedbed) -> None:
    for name in ("[/bold]", ":x:", "n" * 100):
        seedbed("keys", "create", "--name", name)
        assert name in seedbed("keys", "ls").out


def test_a_key_may_be_made_for_a_user_with_a_budget(seedbed: Seedbed) -> None:
    words = ["--name", "bot", "--user", "ann", "--budget", "5.00", "--window", "day"]
    assert seedbed("keys", "create", *words).status == 0
    assert seedbed("keys", "ls", "--json").json[0]["user"] == "ann"
    (budget,) = seedbed("keys", "budget", "--json").json
    assert (budget["owner"], budget["name"], budget["window"]) == ("key", "bot", "day")
    assert budget["cap"] == "5.000000"


def test_a_key_is_not_made_where_its_budget_makes_no_sense(seedbed: Seedbed) -> None:
    said = seedbed("keys", "create", "--name", "bot", "--budget", "-5")
    assert (said.status, said.out) == (1, "")
    assert "'-5' is no sum of money." in said.err
    assert seedbed("keys", "ls", "--json").json == []


def test_a_window_without_a_budget_is_refused_and_no_key_made(seedbed: Seedbed) -> None:
    said = seedbed("keys", "create", "--name", "bot", "--window", "day")
    assert (said.status, said.out) == (2, "")
    assert "--window of which budget? Say how much with --budget." in said.err
    assert seedbed("keys", "ls", "--json").json == []
    seedbed("keys", "create", "--name", "bot", "--budget", "5")
    assert seedbed("keys", "budget", "--json").json[0]["window"] == "month"


def test_a_revoked_key_is_found_no_more_and_stays_in_the_list(seedbed: Seedbed, home: Path) -> None:
    secret = seedbed("keys", "create", "--name", "ann").out.strip()
    said = seedbed("keys", "revoke", "ann")
    assert said.out.startswith("The key 'ann' is revoked. ")
    assert said.out.count("\n") == 1
    assert Keys(open_database(home / "seedbed.db")).find_now(secret) is None
    (row,) = seedbed("keys", "ls", "--json").json
    assert row["revoked"] >= row["created"]
    assert row["revoked"] in seedbed("keys", "ls").out


def test_a_program_is_told_the_key_that_it_revoked(seedbed: Seedbed) -> None:
    seedbed("keys", "create", "--name", "ann")
    said = seedbed("keys", "revoke", "ann", "--json").json
    assert (said["name"], said["revoked"] is None) == ("ann", False)


def test_a_key_is_revoked_once_and_only_if_there_is_one(seedbed: Seedbed) -> None:
    assert "There is no key named 'ann'." in seedbed("keys", "revoke", "ann").err
    seedbed("keys", "create", "--name", "ann")
    seedbed("keys", "revoke", "ann")
    said = seedbed("keys", "revoke", "ann")
    assert (said.status, "revoked already" in said.err) == (1, True)
