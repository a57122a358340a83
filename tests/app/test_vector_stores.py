"""Vector stores in the house as it is put together: server, worker, index and ledger."""

import threading
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from openai import OpenAI

from seedbed.app.server import build_app
from seedbed.app.worker import working
from seedbed.core.access import Scope
from seedbed.kit.clock import SystemClock
from seedbed.settings import read_settings
from seedbed.store.database import open_database
from seedbed.store.ledger import Ledger
from tests.api.running import make_key, served


@pytest.mark.slow
def test_a_file_is_indexed_and_found_and_every_vector_is_paid(home: Path) -> None:
    chosen = {"SEEDBED_HOME": str(home), "SEEDBED_MODELS": "scripted"}
    settings, _ = read_settings(chosen)
    app, done = build_app(settings, clock=SystemClock()), threading.Event()

    async def work(url: str) -> None:
        told, _ = read_settings({**chosen, "SEEDBED_SERVER": url})
        async with working(told, {}):
            while not done.is_set():
                await anyio.sleep(0.01)

    key = make_key(home, Scope.MODELS)
    with served(app) as url, OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        worker = threading.Thread(target=anyio.run, args=(work, url))
        worker.start()
        try:
            store = client.vector_stores.create(name="zoo")
            one = client.vector_stores.files.upload_and_poll(
                vector_store_id=store.id, file=("a.txt", b"Bees make honey."), poll_interval_ms=10
            )
        finally:
            done.set()
            worker.join()
        assert (one.status, one.last_error) == ("completed", None)
        raw = client.vector_stores.with_raw_response.search(store.id, query="honey")
        (best,) = raw.parse().data
        assert best.content[0].text == "Bees make honey."
        assert (home / "indexes" / f"{store.id}.index").exists()
    with closing(open_database(home / "seedbed.db")) as database:
        paid = [entry.request_id for entry in Ledger(database).entries(last=9)]
    assert len(paid) == 2
    assert raw.headers["x-request-id"] in paid
