from collections.abc import Iterator

import httpx2
import pytest

from seedbed.core.errors import PullFailed
from seedbed.core.model import HubSource
from seedbed.store.hub import Hub
from tests.store.shelf import Shelf, open_shelf

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with open_shelf(b"") as opened:
        yield opened


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, follow_redirects=True) as opened:
        yield opened


def test_a_file_is_had_at_its_commit(shelf: Shelf) -> None:
    address = Hub("https://hub.example").file(HubSource("a/b", COMMIT), "c d/e.gguf")
    assert address.url == f"https://hub.example/a/b/resolve/{COMMIT}/c%20d/e.gguf"
    assert address.headers == {}


def test_a_token_is_sent_and_not_shown() -> None:
    hub = Hub(token="mine")
    assert hub.file(HubSource("a/b", COMMIT), "c").headers == {"authorization": "Bearer mine"}
    assert "mine" not in repr(hub)


def test_a_branch_is_looked_up(shelf: Shelf, client: httpx2.Client) -> None:
    shelf.files["/api/models/a/b/revision/refs%2Fpr%2F1"] = b'{"sha": "%s"}' % COMMIT.encode()
    found = Hub(shelf.root, "mine").commit("a/b", "refs/pr/1", client)
    assert found == HubSource("a/b", COMMIT)
    assert shelf.keys == ["Bearer mine"]


def test_a_repository_that_is_not_there_or_closed_is_told(
    shelf: Shelf, client: httpx2.Client
) -> None:
    shelf.status = 401
    with pytest.raises(PullFailed, match="'main' of 'a/b' is: it answered 401") as caught:
        Hub(shelf.root).commit("a/b", "main", client)
    assert "SEEDBED_HUB_TOKEN" in caught.value.hint


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"sha": 1}', b'{"sha": "../../other"}'])
def test_an_answer_that_names_no_commit_is_told(
    shelf: Shelf, client: httpx2.Client, answer: bytes
) -> None:
    shelf.files["/api/models/a/b/revision/main"] = answer
    with pytest.raises(PullFailed, match="does not say which commit"):
        Hub(shelf.root).commit("a/b", "main", client)


def test_a_hub_that_is_not_there_is_told(client: httpx2.Client) -> None:
    with open_shelf(b"") as shelf:
        url = shelf.root
    with pytest.raises(PullFailed, match="does not say which commit"):
        Hub(url).commit("a/b", "main", client)


def test_a_hub_is_not_asked_without_https() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        place = "http://192.0.2.1/"
        return httpx2.Response(
            302 if request.url.scheme == "https" else 200, headers={"location": place}
        )

    with (
        httpx2.Client(transport=httpx2.MockTransport(answer), follow_redirects=True) as client,
        pytest.raises(PullFailed, match=r"http://192\.0\.2\.1/ is not https"),
    ):
        Hub("https://hub.example").commit("a/b", "main", client)
    with pytest.raises(PullFailed, match="is not https"), httpx2.Client() as client:
        Hub("http://192.0.2.1").commit("a/b", "main", client)
