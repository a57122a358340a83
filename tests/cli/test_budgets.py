"""`seedbed keys budget`."""

from pathlib import Path

import anyio
import pytest

from seedbed.store.budgets import Budgets
from seedbed.store.database import open_database
from seedbed.store.ledger import Ledger
from tests.cli.conftest import Seedbed
from tests.store.books import entry, handed_in, opened

NOW = 1_800_000_000_000_000


def test_without_budgets_it_says_so_and_what_to_do(seedbed: Seedbed) -> None:
    assert seedbed("keys", "budget").out == (
        "There is no budget. Set one with --money or --tokens.\n"
    )
    assert seedbed("keys", "budget", "--json").json == []


@pytest.mark.parametrize("sum_", ["5", "5.00", "5.00 USD", "5USD"])
def test_a_budget_of_money_is_set_for_a_project(seedbed: Seedbed, sum_: str) -> None:
    said = seedbed("keys", "budget", "--project", "web", "--money", sum_, "--json").json
    assert said == [
        {
            "owner": "project",
            "name": "web",
            "window": "month",
            "measure": "money",
            "cap": "5.000000",
            "used": "0.000000",
            "left": "5.000000",
            "currency": "USD",
            "warn": 80,
            "begins_anew": said[0]["begins_anew"],
        }
    ]


def test_a_budget_of_tokens_is_set_for_a_user(seedbed: Seedbed) -> None:
    words = ["--user", "ann", "--tokens", "100000", "--window", "all", "--warn", "50"]
    (said,) = seedbed("keys", "budget", *words, "--json").json
    assert (said["cap"], said["left"], said["warn"]) == (100_000, 100_000, 50)
    assert (said["window"], said["begins_anew"]) == ("all", None)


def test_a_second_sum_for_the_same_window_takes_the_place_of_the_first(seedbed: Seedbed) -> None:
    for cap in ("5", "7"):
        seedbed("keys", "budget", "--project", "web", "--money", cap)
    assert [one["cap"] for one in seedbed("keys", "budget", "--json").json] == ["7.000000"]


def test_a_key_is_named_by_its_name(seedbed: Seedbed) -> None:
    seedbed("keys", "create", "--name", "ann")
    seedbed("keys", "budget", "--project", "web", "--money", "1")
    seedbed("keys", "budget", "--key", "ann", "--money", "1", "--window", "day")
    (mine,) = seedbed("keys", "budget", "--key", "ann", "--json").json
    assert (mine["owner"], mine["name"]) == ("key", "ann")
    assert len(seedbed("keys", "budget", "--json").json) == 2


@pytest.mark.parametrize("owner", ["project", "user"])
def test_a_budget_of_whom_no_key_is_is_set_and_said_to_count_nothing_yet(
    seedbed: Seedbed, owner: str
) -> None:
    words = ["keys", "budget", "--money", "1", f"--{owner}"]
    said = seedbed(*words, "webb")
    assert said.status == 0
    assert said.err == (
        f"No key is of the {owner} 'webb' yet, so nothing counts towards this budget. "
        "`seedbed keys ls` lists the keys with their projects and users.\n"
    )
    seedbed("keys", "create", "--name", "ann", f"--{owner}", "web", "--private")
    assert seedbed(*words, "web").err == ""
    assert "this budget. Did you mean 'web'? `seedbed keys ls`" in seedbed(*words, "webb").err
    seedbed("keys", "revoke", "ann")
    assert "No key is of the" in seedbed(*words, "web").err
    assert len(seedbed("keys", "budget", "--json").json) == 2


def test_budgets_are_taken_away_by_owner_and_window(seedbed: Seedbed) -> None:
    for window in ("day", "month", "all"):
        seedbed("keys", "budget", "--project", "web", "--money", "1", "--window", window)
    words = ["keys", "budget", "--project", "web", "--remove", "--json"]
    left = seedbed(*words, "--window", "day").json
    assert [one["window"] for one in left] == ["all", "month"]
    assert seedbed(*words).json == []
    said = seedbed(*words, "--window", "day")
    assert said.error["what"] == "There is no budget of that project with the window 'day'."
    assert seedbed(*words).error["what"] == "There is no budget of that project."


