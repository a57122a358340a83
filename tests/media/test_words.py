"""Whether what was read is what was to be read."""

from seedbed.media.words import is_readable, plain, says


def test_texts_are_compared_in_their_usual_form_and_without_spaces() -> None:
    assert plain("\uff21 \uff22\u3000c\n\uff11") == "ABc1"
    assert says(["one", "Hel", "lo", "two"], "Hello")
    assert not says(["Hello!"], "Hello")
    assert not says([], "Hello")
    assert not says(["lo", "Hel"], "Hello")


def test_scripts_that_no_reader_knows_are_told() -> None:
    assert is_readable("Hello 你好 カナ 123 — ☃")
    assert not is_readable("สวัสดี")
