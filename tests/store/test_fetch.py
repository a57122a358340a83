import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from seedbed.core.errors import DiskFull, PullFailed
from seedbed.store import fetch
from seedbed.store.fetch import Address
from tests.store.shelf import Shelf, open_shelf

CONTENT = bytes(range(256)) * 1_200  # several pieces on the way
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HALF = len(CONTENT) // 2

needs_dev_full = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no /dev/full"
)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with open_shelf(CONTENT) as opened:
        yield opened


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as opened:
        yield opened


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "part"


def _ignore(done: int, total: int) -> None:
    assert done <= total or total == 0


def _bring(url: str, part: Path, client: httpx2.Client, *, sha256: str = SHA256) -> None:
    fetch.fetch(Address(url), part, sha256=sha256, client=client, progress=_ignore)


def test_a_file_is_brought_whole_and_told_as_it_comes(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    told: list[tuple[int, int]] = []
    fetch.fetch(
        Address(shelf.url),
        part,
        sha256=SHA256,
        client=client,
        progress=lambda done, total: told.append((done, total)),
    )
    assert part.read_bytes() == CONTENT
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert shelf.asked == [None]


def test_the_file_is_asked_for_as_it_is_and_not_packed(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    _bring(shelf.url, part, client)
    assert shelf.encodings == ["identity"]  # else the bytes would not be those of a range


def test_a_fetch_goes_on_where_the_last_one_stopped(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    part.write_bytes(CONTENT[:HALF])
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT
    assert shelf.asked == [f"bytes={HALF}-"]


def test_a_connection_that_closes_half_way_is_taken_up_again(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.cuts = [1_000]
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT
    assert shelf.asked == [None, "bytes=1000-"]


def test_a_connection_may_close_often_as_long_as_it_brings_something(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.cuts = [100, 0, 0, 100, 0, 0, 100]
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT
    assert len(shelf.asked) == 8


def test_a_connection_that_brings_nothing_is_given_up_and_the_part_kept(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.cuts = [HALF, 0, 0, 0]
    with pytest.raises(PullFailed, match=f"stopped at {HALF:,} bytes") as caught:
        _bring(shelf.url, part, client)
    assert "goes on from there" in caught.value.hint
    assert part.read_bytes() == CONTENT[:HALF]
    assert len(shelf.asked) == 4
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT


def test_a_server_that_cannot_resume_begins_anew(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    part.write_bytes(b"x" * HALF)
    shelf.ranges = False
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT


def test_a_server_that_cannot_resume_and_stops_at_one_place_is_given_up(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.ranges, shelf.cuts = False, [HALF] * 9
    with pytest.raises(PullFailed, match="brings no more"):
        _bring(shelf.url, part, client)
    assert len(shelf.asked) == 4


def test_a_part_that_is_whole_already_is_only_checked(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    part.write_bytes(CONTENT)
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT
    assert shelf.asked == [f"bytes={len(CONTENT)}-"]


def test_an_answer_without_a_length_is_read_to_its_end(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.length = "none"
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT


def test_a_file_that_is_not_what_it_should_be_is_removed(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    with pytest.raises(PullFailed, match=f"{SHA256} and should have {'0' * 64}"):
        _bring(shelf.url, part, client, sha256="0" * 64)
    assert not part.exists()


def test_a_part_of_another_file_is_found_out_and_removed(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    part.write_bytes(b"x" * HALF)
    with pytest.raises(PullFailed, match="should have"):
        _bring(shelf.url, part, client)
    assert not part.exists()


@pytest.mark.parametrize("status", [401, 404, 503])
def test_a_place_that_refuses_is_told_by_its_status(
    shelf: Shelf, client: httpx2.Client, part: Path, status: int
) -> None:
    shelf.status = status
    part.write_bytes(CONTENT[:HALF])
    with pytest.raises(PullFailed, match=f"answered {status}"):
        _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT[:HALF]


def test_a_server_that_is_not_there_is_told(client: httpx2.Client, part: Path) -> None:
    with open_shelf(CONTENT) as shelf:
        url = shelf.url
    with pytest.raises(PullFailed, match=r"stopped at 0 bytes and brings no more \(ConnectError"):
        _bring(url, part, client)


def test_a_file_on_this_machine_is_copied(
    tmp_path: Path, client: httpx2.Client, part: Path
) -> None:
    source = tmp_path / "a folder" / "wheel %41.whl"
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    part.write_bytes(b"an older, longer part" * HALF)
    _bring(source.as_uri(), part, client)
    assert part.read_bytes() == CONTENT


def test_a_file_that_is_no_longer_there_is_told(
    tmp_path: Path, client: httpx2.Client, part: Path
) -> None:
    with pytest.raises(PullFailed, match=r"gone\.whl"):
        _bring((tmp_path / "gone.whl").as_uri(), part, client)


def test_no_byte_is_written_where_the_whole_does_not_fit(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.length = 1 << 60
    with pytest.raises(DiskFull, match=str(part.parent)) as caught:
        _bring(shelf.url, part, client)
    assert caught.value.facts["needed"] == 1 << 60
    assert not part.exists()


def test_room_that_is_there_is_enough(tmp_path: Path) -> None:
    fetch.require_room(tmp_path, 1)
    with pytest.raises(DiskFull):
        fetch.require_room(tmp_path, 1 << 60)


@needs_dev_full
def test_a_disk_that_fills_up_on_the_way_keeps_what_was_written(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    def fill(done: int, total: int) -> None:
        if 0 < done < total:
            _fill_the_disk_under(part)

    with pytest.raises(DiskFull, match=f"No room in {part.parent}"):
        fetch.fetch(Address(shelf.url), part, sha256=SHA256, client=client, progress=fill)
    kept = part.read_bytes()
    assert 0 < len(kept) < len(CONTENT)
    assert CONTENT.startswith(kept)
    _bring(shelf.url, part, client)
    assert part.read_bytes() == CONTENT
    assert shelf.asked[-1] == f"bytes={len(kept)}-"


@needs_dev_full
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_full_disk_is_told_however_little_is_written(tmp_path: Path, size: int) -> None:
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    told: list[int] = []
    with pytest.raises(DiskFull):
        fetch.append(iter([b"x" * size]), full, start=0, written=told.append)
    assert told == []


def test_another_trouble_with_the_disk_is_not_told_as_a_full_one(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        fetch.append(iter([b"x"]), tmp_path, start=0, written=lambda _: None)
    assert caught.value.errno == errno.EISDIR


def _fill_the_disk_under(path: Path) -> None:
    """Let whoever has that file open write to a full disk from now on."""
    for link in Path("/proc/self/fd").iterdir():
        if link.is_symlink() and os.readlink(link) == str(path):  # noqa: PTH115 - as it is written
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, int(link.name))
            os.close(full)


def test_what_is_sent_along_goes_with_every_try(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.cuts = [1_000]
    address = Address(shelf.url, {"authorization": "Bearer secret"})
    fetch.fetch(address, part, sha256=SHA256, client=client, progress=_ignore)
    assert shelf.keys == ["Bearer secret", "Bearer secret"]
    assert "secret" not in repr(address)


def test_a_refusal_is_told_with_the_hint_of_the_place(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.status = 401
    with pytest.raises(PullFailed, match=r"127\.0\.0\.1 answered 401") as caught:
        fetch.fetch(
            Address(shelf.url, hint="Knock."),
            part,
            sha256=SHA256,
            client=client,
            progress=_ignore,
        )
    assert caught.value.hint == "Knock."


def test_a_file_of_a_hash_that_is_not_known_is_brought_as_it_is(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    fetch.fetch(Address(shelf.url), part, sha256=None, client=client, progress=_ignore)
    assert part.read_bytes() == CONTENT


def test_an_address_that_is_none_is_told(client: httpx2.Client, part: Path) -> None:
    with pytest.raises(PullFailed, match="InvalidURL"):
        _bring("https://a\0b/c", part, client)


def test_nobody_is_followed_from_a_guarded_address_to_an_open_one(
    part: Path,
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "127.0.0.1":
            return httpx2.Response(302, headers={"location": "http://192.0.2.1/b"})
        return httpx2.Response(200, content=CONTENT)

    transport = httpx2.MockTransport(answer)
    with (
        httpx2.Client(transport=transport, follow_redirects=True) as client,
        pytest.raises(PullFailed, match=r"127\.0\.0\.1 sends us on to an address without https"),
    ):
        _bring("http://127.0.0.1/a", part, client)
    assert not part.exists()


@pytest.mark.parametrize(
    ("url", "guarded"),
    [
        ("https://a.example/b", True),
        ("http://a.example/b", False),
        ("http://localhost:1/b", True),
        ("http://127.9.9.9/b", True),
        ("http://[::1]/b", True),
        ("http://10.0.0.1/b", False),
        ("http://localhost.a.example/b", False),
        ("http:///b", False),
        ("ftp://a.example/b", False),
        ("file:///b", False),
        ("https://[b/c", False),
    ],
)
def test_an_address_is_guarded_by_https_or_by_being_here(url: str, guarded: bool) -> None:
    assert fetch.is_guarded(url) is guarded


def test_a_hash_is_told_as_it_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT * 8)
    told: list[tuple[int, int]] = []
    found = fetch.digest(path, lambda done, total: told.append((done, total)))
    assert found == hashlib.sha256(CONTENT * 8).hexdigest()
    assert told == [
        (1 << 20, len(CONTENT) * 8),
        (2 << 20, len(CONTENT) * 8),
        (len(CONTENT) * 8,) * 2,
    ]


def test_an_address_that_is_none_is_told_as_one(client: httpx2.Client, part: Path) -> None:
    with pytest.raises(PullFailed, match="The download from an address that is none stopped at 0"):
        _bring("http://[::1/a.gguf", part, client)


def test_a_download_that_brought_nothing_does_not_go_on_from_there(
    shelf: Shelf, client: httpx2.Client, part: Path
) -> None:
    shelf.cuts = [0] * 9
    with pytest.raises(PullFailed) as caught:
        _bring(shelf.url, part, client)
    assert "from 127.0.0.1 stopped at 0 bytes" in caught.value.what
    assert caught.value.hint == "Check the network and run the same command again."
