"""Fonts: which of them set a text, and what is said where none can."""

from pathlib import Path

import pytest

from seedbed.core.errors import SceneUndrawable
from seedbed.engines.drafting.fonts import Fonts, script, seen

CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_noto = pytest.mark.skipif(not CJK.exists(), reason="Noto's fonts are not installed")


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts()


@needs_noto
def test_each_script_gets_the_font_that_is_made_for_it(fonts: Fonts) -> None:
    assert fonts.for_text("Hello") == ("Noto Sans", "Noto Sans CJK SC")
    assert fonts.for_text("漢字") == ("Noto Sans", "Noto Sans CJK SC")
    assert fonts.for_text("漢字かな") == ("Noto Sans", "Noto Sans CJK JP")
    assert fonts.for_text("한국어") == ("Noto Sans", "Noto Sans CJK KR")
    assert "Noto Sans Arabic" in fonts.for_text("مرحبا")
    assert "Noto Sans Thai" in fonts.for_text("Hi สวัสดี")


@needs_noto
def test_what_is_asked_for_comes_first_and_what_it_lacks_after_it(fonts: Fonts) -> None:
    chosen = fonts.for_text("Déjà 漢字", ("Nowhere Grotesk", "DejaVu Serif"))
    assert chosen[0] == "DejaVu Serif"
    assert "Noto Serif CJK SC" in chosen
    assert "Nowhere Grotesk" not in chosen


@needs_noto
def test_rare_signs_are_looked_for_in_all_fonts(fonts: Fonts) -> None:
    assert all(any(fonts.has(name, one) for name in fonts.for_text("∑ᚠ")) for one in "∑ᚠ")
    assert "Noto Sans Runic" in fonts.for_text("ᚠ")


def test_a_character_that_no_font_has_is_named_with_what_brings_it(tmp_path: Path) -> None:
    none = Fonts([tmp_path, tmp_path / "absent"], system=False)
    assert none.families == ()
    with pytest.raises(SceneUndrawable, match=r"no font here has 你 \(U\+4F60\)") as caught:
        none.for_text("你")
    assert "fonts-noto-cjk" in caught.value.hint
    with pytest.raises(SceneUndrawable, match="fonts-noto-core") as caught:
        none.for_text("ไทย" + "".join(map(chr, range(0x900, 0x910))))
    assert "more" in str(caught.value)
    with pytest.raises(SceneUndrawable, match="fonts-noto-color-emoji"):
        none.for_text("🦊")
    with pytest.raises(SceneUndrawable, match="fonts-dejavu-core"):
        none.for_text("a")


@needs_noto
def test_a_folder_of_the_users_own_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / CJK.name).symlink_to(CJK)
    own = Fonts([tmp_path], system=False)
    assert "Noto Sans CJK JP" in own.families
    assert own.for_text("日本") == ("Noto Sans CJK SC",)
    assert own.missing(["日", "ไ"]) == ["ไ"]


def test_spaces_line_ends_and_marks_need_no_font() -> None:
    assert seen("a b\n\ta\ufe0f\u200d") == ("a", "b")


def test_the_manner_of_a_text_is_that_of_its_script() -> None:
    languages = [script(text) for text in ("Hi 你", "かな漢", "한", "مر", "של", "ไท", "न", "x")]
    assert languages == ["zh", "ja", "ko", "ar", "he", "th", "hi", "en"]
