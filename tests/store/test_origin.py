import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import PullFailed, SeedbedError, SettingRefused
from seedbed.core.model import FolderSource, HubSource, Upstream, WebSource, WheelSource
from seedbed.store.catalogue import NAME, safe_member
from seedbed.store.origin import Origin, file_name, on_disk, read_place

PIECES = tuple(f"in/big-0000{n}-of-00003.gguf" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("hf:them/tiny/a.gguf", Origin(HubSource("them/tiny", "main"), ("a.gguf",))),
        ("hf:them/tiny@v1.0/in/a b.gguf", Origin(HubSource("them/tiny", "v1.0"), ("in/a b.gguf",))),
        ("hf:them/tiny/in/big-00002-of-00003.gguf", Origin(HubSource("them/tiny", "main"), PIECES)),
        (
            "https://a.example/b/c%20d.gguf",
            Origin(WebSource("https://a.example/b/"), ("c d.gguf",)),
        ),
        ("http://localhost:1/c.gguf", Origin(WebSource("http://localhost:1/"), ("c.gguf",))),
        ("pypi:a-b.c==1.0+x/d/e.gguf", Origin(WheelSource("a-b.c", "1.0+x"), ("d/e.gguf",))),
        (
            "openai:https://a.example/v1/#them/large",
            Upstream("https://a.example/v1", "openai", "them/large"),
        ),
        ("ark:http://127.0.0.1:1#m", Upstream("http://127.0.0.1:1", "ark", "m")),
    ],
)
def test_a_place_is_read(place: str, found: Origin | Upstream) -> None:
    assert read_place(place) == found


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere.gguf", "There is no file or folder 'nowhere.gguf'"),
        ("hf:tiny/a.gguf", "There is no file"),
        ("hf:../../etc/passwd", "There is no file"),
        ("hf:them/tiny/../../a.gguf", "leaves the place"),
        ("hf:them/tiny//a.gguf", "leaves the place"),
        ("pypi:a==1/../b", "leaves the place"),
        ("pypi:--index-url==1/b", "There is no file"),
        ("pypi:a==1", "There is no file"),
        ("https://a.example/b%2F..%2F..%2Fc", "leaves the place"),
        ("https://a.example/b/", "does not end in the name of a file"),
        ("https://a.example/b?key=c", "does not end in the name of a file"),
        ("https://me:word@a.example/b", "does not end in the name of a file"),
        ("openai:https://a.example/v1", "There is no file"),
    ],
)
def test_what_is_no_place_is_refused(place: str, said: str) -> None:
    with pytest.raises(SettingRefused, match=said):
        read_place(place)


def test_an_address_without_https_is_refused() -> None:
    with pytest.raises(PullFailed, match=r"http://192\.0\.2\.1/a\.gguf is not https"):
        read_place("http://192.0.2.1/a.gguf")


def test_what_the_places_are_is_told() -> None:
    with pytest.raises(SettingRefused) as caught:
        read_place("nowhere")
    assert "hf:OWNER/NAME[@REVISION]/FILE, https://HOST/FILE" in caught.value.hint


def test_a_file_on_this_machine_is_used_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.gguf").touch()
    found = Origin(FolderSource(str(tmp_path)), ("a.gguf",))
    assert read_place(str(tmp_path / "a.gguf")) == found
    monkeypatch.chdir(tmp_path)
    assert read_place("a.gguf") == found
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_place("~/a.gguf") == found
    (tmp_path / "link.gguf").symlink_to(tmp_path / "a.gguf")
    assert read_place("link.gguf") == Origin(found.source, ("link.gguf",))


def test_files_in_several_folders_have_the_one_that_holds_them_all(tmp_path: Path) -> None:
    for name in ("a/w.gguf", "b/c/p.gguf"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    found = on_disk([tmp_path / "a" / "w.gguf", tmp_path / "b" / "c" / "p.gguf"])
    assert found == Origin(FolderSource(str(tmp_path)), ("a/w.gguf", "b/c/p.gguf"))
    with pytest.raises(SettingRefused, match="none is not there"):
        on_disk([tmp_path / "a" / "w.gguf", tmp_path / "none"])


def test_a_file_that_was_split_is_taken_with_all_its_pieces(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for piece in PIECES[:2]:
        (tmp_path / piece).touch()
    with pytest.raises(SettingRefused, match=r"big-00003-of-00003\.gguf is not there"):
        read_place(str(tmp_path / PIECES[0]))
    (tmp_path / PIECES[2]).touch()
    found = read_place(str(tmp_path / PIECES[1]))
    assert found == Origin(
        FolderSource(str(tmp_path / "in")), tuple(Path(piece).name for piece in PIECES)
    )


@pytest.mark.parametrize("name", ["a-00001-of-00000.gguf", "a-00001-of-99999.gguf"])
def test_a_name_that_claims_pieces_that_cannot_be_is_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert read_place(str(tmp_path / name)) == Origin(FolderSource(str(tmp_path)), (name,))


def test_a_folder_is_a_model_whose_graph_comes_first(tmp_path: Path) -> None:
    names = ["config.json", "x_model.bin", "x_model.xml", "x_tokenizer.bin", "x_tokenizer.xml"]
    for name in (*names, "readme.md", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "sub.json").mkdir()
    rest = tuple(name for name in names if name != "x_model.xml")
    found = read_place(str(tmp_path))
    assert found == Origin(FolderSource(str(tmp_path)), ("x_model.xml", *rest))
    (tmp_path / "x_tokenizer.bin").unlink()
    with pytest.raises(SettingRefused, match="holds no model"):
        read_place(str(tmp_path))


def test_of_a_model_that_sees_pictures_the_graph_of_its_language_comes_first(
    tmp_path: Path,
) -> None:
    parts = ("detokenizer", "language_model", "text_embeddings_model", "tokenizer")
    for part in (*parts, "vision_embeddings_model"):
        (tmp_path / f"openvino_{part}.xml").touch()
        (tmp_path / f"openvino_{part}.bin").touch()
    found = read_place(str(tmp_path))
    assert isinstance(found, Origin)
    assert found.members[0] == "openvino_language_model.xml"
    assert len(found.members) == 10


@given(st.text(max_size=200))
def test_any_path_has_a_name_that_every_disk_takes(member: str) -> None:
    assert re.fullmatch(NAME, file_name(member))


@given(st.text(alphabet="hf:pyi/=.@#ab12%\\ \n", max_size=30))
def test_any_word_is_a_place_or_a_refusal(word: str) -> None:
    try:
        found = read_place(f"hf:{word}")
    except SeedbedError:
        return
    assert isinstance(found, Origin)
    assert all(safe_member(member) for member in found.members)
