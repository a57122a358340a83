"""Official clients have pictures changed by the engine that draws: OpenAI's, and both of Ark's."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import openai
import pytest
from openai import OpenAI
from PIL import Image, PngImagePlugin

from seedbed.core.access import Scope
from seedbed.core.scene.form import IN_PNG, read_scene
from seedbed.core.scene.layers import Backdrop, Mask, Subject, Text
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.draftsman import Draftsman
from seedbed.kit.clock import SystemClock
from tests.api.ark.vendor import BYTEPLUS, VOLCENGINE
from tests.api.images.drawing import Here
from tests.api.running import build, make_key, served
from tests.engines.drafting.editing.files import boxed, file_of, mask

pytestmark = pytest.mark.usefixtures("logged")

PROMPT = 'A cat on the left of a house in a field, title "Hello 你好"'
PLAIN = file_of(Image.new("RGB", (160, 120), (40, 90, 200)))
PLACE = mask((160, 120), boxed(80, 60, 119, 109))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server that draws, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    app = build({"draft": Here(Draftsman.ready())}, home=home, clock=SystemClock())
    with served(app) as url:
        yield url, make_key(home, Scope.MODELS)


@pytest.fixture(scope="module")
def client(address: tuple[str, str]) -> Iterator[OpenAI]:
    url, key = address
    with OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def drawn(client: OpenAI) -> bytes:
    """A picture that was drawn here."""
    told = client.images.generate(model="draft", prompt=PROMPT, size="320x240")
    assert told.data is not None
    return base64.b64decode(told.data[0].b64_json or "")


@pytest.fixture(params=[VOLCENGINE.Ark, BYTEPLUS.Ark])
def ark(address: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[Any]:
    url, key = address
    with request.param(base_url=f"{url}/api/v3", api_key=key, max_retries=0) as client:
        yield client


def changed(client: OpenAI, image: bytes, prompt: str, **wanted: Any) -> bytes:
    told = client.images.edit(model="draft", image=("picture.png", image), prompt=prompt, **wanted)
    assert told.data is not None
    return base64.b64decode(told.data[0].b64_json or "")


def scene_of(data: bytes) -> Scene:
    return read_scene(json.loads(Image.open(io.BytesIO(data)).info[IN_PNG]))


def layers_of(data: bytes) -> list[object]:
    return list(scene_of(data).shots[0].layers)


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_a_drawn_picture_is_changed_as_its_scene(client: OpenAI, drawn: bytes) -> None:
    before = layers_of(drawn)
    cat = next(one for one in before if isinstance(one, Subject) and one.what == "cat")
    after = changed(client, drawn, "remove the cat")
    assert layers_of(after) == [one for one in before if one != cat]
    differs = np.argwhere((pixels(drawn) != pixels(after)).any(axis=2))
    assert differs[:, 1].max() <= 320 * (cat.box.x + cat.box.width) + 20
    assert differs[:, 0].min() >= 240 * cat.box.y - 20


@pytest.mark.parametrize(
    ("prompt", "kind", "field", "value"),
    [
        ("make the sky red", Backdrop, "sky", "#e53935"),
        ("让它下雨", Backdrop, "weather", "rain"),
        ("把标题改成“再见”", Text, "text", "再见"),
        ("replace the cat with a dog", Subject, "what", "dog"),
    ],
)
def test_words_change_one_thing(
    client: OpenAI, drawn: bytes, prompt: str, kind: type, field: str, value: str
) -> None:
    before, after = layers_of(drawn), layers_of(changed(client, drawn, prompt))
    (new,) = [one for one in after if one not in before]
    assert isinstance(new, kind)
    assert value in getattr(new, field)


def test_a_result_is_changed_again(client: OpenAI, drawn: bytes) -> None:
    once = changed(client, drawn, "remove the cat")
    twice = changed(client, once, "change the title to 'Later'")
    before, after = ([type(one) for one in layers_of(data)] for data in (drawn, twice))
    assert after.count(Subject) == before.count(Subject) - 1
    assert [one.text for one in layers_of(twice) if isinstance(one, Text)] == ["Later"]


def test_what_a_mask_marks_is_filled_in_another_picture(client: OpenAI) -> None:
    image = Image.open(io.BytesIO(PLAIN))
    image.paste((250, 10, 10), (85, 65, 115, 105))
    made = changed(client, file_of(image), "remove this", mask=("mask.png", PLACE))
    assert np.abs(pixels(made).astype(int) - (40, 90, 200)).max() <= 4
    (removed,) = [one for one in layers_of(made) if isinstance(one, Mask)]
    assert removed.use == "remove"


def test_something_is_put_where_a_mask_is_clear(client: OpenAI) -> None:
    made = changed(client, PLAIN, "put a boat here", mask=("mask.png", PLACE), size="auto")
    seen = pixels(made)
    assert seen.shape == (120, 160, 3)
    differs = np.argwhere((np.abs(seen.astype(int) - (40, 90, 200)) > 24).any(axis=2))
    assert differs[:, 0].min() >= 55
    assert differs[:, 1].min() >= 75


def test_a_changed_picture_is_streamed_too(client: OpenAI, drawn: bytes) -> None:
    events = client.images.edit(
        model="draft", image=("picture.png", drawn), prompt="remove the cat", stream=True
    )
    (only,) = list(events)
    assert only.type == "image_edit.completed"


@pytest.mark.parametrize(
    ("image", "prompt", "wanted", "param", "why"),
    [
        (PLAIN, "remove the cat", {}, "prompt", "nothing known as 'the cat'"),
        (PLAIN, "put a boat here", {}, "prompt", "no place is marked"),
        (PLAIN, "make it lovely", {}, "prompt", "not understood"),
        (PLAIN, "remove this", {"mask": ("m.png", PLAIN)}, "mask", "Nothing of the mask"),
        (
            PLAIN,
            "remove this",
            {"mask": ("m.png", PLACE), "size": "64x64"},
            "size",
            "another shape",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(
    client: OpenAI, image: bytes, prompt: str, wanted: dict[str, Any], param: str, why: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=why) as refused:
        changed(client, image, prompt, **wanted)
    assert refused.value.param == param


def logo(colour: str = "#ffcc00") -> bytes:
    """A picture of one colour that is twice as wide as high."""
    return file_of(Image.new("RGB", (80, 40), colour))


def laid(client: OpenAI, prompt: str, *images: bytes, **wanted: Any) -> bytes:
    files: Any = [(f"{number}.png", image) for number, image in enumerate(images)]
    told = client.images.edit(model="draft", image=files, prompt=prompt, **wanted)
    assert told.data is not None
    return base64.b64decode(told.data[0].b64_json or "")


def places(data: bytes, colour: tuple[int, int, int]) -> np.ndarray[Any, Any]:
    """Where a colour is: rows and columns."""
    return np.argwhere((np.abs(pixels(data).astype(int) - colour) <= 8).all(axis=2))


def test_a_second_picture_is_laid_into_the_marked_place(client: OpenAI) -> None:
    made = laid(client, "put this picture here", PLAIN, logo(), mask=("mask.png", PLACE))
    found = places(made, (255, 204, 0))
    assert (found.min(axis=0) >= (59, 79)).all()
    assert (found.max(axis=0) <= (110, 120)).all()
    wide, high = np.ptp(found[:, 1]), np.ptp(found[:, 0])
    assert wide / high == pytest.approx(2, abs=0.2)


def test_pictures_are_laid_by_their_numbers_where_the_words_say(
    client: OpenAI, drawn: bytes
) -> None:
    prompt = "replace the cat with the third picture and put the second picture in the upper right"
    made = laid(client, prompt, drawn, logo("#ff00ff"), logo("#00ffff"))
    cat = next(one for one in layers_of(drawn) if isinstance(one, Subject) and one.what == "cat")
    second, third = places(made, (255, 0, 255)), places(made, (0, 255, 255))
    assert (second.mean(axis=0) / (240, 320))[1] > 0.5
    assert tuple(third.mean(axis=0) / (240, 320)) == pytest.approx(cat.box.centre[::-1], abs=0.05)


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("remove the cat", "It is not said where picture 2 goes"),
        ("put the fourth picture on the left", "There is no picture 4"),
        ("put this picture on the left and put this picture on the right", "No picture is left"),
        ("make it like the second one", "not understood"),
    ],
)
def test_a_picture_of_which_it_is_not_said_where_it_goes_is_refused(
    client: OpenAI, drawn: bytes, prompt: str, why: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=why) as refused:
        laid(client, prompt, drawn, logo())
    assert refused.value.param == "prompt"


def test_what_is_no_picture_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="no picture"):
        changed(client, b"no picture", "remove the cat")


def test_a_picture_to_go_by_is_changed_at_arks_door(ark: Any, drawn: bytes) -> None:
    shown = "data:image/png;base64," + base64.b64encode(drawn).decode()
    told = ark.images.generate(model="draft", prompt="把猫去掉", image=shown, watermark=False)
    (one,) = told.data
    assert told.usage.input_images == 1
    made = httpx2.get(one.url).content
    assert pixels(made).shape == (240, 320, 3)
    assert not any(isinstance(one, Subject) and one.what == "cat" for one in layers_of(made))


def test_a_tier_at_arks_door_keeps_the_pictures_shape(ark: Any, drawn: bytes) -> None:
    shown = "data:image/png;base64," + base64.b64encode(drawn).decode()
    told = ark.images.generate(
        model="draft", prompt="remove the cat", image=shown, size="1K", watermark=False
    )
    width, height = (int(side) for side in told.data[0].size.split("x"))
    assert width / height == pytest.approx(4 / 3, rel=0.01)
    assert width * height == pytest.approx(1_024 * 1_024, rel=0.01)


def test_several_pictures_are_laid_at_arks_door(ark: Any, drawn: bytes) -> None:
    shown = [
        "data:image/png;base64," + base64.b64encode(one).decode()
        for one in (drawn, logo("#ff00ff"), logo("#00ffff"))
    ]
    told = ark.images.generate(
        model="draft", prompt="把猫换成图3;把第二张图放在左上角", image=shown, watermark=False
    )
    assert told.usage.input_images == 3
    made = httpx2.get(told.data[0].url).content
    assert not any(isinstance(one, Subject) and one.what == "cat" for one in layers_of(made))
    assert len(places(made, (255, 0, 255))) > 100
    assert len(places(made, (0, 255, 255))) > 100


def test_paint_on_a_drawn_picture_is_kept_and_that_is_told(client: OpenAI, drawn: bytes) -> None:
    with Image.open(io.BytesIO(drawn)) as image:
        within = PngImagePlugin.PngInfo()
        for name, text in image.text.items():  # type: ignore[attr-defined]
            within.add_itxt(name, text)
        image.paste((255, 0, 255), (10, 10, 60, 40))
        file = io.BytesIO()
        image.save(file, "png", pnginfo=within)
    with pytest.raises(openai.BadRequestError, match="was painted over since"):
        changed(client, file.getvalue(), "remove the cat")
    away = mask((320, 240), boxed(200, 200, 219, 219))
    told = client.images.edit(
        model="draft",
        image=("p.png", file.getvalue()),
        prompt="remove this",
        mask=("mask.png", away),
    )
    assert told.data is not None
    made = base64.b64decode(told.data[0].b64_json or "")
    assert len(places(made, (255, 0, 255))) > 1_000
    (note,) = told.seedbed["notes"]  # type: ignore[attr-defined]
    assert "was painted over since" in note
    *_, last = client.images.edit(
        model="draft",
        image=("p.png", file.getvalue()),
        prompt="remove this",
        mask=("mask.png", away),
        stream=True,
    )
    assert last.seedbed["notes"] == [note]  # type: ignore[union-attr]
