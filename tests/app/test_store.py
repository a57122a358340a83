"""Where a house keeps what it knows: the far store of what was read."""

from pathlib import Path

import anyio
import pytest

from seedbed.app.server import build_app
from seedbed.app.store import saved_prefixes_of
from seedbed.core.errors import SettingRefused
from seedbed.kit.clock import SystemClock
from seedbed.settings import Settings, read_settings
from seedbed.store.database import Database
from seedbed.store.notes import mark
from seedbed.store.secrets import Secrets
from tests.api.running import alive
from tests.store import bucket

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PLACE = f"s3://{bucket.NAME}/pre/"


def settings_of(home: Path, **variables: str) -> Settings:
    environment = {"SEEDBED_HOME": str(home), "SEEDBED_MODELS": "scripted"}
    return read_settings(environment | variables)[0]


async def test_a_server_looks_at_the_far_store_below_the_mark_of_its_house(
    home: Path, database: Database
) -> None:
    house = mark(Secrets(database).get_now("prefixes"))
    ours, others = f"pre/{house}/{'0' * 40}.note", f"pre/{'0' * 16}/{'0' * 40}.note"
    with bucket.lent() as lent:
        lent.objects = dict.fromkeys((ours, others), (b"no note", lent.now))
        app = build_app(
            settings_of(home, SEEDBED_PREFIX_STORE=PLACE),
            clock=SystemClock(),
            environment=lent.environment,
        )
        async with alive(app):
            with anyio.fail_after(20):
                while ours in lent.objects:
                    await anyio.sleep(0.001)
        assert set(lent.objects) == {others}


def test_a_far_store_that_cannot_be_opened_is_told_at_the_start(
    home: Path, database: Database
) -> None:
    settings = settings_of(home, SEEDBED_PREFIX_STORE="s3://shelf")
    with pytest.raises(SettingRefused, match="'prefix_store' is 's3://shelf/"):
        saved_prefixes_of(settings, database, {"AWS_SECRET_ACCESS_KEY": "s"}, SystemClock())


def test_without_room_on_the_disk_nothing_is_kept_nor_shared(
    home: Path, database: Database
) -> None:
    settings = settings_of(home, SEEDBED_PREFIX_STORE=PLACE, SEEDBED_PREFIX_MEGABYTES="0")
    assert saved_prefixes_of(settings, database, {}, SystemClock()) is None
