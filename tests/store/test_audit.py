import pytest

from seedbed.store.audit import Act, Audit, note
from seedbed.store.database import Database


def test_the_newest_changes_come_first_as_they_were_noted(database: Database) -> None:
    acts = [Act(n, "ada", "key.created", f"key_{n}", {"name": "Übung", "n": n}) for n in range(3)]
    for act in acts:
        database.write_now(lambda c, act=act: note(c, act))
    assert Audit(database).last(2) == [acts[2], acts[1]]


def test_a_change_that_fails_is_not_noted(database: Database) -> None:
    def change_and_fail(connection: object) -> None:
        note(connection, Act(1, "ada", "key.created", "key_1", {}))  # type: ignore[arg-type]
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        database.write_now(change_and_fail)
    assert Audit(database).last(9) == []
