"""Captions as files of words, both ways; and files that are odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.film import subtitles
from seedbed.kit.film.caption import Caption
from seedbed.kit.film.errors import FilmFault

CAPTIONS = [
    Caption(0.5, 2.0, "Good morning"),
    Caption(2.25, 3.5, "早上好\nsays the cat"),
    Caption(3_700.001, 3_702.9, "1 < 2 & 3 > 2"),
]
WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="<>"), min_size=1)


def test_they_are_written_as_subrip() -> None:
    assert subtitles.srt(CAPTIONS).startswith(
        "1\n00:00:00,500 --> 00:00:02,000\nGood morning\n\n2\n00:00:02,250 --> "
    )
    assert "01:01:40,001 --> 01:01:42,900" in subtitles.srt(CAPTIONS)


def test_they_are_written_as_webvtt() -> None:
    assert subtitles.webvtt(CAPTIONS).startswith(
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nGood morning\n\n00:00:02.250 --> "
    )
    assert "1 &lt; 2 &amp; 3 &gt; 2" in subtitles.webvtt(CAPTIONS)


def test_what_is_written_is_read() -> None:
    assert subtitles.read(subtitles.srt(CAPTIONS)) == CAPTIONS
    assert subtitles.read(subtitles.webvtt(CAPTIONS)) == CAPTIONS


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**6), WORDS), max_size=5))
def test_any_words_come_back(told: list[tuple[int, int, str]]) -> None:
    captions = [Caption(begin / 1_000, (begin + long) / 1_000, text) for begin, long, text in told]
    plain = [caption for caption in captions if "-->" not in caption.text]
    for write in (subtitles.srt, subtitles.webvtt):
        assert subtitles.read(write(plain)) == plain


def test_words_cannot_become_a_caption_of_their_own() -> None:
    sly = Caption(0, 1, "a\n\n00:00:09,000 --> 00:00:10,000\nb")
    for write in (subtitles.srt, subtitles.webvtt):
        (read,) = subtitles.read(write([sly]))
        assert read.end == 1
        assert read.text.startswith("a\n00:00:09,000 ->")


def test_files_of_other_programs_are_read() -> None:
    text = (
        "\ufeffWEBVTT - a film\r\nKind: captions\r\n\r\nNOTE by hand\r\nof two lines\r\n\r\n"
        "STYLE\r\n::cue { color: red }\r\n\r\nintro\r\n00:01.5 --> 00:02.250 align:start line:0\r\n"
        "<v Anna>Hello <b>you</b></v>\r\n\r\n1:00:03,7 --> 1:00:04,000\r\n<00:01.000>there"
    )
    assert subtitles.read(text) == [
        Caption(1.5, 2.25, "Hello you"),
        Caption(3_603.7, 3_604.0, "there"),
    ]
    assert subtitles.read("") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1\nhello\n", 'line 2: "hello" is not like'),
        ("\n\n7\n", 'line 3: "7" is not like'),
        ("1\n00:00:01 --> 00:00:02\nx", "line 2"),
        ("1\n00:61:00,000 --> 00:62:00,000\nx", "line 2"),
        ("00:00:02,000 --> 00:00:01,000\nx", "begins before it ends"),
        ("x" * 2_000_001, "subtitles of 2,000,001 letters"),
        ("0:01.0 --> 0:02.0\nx\n\n" * 20_001, "more than 20,000 captions"),
    ],
)
def test_files_that_are_odd_are_refused_with_the_line(text: str, why: str) -> None:
    with pytest.raises(FilmFault, match=why):
        subtitles.read(text)
