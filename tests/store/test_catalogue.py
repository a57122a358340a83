import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Feature
from seedbed.core.errors import ModelUnknown, SettingRefused
from seedbed.core.model import (
    Adapter,
    FolderSource,
    HubSource,
    ListPrice,
    Model,
    ModelFile,
    Requantised,
    Role,
    Shadow,
    Source,
    Upstream,
    WebSource,
    WheelSource,
)
from seedbed.core.prices import Unit
from seedbed.kit import plug
from seedbed.store.catalogue import NAME, SHIPPED, read_catalogue, write_card

STARTER = "smollm2-135m"

CARD = """
title = "Ein kleines Mädchen für alles"
engines = ["llama_cpp"]
window = 4096
parameters = 1_000
licence = "Apache-2.0"

[source]
package = "tiny"
version = "1.0"

[[files]]
name = "weights.gguf"
member = "tiny/weights.gguf"
bytes = 5
sha256 = "abababababababababababababababababababababababababababababababab"
"""
UPSTREAM = """
title = "Large"
engines = ["some"]
window = 4096
parameters = 0
licence = "unknown"

[upstream]
url = "https://a.example/v1"
dialect = "openai"
model = "large"
secret = "env:A_KEY"
serves = ["chat", "tools"]

[price]
currency = "USD"
since = 2026-11-01
source = "their page"
per_million = { input_fresh = "0.25", output_visible = "2" }
"""
SHA256 = "ab" * 32
SOURCE = 'package = "tiny"\nversion = "1.0"'
FILE = CARD[CARD.index("[[files]]") :]
REQUANTISED = '[requantised]\nengine = "a"\nto = "Q8_0"\n'
LORA = FILE.replace('"weights.gguf"', '"style.gguf"') + 'role = "adapter"\n'
FORMAL = '\n[adapters.formal]\nfile = "style.gguf"\n'
PROJECTOR = FILE.replace('"weights.gguf"', '"weights.q8_0.gguf"') + 'role = "projector"\n'


def test_every_shipped_card_reads_and_names_an_engine_that_is_there() -> None:
    models = read_catalogue(SHIPPED).all()
    assert {model.name for model in models} == {path.stem for path in SHIPPED.glob("*.toml")}
    assert {kind for model in models for kind in model.engines} <= set(
        plug.kinds("seedbed.engines")
    )
    assert all(model.window > 0 and model.licence and model.title for model in models)


def test_the_starter_is_shipped_with_weights_that_can_be_had() -> None:
    starter = read_catalogue(SHIPPED).find(STARTER)
    assert isinstance(starter.source, WheelSource)
    (weights,) = starter.of_role(Role.WEIGHTS)
    assert len(bytes.fromhex(weights.sha256)) == 32
    assert starter.requantised
    assert starter.requantised.engine == starter.engines[0]


def test_a_card_becomes_a_model_named_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(CARD, "utf-8")
    assert read_catalogue(tmp_path).find("tiny") == Model(
        name="tiny",
        title="Ein kleines Mädchen für alles",
        engines=("llama_cpp",),
        window=4096,
        parameters=1_000,
        licence="Apache-2.0",
        source=WheelSource("tiny", "1.0"),
        files=(ModelFile("weights.gguf", "tiny/weights.gguf", 5, SHA256, Role.WEIGHTS),),
    )


