from dataclasses import replace

import pytest

from seedbed.core.access import Scope
from seedbed.core.budget import Measure, Owner, Window
from seedbed.core.errors import SettingRefused
from seedbed.store.audit import Act, Audit
from seedbed.store.budgets import LARGEST, Budgets
from seedbed.store.database import Database
from seedbed.store.keys import Keys
from tests.store.books import budget


@pytest.fixture
def budgets(database: Database) -> Budgets:
    return Budgets(database)


def test_a_budget_is_read_as_it_was_set(budgets: Budgets) -> None:
    wanted = budget(500, owner=Owner.USER, subject="ada", window=Window.DAY, warn=50)
    assert budgets.set_budget(wanted, actor="ada", now=1) == wanted
    day = 86_400_000_000
    assert budgets.all_with_use(3 * day + 7) == [(wanted, 0, 3 * day)]


def test_setting_it_again_changes_cap_and_warning_and_keeps_its_id(budgets: Budgets) -> None:
    first = budgets.set_budget(budget(500), actor="ada", now=1)
    second = budgets.set_budget(budget(700, warn=10), actor="ada", now=2)
    assert second == replace(first, cap=700, warn=10)
    assert [one for one, _, _ in budgets.all_with_use(0)] == [second]


def test_one_owner_may_have_several(budgets: Budgets) -> None:
    for window in Window:
        for measure in Measure:
            budgets.set_budget(budget(5, window=window, measure=measure), actor="a", now=1)
    assert len(budgets.all_with_use(0)) == 6


def test_a_removed_one_is_gone_and_may_be_set_anew(budgets: Budgets) -> None:
    first = budgets.set_budget(budget(500), actor="ada", now=1)
    budgets.remove(first, actor="ada", now=2)
    assert budgets.all_with_use(0) == []
    with pytest.raises(SettingRefused, match=r"no budget of 0\.0005 USD in all of project"):
        budgets.remove(first, actor="ada", now=3)
    second = budgets.set_budget(budget(600), actor="ada", now=4)
    assert second.id != first.id
    assert [one for one, _, _ in budgets.all_with_use(0)] == [second]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cap": -1}, r"-0\.000001 USD is outside"),
        ({"cap": LARGEST + 1}, "1000000000.000001 USD is outside"),
        ({"warn": 0}, "0 is outside"),
        ({"warn": 101}, "101 is outside"),
        ({"subject": ""}, "this has 0"),
        ({"subject": "n" * 101}, "this has 101"),
    ],
)
def test_what_makes_no_sense_is_refused(
    budgets: Budgets, change: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingRefused, match=said):
        budgets.set_budget(replace(budget(5), **change), actor="ada", now=1)
    assert budgets.all_with_use(0) == []


def test_another_currency_is_refused_since_what_is_used_would_mean_another(
    budgets: Budgets,
) -> None:
    first = budgets.set_budget(budget(500), actor="ada", now=1)
    with pytest.raises(SettingRefused, match="is in USD, and the ledger counts in EUR"):
        budgets.set_budget(replace(budget(500), currency="EUR"), actor="ada", now=2)
    assert [one for one, _, _ in budgets.all_with_use(0)] == [first]


def test_a_budget_of_a_key_needs_a_living_one(database: Database, budgets: Budgets) -> None:
    keys = Keys(database)
    scopes = frozenset({Scope.MODELS})
    key, _ = keys.create("laptop", user="ada", project="web", scopes=scopes, now=1)
    wanted = budget(5, owner=Owner.KEY, subject=key.id)
    assert budgets.set_budget(wanted, actor="ada", now=1) == replace(wanted, name="laptop")
    keys.revoke("laptop", now=2)
    for subject in (key.id, "key_unknown"):
        with pytest.raises(SettingRefused, match=f"No living key has the id '{subject}'"):
            budgets.set_budget(replace(wanted, subject=subject), actor="ada", now=3)


def test_a_budget_of_a_key_has_the_keys_name_wherever_it_is_read(
    database: Database, budgets: Budgets
) -> None:
    keys = Keys(database)
    key, secret = keys.create("laptop", user="ada", project="web", scopes=frozenset(), now=1)
    budgets.set_budget(budget(5, owner=Owner.KEY, subject=key.id), actor="ada", now=1)
    budgets.set_budget(budget(5, subject=key.id), actor="ada", now=1)  # a project of that name
    named = {one.owner: one.name for one, _, _ in budgets.all_with_use(0)}
    assert named == {Owner.KEY: "laptop", Owner.PROJECT: None}
    principal = keys.find_now(secret)
    assert principal
    assert [one.name for one in principal.budgets] == ["laptop"]


def test_each_change_is_in_the_audit(database: Database, budgets: Budgets) -> None:
    first = budgets.set_budget(budget(500), actor="ada", now=1)
    budgets.set_budget(budget(700), actor="bob", now=2)
    budgets.remove(first, actor="eve", now=3)
    facts = {"window": "all", "measure": "money", "currency": "USD", "warn": 80}
    assert Audit(database).last(9) == [
        Act(3, "eve", "budget.removed", "project engines", facts | {"cap": 500}),
        Act(2, "bob", "budget.set", "project engines", facts | {"cap": 700, "cap_before": 500}),
        Act(1, "ada", "budget.set", "project engines", facts | {"cap": 500}),
    ]
