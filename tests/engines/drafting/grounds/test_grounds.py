"""Every ground, in every light."""

from typing import get_args

import numpy as np
import pytest

from seedbed.core.scene.layers import Ground
from seedbed.engines.drafting.frames import Pixels, Sheet
from seedbed.engines.drafting.grounds import ground
from seedbed.engines.drafting.grounds.light import Time, Weather, light
from seedbed.engines.drafting.grounds.plane import Setting

WIDTH, HEIGHT = 160, 90
LIVELY = {"sky", "sea", "beach", "city", "mountains", "desert", "field", "snow", "street"}


def setting(time: Time = "day", weather: Weather = "clear", **how: object) -> Setting:
    wide = WIDTH / HEIGHT
    edges = {"left": -0.1, "top": -0.1, "right": wide + 0.1, "bottom": 1.1, "width": wide}
    return Setting(**{**edges, "light": light(time, weather), **how})  # type: ignore


def drawn(place: Ground, at: Setting, seconds: float = 0.0) -> Pixels:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.canvas.scale(HEIGHT, HEIGHT)
    for plane in ground(place, at):
        if plane.still is not None:
            plane.still(sheet.canvas)
        if plane.live is not None:
            plane.live(sheet.canvas, seconds)
    return sheet.pixels


def light_of(pixels: Pixels) -> float:
    return float(pixels[:, :, :3].mean())


@pytest.mark.parametrize("place", get_args(Ground))
def test_a_ground_covers_all_and_is_always_the_same(place: Ground) -> None:
    pixels = drawn(place, setting(), 1.5)
    assert (pixels[:, :, 3] == 255).all()
    assert (drawn(place, setting(), 1.5) == pixels).all()


@pytest.mark.parametrize("place", get_args(Ground))
def test_night_is_darker_than_day(place: Ground) -> None:
    day, night = drawn(place, setting()), drawn(place, setting("night"))
    if place not in {"space", "moon"}:
        assert light_of(night) < 0.85 * light_of(day)


@pytest.mark.parametrize("weather", get_args(Weather))
@pytest.mark.parametrize("time", get_args(Time))
def test_every_light_can_be_drawn(time: Time, weather: Weather) -> None:
    seen = {drawn(place, setting(time, weather)).tobytes() for place in ("field", "forest", "city")}
    assert len(seen) == 3


@pytest.mark.parametrize("place", [*sorted(LIVELY), "space", "underwater", "forest"])
def test_there_is_life_in_it(place: Ground) -> None:
    assert (drawn(place, setting(), 0.0) != drawn(place, setting(), 2.0)).any()


@pytest.mark.parametrize("weather", ["rain", "snow", "storm", "fog"])
def test_weather_moves_and_takes_the_colours(weather: Weather) -> None:
    clear, wet = drawn("field", setting()), drawn("field", setting(weather=weather))
    assert (drawn("field", setting(weather=weather), 0.7) != wet).any()
    assert np.ptp(wet[20, :, :3].mean(axis=0)) < np.ptp(clear[20, :, :3].mean(axis=0))


def test_some_of_the_weather_is_before_all_else() -> None:
    for weather in ("rain", "snow", "storm", "fog"):
        assert any(plane.front for plane in ground("city", setting(weather=weather)))
    assert not any(plane.front for plane in ground("room", setting(weather="rain")))


@pytest.mark.parametrize("place", get_args(Ground))
def test_planes_go_from_far_to_near(place: Ground) -> None:
    depths = [plane.depth for plane in ground(place, setting()) if not plane.front]
    assert depths[0] == min(depths)
    assert max(depths) <= 0.5


@pytest.mark.parametrize("place", get_args(Ground))
def test_its_first_colour_can_be_given(place: Ground) -> None:
    colours = ("#c02060", "#2060c0")
    own = setting(colours=colours)
    if place == "sky":
        own = setting(light=light("day", "clear", colours))
    assert (drawn(place, own) != drawn(place, setting())).mean() > 0.02


@pytest.mark.parametrize("place", ["field", "city", "snow"])
def test_another_seed_is_another_place(place: Ground) -> None:
    assert (drawn(place, setting(seed=5)) != drawn(place, setting())).any()


@pytest.mark.parametrize("place", ["field", "mountains", "beach", "underwater"])
def test_how_far_it_reaches_changes_nothing_that_stands(place: Ground) -> None:
    def standing(at: Setting) -> Pixels:
        sheet = Sheet(WIDTH, HEIGHT)
        sheet.canvas.scale(HEIGHT, HEIGHT)
        for plane in ground(place, at):
            if plane.still is not None:
                plane.still(sheet.canvas)
        return sheet.pixels

    near, far = standing(setting()), standing(setting(left=-0.8, right=3.0))
    assert np.abs(near.astype(int) - far).max() <= 12


def test_windows_are_lit_at_night() -> None:
    def warm(time: Time) -> int:
        pixels = drawn("city", setting(time)).astype(int)
        return int((pixels[30:75, :, 0] - pixels[30:75, :, 2] > 60).sum())

    assert warm("night") > 20
    assert warm("day") == 0