def test_a_card_may_name_what_a_provider_takes(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(
        CARD
        + """
        [shadow]
        provider = "Example"
        model = "large"
        currency = "USD"
        since = 2026-11-01
        source = "their page"
        per_million = { input_fresh = "2" }
        """,
        "utf-8",
    )
    assert read_catalogue(tmp_path).find("tiny").shadow == Shadow(
        provider="Example",
        model="large",
        currency="USD",
        since=date(2026, 11, 1),
        source="their page",
        per_million={Unit.INPUT_FRESH: "2"},
    )


def test_a_card_of_an_upstream_has_its_price(tmp_path: Path) -> None:
    (tmp_path / "large.toml").write_text(UPSTREAM)
    model = read_catalogue(tmp_path).find("large")
    assert model.upstream == Upstream(
        "https://a.example/v1",
        "openai",
        "large",
        "env:A_KEY",
        frozenset({Feature.CHAT, Feature.TOOLS}),
    )
    assert model.price == ListPrice(
        "USD",
        date(2026, 11, 1),
        "their page",
        {Unit.INPUT_FRESH: "0.25", Unit.OUTPUT_VISIBLE: "2"},
    )
    assert model.files == ()


@pytest.mark.parametrize(
    ("words", "source"),
    [
        (f'repository = "a/b.c"\nrevision = "{"0" * 40}"', HubSource("a/b.c", "0" * 40)),
        ('url = "https://a.example/b/"', WebSource("https://a.example/b/")),
        ('path = "/a/b"', FolderSource("/a/b")),
    ],
)
def test_files_may_come_from_elsewhere(tmp_path: Path, words: str, source: Source) -> None:
    card = CARD.replace('package = "tiny"\nversion = "1.0"', words)
    (tmp_path / "tiny.toml").write_text(card, "utf-8")
    assert read_catalogue(tmp_path).find("tiny").source == source


def test_adapters_are_asked_for_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(CARD + LORA + FORMAL, "utf-8")
    model = read_catalogue(tmp_path).find("tiny")
    assert model.adapters == (Adapter("formal", "style.gguf"),)
    assert model.names == ("tiny", "tiny:formal")
    write_card(tmp_path / "again.toml", model)
    assert read_catalogue(tmp_path).find("again").adapters == model.adapters


def test_the_cards_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.toml").write_text(CARD, "utf-8")
    (tmp_path / "readme.txt").write_text("not a card")
    assert [model.name for model in read_catalogue(tmp_path).all()] == ["a", "b", "c"]


def test_a_card_of_the_operators_goes_before_a_shipped_one_of_that_name(tmp_path: Path) -> None:
    (tmp_path / f"{STARTER}.toml").write_text(CARD, "utf-8")
    catalogue = read_catalogue(SHIPPED, tmp_path)
    assert catalogue.find(STARTER).title == "Ein kleines Mädchen für alles"
    assert len(catalogue.all()) == len(read_catalogue(SHIPPED).all())


def test_a_folder_that_is_not_there_holds_no_cards(tmp_path: Path) -> None:
    shipped = read_catalogue(SHIPPED).all()
    assert read_catalogue(SHIPPED, tmp_path / "catalogue").all() == shipped


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("window = 4096", 'window = "wide"', "$.window"),
        ("window = 4096", "", "`window`"),
        ("window = 4096", "window = 4096\nwindows = 2", "`windows`"),
        ('package = "tiny"', "package = 1", "$.source.package"),
        ('package = "tiny"', "", "`source` is `package` and `version`"),
        ('version = "1.0"', 'version = "1.0"\npath = "/a"', "`source` is `package`"),
        ('version = "1.0"', 'version = "1.0 --index-url x"', "$.source.version"),
        ('package = "tiny"', 'package = "-r"', "$.source.package"),
        (SOURCE, 'repository = "a/b"\nrevision = "main"', "$.source.revision"),
        (SOURCE, 'repository = "../b"\nrevision = "main"', "$.source.repository"),
        (SOURCE, 'url = "https://a.example/b"', "$.source.url"),
        (SOURCE, 'url = "ftp://a.example/"', "$.source.url"),
        (SOURCE, 'path = "a"', "$.source.path"),
        ('member = "tiny/weights.gguf"', "", "`member` - at `$.files[0]`"),
        ('member = "tiny/weights.gguf"', 'member = "../w"', "'../w' leaves"),
        ('member = "tiny/weights.gguf"', 'member = "/etc/w"', "'/etc/w' leaves"),
        ('member = "tiny/weights.gguf"', "member = 'a\\b'", "leaves"),
        ('name = "weights.gguf"', 'name = "../w"', "$.files[0].name"),
        ('name = "weights.gguf"', 'name = "a/w"', "$.files[0].name"),
        ('name = "weights.gguf"', 'name = "record.json"', "called alike"),
        ("bytes = 5", "bytes = 5.5", "$.files[0].bytes"),
        ("bytes = 5", "bytes = -5", "$.files[0].bytes"),
        ("bytes = 5", "bytes = 5\nbits = 40", "`bits`"),
        ("bytes = 5", 'bytes = 5\nrole = "hero"', "$.files[0].role"),
        ("bytes = 5", 'bytes = 5\nrole = "adapter"', "`files` has no weights"),
        (FILE, FILE + LORA, "the files are ['style.gguf'], and named are []"),
        (FILE, FILE + LORA + FORMAL + FORMAL.replace("formal", "too"), "is named once"),
        (FILE, FILE + FORMAL, "the files are [], and named are ['style.gguf']"),
        (FILE, FILE + LORA + FORMAL.replace("formal", '"a.b"'), "$.adapters"),
        (FILE, FILE + LORA + FORMAL.replace("formal", '"a:b"'), "$.adapters"),
        ("[[files]]", FILE.replace("weights", "Weights") + "[[files]]", "called alike"),
        (FILE, "", "`source` is given, and no `files`"),
        (FILE, FILE + '[requantised]\nengine = "a"\nto = "Q4_0"', "$.requantised.to"),
        (FILE, FILE + FILE.replace("weights", "more") + REQUANTISED, "one file of weights"),
        (FILE, FILE + PROJECTOR + REQUANTISED, "would lie over"),
        (FILE, FILE + '[upstream]\nurl = "https://a"\ndialect = "b"\nmodel = "c"', "not both"),
        ("window = 4096", "window = 0", "$.window"),
        ('sha256 = "ab', 'sha256 = "xy', "$.files[0].sha256"),
        ("[source]", "[source", "line 8"),
    ],
)
def test_a_broken_card_is_refused_by_file_and_field(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    (tmp_path / "tiny.toml").write_text(CARD.replace(right, wrong), "utf-8")
    with pytest.raises(SettingRefused) as caught:
        read_catalogue(tmp_path)
    assert str(tmp_path / "tiny.toml") in caught.value.what
    assert said in caught.value.what


def test_a_card_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_bytes(CARD.encode("latin-1"))
    with pytest.raises(SettingRefused, match=r"tiny\.toml"):
        read_catalogue(tmp_path)


def test_a_model_that_is_not_in_the_catalogue_is_answered_with_those_that_are() -> None:
    with pytest.raises(ModelUnknown, match=STARTER):
        read_catalogue(SHIPPED).find("gpt-9")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("https://a.example/v1", "https://a.example/v1?key=b", "$.upstream.url"),
        ("env:A_KEY", "sk-something", "$.upstream.secret"),
        ('["chat", "tools"]', '["chess"]', "$.upstream.serves[0]"),
        ('["chat", "tools"]', "[]", "$.upstream.serves"),
        ("USD", "dollars", "$.price.currency"),
        ("2026-11-01", '"soon"', "$.price.since"),
        ('"0.25"', "0.25", "$.price.per_million"),
        ('"0.25"', '"0.0000001"', "$.price.per_million"),
        ("input_fresh", "prompt", "$.price.per_million"),
    ],
)
def test_a_broken_card_of_an_upstream_is_refused_by_its_field(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    (tmp_path / "large.toml").write_text(UPSTREAM.replace(right, wrong))
    with pytest.raises(SettingRefused, match=re.escape(said)):
        read_catalogue(tmp_path)


def test_a_card_whose_name_would_leave_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "-a b.toml").write_text(CARD, "utf-8")
    with pytest.raises(SettingRefused, match="'-a b' is no name for a model"):
        read_catalogue(tmp_path)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
