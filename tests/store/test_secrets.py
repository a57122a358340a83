"""Secrets of the house's own."""

import pytest

from seedbed.store.database import Database
from seedbed.store.secrets import Secrets

pytestmark = pytest.mark.anyio


async def test_a_secret_is_made_once_for_each_purpose(database: Database) -> None:
    first = await Secrets(database).get("links")
    assert len(first) == 32
    assert await Secrets(database).get("links") == first
    assert await Secrets(database).get("else") != first
