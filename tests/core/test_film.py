"""What a film may be at most: its frames, its length, and what they are counted as."""

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Feature
from seedbed.core.film import ADAPTIVE, LINES, RATIOS, VideoAsk, film_tokens, frame_size
from seedbed.core.message import Media, MediaKind


def test_a_film_needs_somebody_who_films() -> None:
    assert VideoAsk("m", "a barn").needs == {Feature.VIDEOS}


def test_a_film_of_five_seconds_is_counted_as_the_vendor_counts_it() -> None:
    ask = VideoAsk("m", "a", seconds=5, size=(1280, 720), fps=24)
    assert (ask.most_frames, ask.most_seconds, ask.most_output) == (121, 121 / 24, 108_900)
    assert VideoAsk("m", "a", frames=121, size=(1280, 720)).most_output == 108_900


def test_what_is_left_to_the_model_is_bounded() -> None:
    open_, five = VideoAsk("m", "a"), VideoAsk("m", "a", seconds=5)
    assert open_.most_seconds > 15 > five.most_seconds > 5
    assert open_.most_output > five.most_output
    ref = Media(MediaKind.IMAGE, b"x", {"role": "first_frame"})
    assert VideoAsk("m", "a", (ref,)).most_input > open_.most_input > 1


@given(st.sampled_from(sorted(LINES)), st.sampled_from(sorted(RATIOS)))
def test_no_shape_of_a_tier_is_larger_than_the_bound(tier: str, ratio: str) -> None:
    width, height = frame_size(tier, ratio)
    assert (min(width, height), width % 2, height % 2) == (LINES[tier], 0, 0)
    ask = VideoAsk("m", "a", frames=24, ratio=ADAPTIVE, tier=tier)  # type: ignore[arg-type]
    assert film_tokens(width, height, 24, 1) <= ask.most_output
    exact = VideoAsk("m", "a", frames=24, ratio=ratio, tier=tier)  # type: ignore[arg-type]
    assert film_tokens(width, height, 24, 1) == exact.most_output


def test_a_span_of_a_scene_is_as_many_frames_as_it_says() -> None:
    ask = VideoAsk("m", "", scene={}, span=(48, 12), frames=900, fps=24)
    assert (ask.most_frames, ask.most_seconds) == (12, 0.5)
