"""Pictures are taken apart, and refused where they cannot be or should not be."""

import asyncio
import struct
import threading
import weakref
import zlib
from collections.abc import Sequence

import pytest

from seedbed.engines.workers import openvino_pictures as module
from seedbed.engines.workers.openvino_marks import MARKS, mark
from seedbed.engines.workers.openvino_pictures import (
    PIXELS,
    RATIO,
    BadPicture,
    Looking,
    Pixels,
    Shown,
    pixels,
    shown,
)
from tests.engines.tiny_vision import picture


def claimed(width: int, height: int) -> bytes:
    """A picture that says it were of that size."""
    whole = picture(255, 0, 0)
    head = b"IHDR" + struct.pack(">II", width, height) + whole[24:29]
    return whole[:12] + head + struct.pack(">I", zlib.crc32(head)) + whole[33:]


def test_a_picture_becomes_rows_of_red_green_and_blue() -> None:
    rows = pixels(picture(1, 2, 3, side=5))
    assert rows.shape == (5, 5, 3)
    assert rows[4][4].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "picture 2 is no PNG or JPEG"),
        (b"GIF89a and so on", "picture 2 is no PNG or JPEG"),
        (picture(1, 2, 3)[:-30], "picture 2 is no PNG or JPEG"),
        (claimed(PIXELS, 2), "pixels is the most"),
        # By its reader or by us, whoever has the lower bound: the reader's is the process's.
        (claimed(1 << 15, 1 << 15), "picture 2 is (no PNG or JPEG|32768 by 32768)"),
        (claimed(RATIO + 1, 1), f"is {RATIO + 1} by 1; 1 to {RATIO} is the narrowest"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_by_its_number(data: bytes, why: str) -> None:
    with pytest.raises(BadPicture, match=why):
        shown(mark(0) + mark(1), [picture(0, 0, 0), data])


def test_a_prompt_knows_its_words_and_the_sizes_of_its_pictures() -> None:
    seen = shown(f"a{mark(0)}b{mark(1)}", [picture(0, 0, 0, side=3), picture(0, 0, 0, side=4)])
    assert seen.words == "ab"
    assert seen.sizes == ((3, 3), (4, 4))


def test_a_template_that_leaves_a_picture_out_is_refused() -> None:
    with pytest.raises(BadPicture, match="leaves pictures out"):
        shown("a", [picture(0, 0, 0)])


@pytest.mark.parametrize("like", [mark(0), mark(7), f"{MARKS[1]}0>", f"{MARKS[0]}{'9' * 99_999}"])
def test_a_text_that_says_a_mark_is_refused(like: str) -> None:
    with pytest.raises(BadPicture, match="which stand for media here"):
        shown(mark(0) + like, [picture(0, 0, 0)])


def test_of_several_pictures_one_is_held_that_was_taken_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = list[weakref.ref[Pixels]]()

    def noted(one: bytes, number: int) -> Pixels:
        assert not any(rows() is not None for rows in held)
        held.append(weakref.ref(rows := pixels(one, number)))
        return rows

    monkeypatch.setattr(module, "pixels", noted)
    assert len(shown(mark(0) + mark(1), [picture(0, 0, 0)] * 2).sizes) == len(held) == 2


@pytest.mark.anyio
async def test_others_are_answered_while_pictures_are_taken_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second ask waits for its turn; whoever asks something else does not."""
    answered, under_way = threading.Event(), list[str]()

    def slow(prompt: str, pictures: Sequence[bytes]) -> Shown:
        under_way.append(prompt)
        assert answered.wait(30)
        assert under_way.pop() == prompt
        return Shown(prompt, tuple(pictures), ())

    looking = Looking()
    assert (await looking.at("none", [])).prompt == "none"
    monkeypatch.setattr(module, "shown", slow)
    asks = [asyncio.ensure_future(looking.at(prompt, [b""])) for prompt in "ab"]
    while not under_way:
        await asyncio.sleep(0)
    assert under_way == ["a"]
    answered.set()
    assert [one.prompt for one in await asyncio.gather(*asks)] == ["a", "b"]