FILES = st.builds(
    ModelFile,
    name=st.from_regex(rf"\A{NAME}\Z").filter(lambda name: name != "record.json"),
    member=TEXTS.map(lambda text: "a" + text.replace("/", "-").replace("\\", "").replace("\0", "")),
    bytes=st.integers(0, 2**60),
    sha256=st.just(SHA256),
)
SUMS = st.dictionaries(st.sampled_from(Unit), st.just("0.5"), min_size=1)
MODELS = st.builds(
    Model,
    name=st.just("a"),
    title=TEXTS,
    engines=st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    window=st.integers(1, 2**60),
    parameters=st.integers(0, 2**60),
    licence=TEXTS,
    active=st.none() | st.integers(0, 2**60),
    source=st.sampled_from(
        [
            WheelSource("a", "1"),
            HubSource("a/b", "0" * 40),
            WebSource("https://a/"),
            FolderSource("/é"),
        ]
    ),
    files=FILES.map(lambda file: (file,)),
    requantised=st.none() | st.builds(Requantised, TEXTS, st.just("Q8_0")),
    price=st.none()
    | st.builds(ListPrice, st.just("EUR"), st.dates(), TEXTS, SUMS, st.none() | st.dates()),
    shadow=st.none()
    | st.builds(
        Shadow,
        provider=TEXTS,
        model=TEXTS,
        currency=st.just("EUR"),
        since=st.dates(),
        source=TEXTS,
        per_million=SUMS,
    ),
)


