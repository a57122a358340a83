"""What the proofs of the ledger do in each process, here in one."""

from pathlib import Path

import pytest

from seedbed.bench.asking import MOST, ask_for_each, cost
from seedbed.core.access import Scope
from seedbed.core.budget import Owner
from seedbed.core.errors import KeyUnknown
from seedbed.store.budgets import Budgets
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from tests.store.books import budget


def test_asks_are_answered_until_the_budget_is_spent_and_cost_what_their_ids_tell(
    tmp_path: Path,
) -> None:
    path = tmp_path / "seedbed.db"
    database = open_database(path)
    keys, scopes = Keys(database), frozenset({Scope.MODELS})
    _, secret = keys.create("k", user="ada", project="engines", scopes=scopes, now=0)
    of = budget(10 * MOST, owner=Owner.PROJECT)
    Budgets(database).set_budget(of, actor="ada", now=0)
    answered = ask_for_each(path, secret, "one", 50)
    entries = Ledger(database).entries(last=99)
    assert len(entries) == answered < 50
    assert {entry.spent.micros for entry in entries} == {cost(e.request_id) for e in entries}
    assert 9 * MOST < sum(entry.spent.micros for entry in entries) <= 10 * MOST
    database.close()


def test_a_key_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyUnknown, match="7 characters"):
        ask_for_each(tmp_path / "seedbed.db", "sb-none", "one", 1)
