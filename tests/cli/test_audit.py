"""`seedbed audit`."""

from tests.cli.conftest import Seedbed


def acted(seedbed: Seedbed) -> None:
    seedbed("keys", "create", "--name", "ann", "--project", "p")
    for cap in ("5", "7"):
        seedbed("keys", "budget", "--key", "ann", "--money", cap, "--window", "day")
    seedbed("keys", "budget", "--project", "p", "--tokens", "100000", "--window", "all")
    seedbed("keys", "budget", "--project", "p", "--remove")
    seedbed("keys", "revoke", "ann")


def test_before_anything_was_changed_it_says_so(seedbed: Seedbed) -> None:
    assert seedbed("audit").out == "Nothing has been changed yet.\n"
    assert seedbed("audit", "--json").json == []


def test_each_change_is_told_with_who_made_it_and_what_it_was(seedbed: Seedbed) -> None:
    acted(seedbed)
    head, *rows = seedbed("audit").out.splitlines()
    assert head.split() == ["when", "who", "what", "of", "how"]
    told = [" ".join(row.split()[3:]) for row in rows]
    assert told == [
        "key.created key ann user ann, project p, scopes models",
        "budget.set key ann 5.00 USD a day, warns at 80 %",
        "budget.set key ann 7.00 USD a day, warns at 80 %, before 5.00 USD",
        "budget.set project p 100,000 tokens in all, warns at 80 %",
        "budget.removed project p 100,000 tokens in all, warns at 80 %",
        "key.revoked key ann",
    ]


def test_programs_get_the_newest_first_with_all_facts_and_no_secret(seedbed: Seedbed) -> None:
    acted(seedbed)
    newest, before, *_ = told = seedbed("audit", "--json").json
    assert (newest["action"], newest["subject"], newest["facts"]) == (
        "key.revoked",
        "key ann",
        {"name": "ann"},
    )
    assert newest["actor"]
    assert before["facts"]["cap"] == 100_000
    assert "sb-" not in str(told)


def test_only_so_many_changes_are_listed(seedbed: Seedbed) -> None:
    acted(seedbed)
    assert len(seedbed("audit", "--last", "2", "--json").json) == 2
    assert seedbed("audit", "--last", "0").status == 2
