"""Captions burnt in, in the fonts of folders that are named, and with the pictures of the art."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import SceneUndrawable
from seedbed.engines.drafting.fonts import Fonts
from seedbed.kit.film.pictures import Frame
from seedbed.media.studio import burning
from seedbed.media.studio.burning import Burner
from seedbed.media.studio.orders import Said
from tests.engines.drafting.test_fonts import CJK, needs_noto

BLACK: Frame = np.zeros((240, 320, 3), np.uint8)


def burnt(text: str, *fonts: Path) -> Frame:
    burner = Burner([Said(0, 1, text)], 320, 240, [str(one) for one in fonts])
    return burner.burnt(BLACK, 0.5)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a font."""
    monkeypatch.setattr(burning, "Fonts", partial(Fonts, system=False))


@needs_noto
@pytest.mark.usefixtures("bare")
def test_captions_are_set_in_the_fonts_of_the_user(tmp_path: Path) -> None:
    (tmp_path / CJK.name).symlink_to(CJK)
    with pytest.raises(SceneUndrawable, match="no font here has 你"):
        burnt("你好")
    assert burnt("你好", tmp_path)[170:230].min(axis=2).max() > 200, "its letters are white"


def test_a_character_that_the_art_has_is_drawn_as_its_picture() -> None:
    made = burnt("a🦊").astype(int)
    assert (made[..., 0] - made[..., 2]).max() > 120, "a fox is orange"
