from pathlib import Path

import pytest

from seedbed.core.errors import ModelUnknown, SettingRefused
from seedbed.core.model import Model, WeightsFile, WheelSource
from seedbed.kit import plug
from seedbed.store.catalogue import SHIPPED, read_catalogue

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
member = "tiny/weights.gguf"

[weights]
name = "weights.gguf"
bytes = 5
sha256 = "abababababababababababababababababababababababababababababababab"
"""


def test_every_shipped_card_reads_and_names_an_engine_that_is_there() -> None:
    models = read_catalogue(SHIPPED).all()
    assert {model.name for model in models} == {path.stem for path in SHIPPED.glob("*.toml")}
    assert {kind for model in models for kind in model.engines} <= set(
        plug.kinds("seedbed.engines")
    )
    assert all(model.window > 0 and model.licence and model.title for model in models)


def test_the_starter_is_shipped_with_weights_that_can_be_had() -> None:
    starter = read_catalogue(SHIPPED).find(STARTER)
    assert starter.source
    assert starter.weights
    assert len(bytes.fromhex(starter.weights.sha256)) == 32


def test_a_card_becomes_a_model_named_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(CARD, "utf-8")
    assert read_catalogue(tmp_path).find("tiny") == Model(
        name="tiny",
        title="Ein kleines Mädchen für alles",
        engines=("llama_cpp",),
        window=4096,
        parameters=1_000,
        licence="Apache-2.0",
        source=WheelSource("tiny", "1.0", "tiny/weights.gguf"),
        weights=WeightsFile(
            "weights.gguf", 5, "abababababababababababababababababababababababababababababababab"
        ),
    )


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
        ('member = "tiny/weights.gguf"', "", "`member` - at `$.source`"),
        ("bytes = 5", "bytes = 5.5", "$.weights.bytes"),
        ("bytes = 5", "bytes = -5", "$.weights.bytes"),
        ("bytes = 5", "bytes = 5\nbits = 40", "`bits`"),
        ("window = 4096", "window = 0", "$.window"),
        ('sha256 = "ab', 'sha256 = "xy', "$.weights.sha256"),
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
