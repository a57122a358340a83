"""Keys: made once, shown once, kept only as a digest.

Floor 2. A secret has 256 random bits, so a plain SHA-256 is as good as a slow hash and costs a
microsecond at the door.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, RowMapping, select

from seedbed.core.access import Principal, Scope
from seedbed.core.errors import SettingRefused
from seedbed.kit import ids
from seedbed.store.audit import Act, note
from seedbed.store.budgets import budgets_of
from seedbed.store.database import Database
from seedbed.store.tables import KEYS

PREFIX = "sb-"
HOUSE = "house"
"""Who made a key that nobody asked for, such as the first."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key once its secret has been given away.

    `created` and `revoked` are in epoch microseconds.
    """

    id: str
    name: str
    shown: str
    principal: Principal
    created: int
    revoked: int | None = None


def shown(secret: str) -> str:
    """As much of a secret as may be printed: enough to tell two apart, too little to use.

    >>> shown("sb-abcdefghijklmnop")
    'sb-abcd...'
    >>> shown("hunter2")
    '(7 characters)'
    """
    if secret.startswith(PREFIX) and len(secret) > 16:
        return f"{secret[:7]}..."
    return f"({len(secret)} characters)"


class Keys:
    """The keys of a house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        *,
        user: str,
        project: str,
        scopes: frozenset[Scope],
        now: int,
        actor: str = HOUSE,
    ) -> tuple[Key, str]:
        """Make a key; the second value is its secret, which is written nowhere.

        `actor` is who made it, for the audit; `now` is in epoch microseconds.

        Raises:
            SettingRefused: a name is empty or too long, or that of the key has one already.
        """
        for what, word in (("name", name), ("user", user), ("project", project)):
            if not 0 < len(word) <= 100:
                raise SettingRefused(
                    f"A key's {what} has 1 to 100 characters; {word!r} has {len(word)}.",
                    hint=f"Choose another with `--{what}`.",
                )
        secret = PREFIX + secrets.token_urlsafe(32)
        id_ = ids.fresh("key")
        key = Key(id_, name, shown(secret), Principal(user, project, id_, scopes), now)
        row = {
            "id": key.id,
            "name": name,
            "digest": _digest(secret),
            "shown": key.shown,
            "user": user,
            "project": project,
            "scopes": " ".join(sorted(scopes)),
            "created": now,
        }
        facts = {name: row[name] for name in ("name", "user", "project", "scopes")}
        made = Act(now, actor, "key.created", f"key {id_}", facts)
        if not self._database.write_now(lambda c: _insert(c, row, made)):
            raise SettingRefused(
                f"There is a key named {name!r} already.",
                hint="Choose another name; `seedbed keys ls` lists those taken.",
            )
        return key, secret

    def revoke(self, name: str, *, now: int, actor: str = HOUSE) -> Key:
        """End a key: from now on it is found no more. Its name stays taken.

        Raises:
            SettingRefused: there is no such key, or it has been revoked already.
        """
        return self._database.write_now(lambda c: _revoke(c, name, now, actor))

    async def find(self, secret: str) -> Principal | None:
        """On whose behalf this secret acts, with the budgets that bound it, or `None`."""
        return await self._database.read(lambda c: _find(c, secret))

    def find_now(self, secret: str) -> Principal | None:
        """`find` for programs that do not wait, such as commands."""
        return self._database.read_now(lambda c: _find(c, secret))

    def all(self) -> list[Key]:
        """Every key, oldest first."""
        wanted = select(KEYS).order_by(KEYS.c.created, KEYS.c.id)
        return self._database.read_now(
            lambda c: [_key(row) for row in c.execute(wanted).mappings()]
        )


def _find(connection: Connection, secret: str) -> Principal | None:
    wanted = select(KEYS).where(KEYS.c.digest == _digest(secret), KEYS.c.revoked.is_(None))
    row = connection.execute(wanted).mappings().first()
    if row is None:
        return None
    budgets = budgets_of(connection, key=row["id"], project=row["project"], user=row["user"])
    return replace(_key(row).principal, budgets=budgets)


def _insert(connection: Connection, row: Mapping[str, object], made: Act) -> bool:
    if connection.execute(select(KEYS.c.id).where(KEYS.c.name == row["name"])).first():
        return False
    connection.execute(KEYS.insert().values(row))
    note(connection, made)
    return True


def _revoke(connection: Connection, name: str, now: int, actor: str) -> Key:
    row = connection.execute(select(KEYS).where(KEYS.c.name == name)).mappings().first()
    if row is None or row["revoked"] is not None:
        what = "There is no key named" if row is None else "The key was revoked already:"
        raise SettingRefused(
            f"{what} {name!r}.", hint="`seedbed keys ls` lists the keys, revoked ones included."
        )
    connection.execute(KEYS.update().where(KEYS.c.id == row["id"]).values(revoked=now))
    note(connection, Act(now, actor, "key.revoked", f"key {row['id']}", {"name": name}))
    return replace(_key(row), revoked=now)


def _key(values: RowMapping) -> Key:
    scopes = frozenset(Scope(scope) for scope in values["scopes"].split())
    principal = Principal(values["user"], values["project"], values["id"], scopes)
    name, shown_, created = values["name"], values["shown"], values["created"]
    return Key(values["id"], name, shown_, principal, created, values["revoked"])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