@given(MODELS)
def test_a_card_that_is_written_reads_as_the_same_model(
    tmp_path_factory: pytest.TempPathFactory, model: Model
) -> None:
    folder = tmp_path_factory.mktemp("cards")
    write_card(folder / "a.toml", model)
    assert read_catalogue(folder).find("a") == model


@pytest.mark.parametrize("salt", [False, True])
def test_a_card_of_an_upstream_is_written_as_it_reads(tmp_path: Path, *, salt: bool) -> None:
    salted = UPSTREAM.replace("serves =", "cache_salt = true\nserves =") if salt else UPSTREAM
    (tmp_path / "large.toml").write_text(salted)
    model = read_catalogue(tmp_path).find("large")
    assert model.upstream
    assert model.upstream.cache_salt is salt
    write_card(tmp_path / "b" / "large.toml", model)
    assert read_catalogue(tmp_path / "b").find("large") == model


def test_what_is_no_text_is_not_written(tmp_path: Path) -> None:
    model = Model("a", "\udcff", ("b",), 1, 0, "MIT")
    with pytest.raises(SettingRefused, match="not text in UTF-8"):
        write_card(tmp_path / "a.toml", model)
    assert not (tmp_path / "a.toml").exists()


def test_a_model_is_asked_for_by_other_names_too(tmp_path: Path) -> None:
    known = 'known_as = ["doubao-seed-1-6-251015", "ep-20251101-abcde"]\n'
    (tmp_path / "tiny.toml").write_text(known + CARD, "utf-8")
    model = read_catalogue(tmp_path).find("tiny")
    assert model.names == ("tiny", "doubao-seed-1-6-251015", "ep-20251101-abcde")
    write_card(tmp_path / "tiny.toml", model)
    assert read_catalogue(tmp_path).find("tiny") == model


@pytest.mark.parametrize("name", ["other", "doubao"])
def test_a_name_of_two_models_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "tiny.toml").write_text(f'known_as = ["{name}"]\n' + CARD, "utf-8")
    (tmp_path / "other.toml").write_text('known_as = ["doubao"]\n' + CARD, "utf-8")
    with pytest.raises(SettingRefused, match=f"known as '{name}'"):
        read_catalogue(tmp_path)


def test_a_file_of_names_alone_gives_them_to_the_card_of_an_earlier_folder(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    (shipped / "tiny.toml").write_text(CARD, "utf-8")
    (own / "tiny.toml").write_text('known_as = ["gpt-4o"]\n', "utf-8")
    before = read_catalogue(shipped).find("tiny")
    assert read_catalogue(shipped, own).find("tiny") == replace(before, known_as=("gpt-4o",))
    (own / "tiny.toml").write_text('known_as = ["gpt 4o"]\n', "utf-8")
    with pytest.raises(SettingRefused, match=r"own/tiny\.toml cannot be understood: .*known_as"):
        read_catalogue(shipped, own)


def test_a_file_of_names_alone_is_no_card_of_a_model_that_is_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text('known_as = ["gpt-4o"]\n', "utf-8")
    with pytest.raises(SettingRefused, match="title"):
        read_catalogue(tmp_path)
