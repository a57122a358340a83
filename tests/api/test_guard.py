"""Who is let in, and how often the store is asked for it."""

import pytest

from seedbed.api import guard as guards
from seedbed.api.guard import Guard
from seedbed.core.access import Principal, Scope
from seedbed.core.errors import KeyMissing, KeyUnknown, ScopeMissing, StoreUnusable
from seedbed.kit.clock import FakeClock
from seedbed.store.database import Database
from seedbed.store.keys import Keys

pytestmark = pytest.mark.anyio

ANN = Principal("ann", "p", "key_1", frozenset({Scope.MODELS}))


class Store:
    """Keys as a store has them, and how often it was asked."""

    def __init__(self, **known: Principal) -> None:
        self.known = known
        self.asked: list[str] = []

    async def find(self, secret: str) -> Principal | None:
        self.asked.append(secret)
        return self.known.get(secret)


async def test_a_key_of_this_house_becomes_its_principal(
    database: Database, clock: FakeClock
) -> None:
    keys = Keys(database)
    key, secret = keys.create("k", user="u", project="p", scopes=frozenset({Scope.MODELS}), now=1)
    guard = Guard(keys.find, clock=clock)
    assert await guard.admit(f"Bearer {secret}") == key.principal
    assert await guard.admit(f"bearer   {secret} ") == key.principal


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
async def test_without_a_bearer_key_nobody_comes_in_and_the_store_is_not_asked(
    clock: FakeClock, header: str | None
) -> None:
    store = Store(abc=ANN)
    with pytest.raises(KeyMissing):
        await Guard(store.find, clock=clock).admit(header)
    assert store.asked == []


async def test_a_known_key_is_asked_of_the_store_once_in_five_seconds(clock: FakeClock) -> None:
    store = Store(ann=ANN)
    guard = Guard(store.find, clock=clock)
    for seconds in (0, 4.9, 0.2, 4.7, 0.2):
        await clock.advance(seconds)
        assert await guard.admit("Bearer ann") == ANN
    assert len(store.asked) == 2


async def test_a_key_that_is_taken_back_is_out_after_five_seconds_and_stays_out(
    clock: FakeClock,
) -> None:
    store = Store(ann=ANN)
    guard = Guard(store.find, clock=clock)
    await guard.admit("Bearer ann")
    del store.known["ann"]
    await clock.advance(4.9)
    assert await guard.admit("Bearer ann") == ANN
    await clock.advance(0.1)
    for _ in range(2):
        with pytest.raises(KeyUnknown):
            await guard.admit("Bearer ann")


async def test_an_unknown_key_is_asked_of_the_store_each_time(clock: FakeClock) -> None:
    store = Store()
    guard = Guard(store.find, clock=clock)
    for _ in range(3):
        with pytest.raises(KeyUnknown):
            await guard.admit("Bearer ann")
    store.known["ann"] = ANN
    assert await guard.admit("Bearer ann") == ANN
    assert len(store.asked) == 4


async def test_two_keys_are_never_taken_for_one_another(clock: FakeClock) -> None:
    bob = Principal("bob", "p", "key_2", frozenset())
    guard = Guard(Store(ann=ANN, bob=bob).find, clock=clock)
    assert [await guard.admit(f"Bearer {name}") for name in ("ann", "bob", "ann")] == [
        ANN,
        bob,
        ANN,
    ]


async def test_what_is_remembered_does_not_grow_for_ever(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "_REMEMBERED", 2)
    store = Store(a=ANN, b=ANN, c=ANN)
    guard = Guard(store.find, clock=clock)
    for name in "abcab":
        await guard.admit(f"Bearer {name}")
    assert store.asked == ["a", "b", "c", "a", "b"]


async def test_a_store_that_cannot_be_read_lets_nobody_in(clock: FakeClock) -> None:
    async def find(_: str) -> Principal | None:
        raise StoreUnusable("W.", hint="H.", reason="R")

    with pytest.raises(StoreUnusable):
        await Guard(find, clock=clock).admit("Bearer ann")


async def test_an_unknown_key_is_told_apart_by_its_beginning_and_never_shown(
    clock: FakeClock,
) -> None:
    secret = "sb-abcdefghijklmnopqrstuvwxyz"
    with pytest.raises(KeyUnknown) as refused:
        await Guard(Store().find, clock=clock).admit(f"Bearer {secret}")
    assert "sb-abcd..." in str(refused.value)
    assert secret[:9] not in str(refused.value)


@pytest.mark.parametrize("header", [(b"authorization", b"Bearer abc"), (b"x-api-key", b"abc")])
async def test_a_request_names_its_key_in_either_header(
    clock: FakeClock, header: tuple[bytes, bytes]
) -> None:
    guard = Guard(Store(abc=ANN).find, clock=clock)
    assert await guard.let_in({"headers": [header]}) == ANN
    assert await guard.let_in({"headers": [header]}, Scope.MODELS) == ANN


async def test_who_lacks_the_right_is_kept_out(clock: FakeClock) -> None:
    asked = {"headers": [(b"authorization", b"Bearer abc")]}
    with pytest.raises(ScopeMissing, match="admin"):
        await Guard(Store(abc=ANN).find, clock=clock).let_in(asked, Scope.ADMIN)