@pytest.mark.parametrize(
    ("sum_", "what"),
    [
        ("-5", "'-5' is no sum of money."),
        ("NaN", "'NaN' is no sum of money."),
        ("1e3", "'1e3' is no sum of money."),
        ("1" * 10, f"{'1' * 10!r} is no sum of money."),
        ("0.0000001", "'0.0000001' is no sum of money."),
        ("5.00 EUR", "'5.00 EUR' is in EUR, and the ledger counts in USD."),
        ("", "'' is no sum of money."),
    ],
)
def test_what_is_no_sum_in_our_currency_is_refused(seedbed: Seedbed, sum_: str, what: str) -> None:
    said = seedbed("keys", "budget", "--project", "web", f"--money={sum_}", "--json")
    assert (said.status, said.error["what"]) == (1, what)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("--money 5", "--money of whom?"),
        ("--remove", "--remove of whom?"),
        ("--project p --money 5 --tokens 5", "--money and --tokens do not go together"),
        ("--project p --remove --tokens 5", "--tokens and --remove do not go together"),
        ("--project p --user u --money 5", "--project and --user do not go together"),
        ("--project p --window day", "Say what the budget holds"),
        ("--project p --warn 50", "Say what the budget holds"),
        ("--project p --money 5 --window week", "'week' is not one of 'day', 'month', 'all'"),
    ],
)
def test_words_that_do_not_go_together_are_refused(seedbed: Seedbed, words: str, what: str) -> None:
    said = seedbed("keys", "budget", *words.split())
    assert (said.status, what in " ".join(said.err.split())) == (2, True)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("--tokens -1", "A budget holds 0 to 1,000,000,000,000,000 tokens; -1 tokens is outside."),
        ("--tokens 1000000000000001", "1,000,000,000,000,001 tokens is outside."),
        ("--money 5 --warn 101", "A budget warns at 1 to 100 per cent; 101 is outside."),
        ("--money 5 --warn 0", "A budget warns at 1 to 100 per cent; 0 is outside."),
    ],
)
def test_figures_out_of_range_are_refused(seedbed: Seedbed, words: str, what: str) -> None:
    said = seedbed("keys", "budget", "--project", "p", *words.split(), "--json")
    assert (said.status, what in said.error["what"]) == (1, True)
    assert seedbed("keys", "budget", "--json").json == []


def test_a_key_that_there_is_not_or_that_was_revoked_gets_no_budget(seedbed: Seedbed) -> None:
    words = ["keys", "budget", "--key", "ann", "--money", "5", "--json"]
    assert seedbed(*words).error["what"] == "There is no key named 'ann'."
    seedbed("keys", "create", "--name", "ann")
    seedbed("keys", "revoke", "ann")
    assert seedbed(*words).error["what"].startswith("The key 'ann' was revoked at 2")


def test_the_budget_of_a_revoked_key_can_be_taken_away(seedbed: Seedbed) -> None:
    seedbed("keys", "create", "--name", "ann", "--budget", "5")
    seedbed("keys", "revoke", "ann")
    assert seedbed("keys", "budget", "--key", "ann", "--remove", "--json").json == []


def test_people_see_what_is_used_and_left_and_when_it_begins_anew(
    seedbed: Seedbed, home: Path
) -> None:
    seedbed("keys", "budget", "--project", "web", "--money", "0.02", "--window", "all")
    database = open_database(home / "seedbed.db")
    ((budget, _, _),) = Budgets(database).all_with_use(NOW)

    async def use() -> None:
        ledger = Ledger(database)
        leases = [
            await opened(ledger, 20_000, now=NOW),
            await opened(ledger, 20_000, now=NOW, of=budget),
        ]
        await handed_in(ledger, leases, [entry("req_1", 15_000)], now=NOW)

    anyio.run(use)
    head, row = seedbed("keys", "budget").out.splitlines()
    assert head.split() == "budget of window used % cap left begins anew".split()  # noqa: SIM905
    assert row.rstrip() == (
        "project web  all     0.015 USD  ━━━━━━━━━───  75  0.02 USD  0.005 USD  never"
    )
