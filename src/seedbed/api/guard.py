"""Who is at the door: a key becomes a principal, or nobody comes in.

Floor 6.
"""

import hashlib
from collections.abc import Awaitable, Callable

from starlette.types import Scope as HttpScope

from seedbed.api.manner import authorization
from seedbed.core.access import Principal, Scope
from seedbed.core.errors import KeyMissing, KeyUnknown, ScopeMissing
from seedbed.kit.clock import Clock
from seedbed.store.keys import shown

_TRUSTED_SECONDS = 5.0
"""How long a key that was found is let in without asking the store again."""
_REMEMBERED = 10_000


class Guard:
    """Lets keys in, and remembers for a moment whom it let in."""

    def __init__(self, find: Callable[[str], Awaitable[Principal | None]], *, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._known: dict[bytes, tuple[float, Principal]] = {}

    async def let_in(self, asked: HttpScope, right: Scope | None = None) -> Principal:
        """The principal behind a request, who has the right that it takes.

        Raises:
            KeyMissing, KeyUnknown, StoreUnusable: as `admit` does.
            ScopeMissing: the key does not carry it.
        """
        principal = await self.admit(authorization(dict(asked["headers"])))
        if right is not None and not principal.may(right):
            raise ScopeMissing(right.value)
        return principal

    async def admit(self, authorization: str | None) -> Principal:
        """The principal behind an `Authorization` header.

        Raises:
            KeyMissing: there is no such header, or it carries no bearer key.
            KeyUnknown: the key is not ours.
            StoreUnusable: the keys cannot be read.
        """
        scheme, _, secret = (authorization or "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            raise KeyMissing
        digest = hashlib.sha256(secret.encode()).digest()
        now = self._clock.now()
        seen, principal = self._known.get(digest, (0.0, None))
        if principal is not None and now - seen < _TRUSTED_SECONDS:
            return principal
        if principal is not None:
            self._known[digest] = (now, principal)  # whoever comes meanwhile need not ask, too
        try:
            principal = await self._find(secret)
        except BaseException:
            self._known.pop(digest, None)
            raise
        if principal is None:
            self._known.pop(digest, None)
            raise KeyUnknown(shown(secret))
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[digest] = (now, principal)
        return principal
