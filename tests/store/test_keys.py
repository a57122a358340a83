from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.access import Scope, private
from seedbed.core.budget import Owner
from seedbed.core.errors import SettingRefused
from seedbed.kit import ids
from seedbed.store.audit import Audit
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, open_database
from seedbed.store.keys import Key, Keys, shown
from seedbed.store.postgresql import Server
from tests.store.books import budget

pytestmark = pytest.mark.anyio

MODELS = frozenset({Scope.MODELS})


def _create(keys: Keys, name: str, *, now: int = 0) -> tuple[Key, str]:
    return keys.create(name, user="ada", project="engines", scopes=MODELS, now=now)


async def test_a_secret_finds_its_key_and_another_finds_none(database: Database) -> None:
    keys = Keys(database)
    both = frozenset(Scope)
    key, secret = keys.create("laptop", user="ada", project="engines", scopes=both, now=7)
    _create(keys, "other")
    assert await keys.find(secret) == keys.find_now(secret) == key.principal
    assert (key.principal.user, key.principal.project) == ("ada", "engines")
    assert key.principal.scopes == both
    assert await keys.find(secret[:-1]) is None
    assert keys.find_now(key.shown) is None


def test_a_secret_is_written_nowhere(home: Path) -> None:
    database = open_database(home / "seedbed.db")
    _, secret = _create(Keys(database), "laptop")

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(home.iterdir()))

    while_open = on_disk()
    database.close()
    for content in (while_open, on_disk()):
        assert b"laptop" in content  # so the key is in what was read
        assert secret.encode() not in content
        assert secret.removeprefix("sb-").encode() not in content


def test_two_keys_have_different_secrets(database: Database) -> None:
    keys = Keys(database)
    first, second = _create(keys, "one"), _create(keys, "two")
    assert first[1] != second[1]
    assert len(first[1]) >= 43  # 256 bits


def test_every_key_is_listed_oldest_first(database: Database) -> None:
    keys = Keys(database)
    late, _ = _create(keys, "late", now=2)
    early, _ = _create(keys, "early", now=1)
    assert keys.all() == [early, late]


def test_a_name_is_given_once_whoever_asks(where: Path | Server) -> None:
    databases = [open_database(where) for _ in range(2)]
    first, _ = _create(Keys(databases[0]), "laptop")
    with pytest.raises(SettingRefused, match="a key named 'laptop' already"):
        _create(Keys(databases[1]), "laptop")
    assert Keys(databases[1]).all() == [first]
    for database in databases:
        database.close()


@pytest.mark.parametrize("name", ["", "n" * 101])
def test_a_name_that_is_empty_or_too_long_is_refused(database: Database, name: str) -> None:
    with pytest.raises(SettingRefused, match=f"has {len(name)}"):
        _create(Keys(database), name)
    assert Keys(database).all() == []


@pytest.mark.parametrize("whose", ["user", "project"])
def test_whose_key_it_is_has_a_name_of_as_many_characters(database: Database, whose: str) -> None:
    owner = {"user": "ada", "project": "engines", whose: "n" * 101}
    with pytest.raises(SettingRefused, match=f"A key's {whose} has .* has 101") as caught:
        Keys(database).create("laptop", **owner, scopes=MODELS, now=1)
    assert f"--{whose}" in caught.value.hint


async def test_a_key_comes_with_the_living_budgets_that_bound_it(database: Database) -> None:
    keys, budgets = Keys(database), Budgets(database)
    key, secret = _create(keys, "laptop")
    _create(keys, "other")
    theirs = [
        budgets.set_budget(budget(cap, owner=owner, subject=subject), actor="ada", now=cap)
        for cap, owner, subject in (
            (1, Owner.USER, "ada"),
            (2, Owner.PROJECT, "engines"),
            (3, Owner.KEY, key.id),
        )
    ]
    budgets.set_budget(budget(4, owner=Owner.USER, subject="engines"), actor="ada", now=4)
    found = await keys.find(secret)
    assert found == replace(key.principal, budgets=tuple(theirs))
    budgets.remove(theirs[1], actor="ada", now=5)
    found = await keys.find(secret)
    assert found is not None
    assert found.budgets == (theirs[0], theirs[2])


async def test_a_key_of_a_private_project_is_bounded_by_what_bounds_its_payer(
    database: Database,
) -> None:
    keys = Keys(database)
    project = private("engines", ids.fresh("private"))
    _, secret = keys.create("laptop", user="ada", project=project, scopes=MODELS, now=1)
    wanted = budget(2, owner=Owner.PROJECT, subject="engines")
    bound = Budgets(database).set_budget(wanted, actor="ada", now=2)
    found = await keys.find(secret)
    assert found is not None
    assert (found.project, found.budgets) == (project, (bound,))


async def test_a_revoked_key_is_listed_and_found_no_more(database: Database) -> None:
    keys = Keys(database)
    key, secret = _create(keys, "laptop")
    revoked = keys.revoke("laptop", now=9, actor="ada")
    assert revoked == replace(key, revoked=9)
    assert keys.all() == [revoked]
    assert await keys.find(secret) is None
    with pytest.raises(SettingRefused, match="revoked already: 'laptop'"):
        keys.revoke("laptop", now=10)
    with pytest.raises(SettingRefused, match="no key named 'desktop'"):
        keys.revoke("desktop", now=10)
    with pytest.raises(SettingRefused, match="a key named 'laptop' already"):
        _create(keys, "laptop")


def test_what_is_done_to_keys_is_in_the_audit_without_their_secrets(database: Database) -> None:
    keys = Keys(database)
    key, secret = keys.create(
        "laptop", user="ada", project="engines", scopes=MODELS, now=1, actor="bob"
    )
    keys.revoke("laptop", now=2, actor="eve")
    acts = Audit(database).last(9)
    assert [(act.at, act.actor, act.action, act.subject) for act in acts] == [
        (2, "eve", "key.revoked", f"key {key.id}"),
        (1, "bob", "key.created", f"key {key.id}"),
    ]
    facts = {"name": "laptop", "user": "ada", "project": "engines", "scopes": "models"}
    assert acts[1].facts == facts
    assert secret not in str(acts)


def test_a_secret_is_shown_too_short_to_use() -> None:
    assert shown("sb-abcdefghijklmnopqrstuvw") == "sb-abcd..."
    assert shown("sb-short") == "(8 characters)"
    assert "hunter2" not in shown("hunter2")
