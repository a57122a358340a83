"""Who changed what: keys and budgets, each with the change itself in one transaction.

Floor 2. Lines are only added. A secret is never among the facts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from seedbed.store.database import Database
from seedbed.store.tables import AUDIT


@dataclass(frozen=True, slots=True)
class Act:
    """One change: `actor` did `action`, such as `key.revoked`, to `subject`. `at` is in epoch
    microseconds.
    """

    at: int
    actor: str
    action: str
    subject: str
    facts: Mapping[str, object]


class Audit:
    """The changes of a house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self, number: int) -> list[Act]:
        """The newest changes, newest first."""
        wanted = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(number)
        return self._database.read_now(
            lambda c: [_act(row) for row in c.execute(wanted).mappings()]
        )


def note(connection: Connection, act: Act) -> None:
    """Write a change down, in the transaction that makes it."""
    facts = json.dumps(dict(act.facts), ensure_ascii=False)
    row = {"at": act.at, "actor": act.actor[:100], "action": act.action, "subject": act.subject}
    connection.execute(AUDIT.insert().values(row | {"facts": facts}))


def _act(row: RowMapping) -> Act:
    facts = json.loads(row["facts"])
    return Act(row["at"], row["actor"], row["action"], row["subject"], facts)
