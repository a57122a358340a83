"""What files are called, and which ids may be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.files.naming import UNNAMED, checked, fresh, own, shown
from seedbed.core.errors import ObjectUnknown


@given(st.text())
def test_any_name_can_be_shown(name: str) -> None:
    told = shown(name)
    assert told.isprintable()
    assert 0 < len(told) <= 200
    assert "/" not in told
    assert "\\" not in told
    assert told.strip(".")
    assert shown(told) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("in\u202egnp.exe", "ingnp.exe"),
        ("a\r\nx-evil: 1", "ax-evil: 1"),
        ("\u2066\u200b", UNNAMED),
        ("日本 語.pdf", "日本 語.pdf"),
        ("a/", UNNAMED),
        (" .. ", UNNAMED),
    ],
)
def test_folders_and_letters_that_mislead_are_taken_off(name: str, told: str) -> None:
    assert shown(name) == told


def test_a_file_is_named_by_either_form_of_its_id() -> None:
    id_ = fresh()
    assert own(id_) == own(id_.replace("-", "_")) == id_
    assert own("other_1") == "other_1"


@pytest.mark.parametrize("id_", ["", "a b", "a\0", "é", "a" * 81])
def test_what_is_no_id_is_unknown(id_: str) -> None:
    with pytest.raises(ObjectUnknown):
        checked("file", id_)
