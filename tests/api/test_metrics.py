"""What Prometheus is told, and who may ask."""

from contextlib import nullcontext
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp

from seedbed.api import metrics as metrics_routes
from seedbed.api.guard import Guard
from seedbed.api.manner import Manners
from seedbed.api.openai.manner import OpenAi
from seedbed.api.site import build_site
from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.metering import Meter
from seedbed.serving.metrics import Metrics
from seedbed.store.database import Database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from tests.api.running import make_key
from tests.serving import houses
from tests.serving.records import settled

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(database: Database, clock: FakeClock) -> ASGIApp:
    live = houses.live(Scripted("m", window=64), clock)
    metrics = Metrics([live], Meter(Ledger(database), currency="USD", clock=clock))
    metrics.take([settled()])
    return build_site(
        metrics_routes.routes(metrics, Guard(Keys(database).find, clock=clock)),
        manners=Manners(OpenAi()),
        trouble=dict[str, str],
        instance="instance_of_a_test",
        lifespan=lambda _: nullcontext(),
    )


async def read(app: ASGIApp, key: str | None, method: str = "GET") -> httpx2.Response:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://house", headers=headers
    ) as client:
        return await client.request(method, "/metrics")


@pytest.mark.parametrize("scope", [Scope.METRICS, Scope.ADMIN])
async def test_a_key_for_metrics_or_for_everything_reads_them(
    app: ASGIApp, home: Path, scope: Scope
) -> None:
    answer = await read(app, make_key(home, scope))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'seedbed_requests_total{code="",model="m",stop="end"} 1.0' in answer.text.splitlines()


async def test_nobody_else_does(app: ASGIApp, home: Path) -> None:
    plain = make_key(home, Scope.MODELS)
    answers = [await read(app, key) for key in (None, "nobody", plain)]
    assert [answer.status_code for answer in answers] == [401, 401, 403]
    assert not any("seedbed_requests" in answer.text for answer in answers)


async def test_they_are_read_and_never_written(app: ASGIApp, home: Path) -> None:
    answer = await read(app, make_key(home, Scope.METRICS), "POST")
    assert answer.status_code == 405
