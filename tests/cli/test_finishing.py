"""The options that say how a film is finished, where they are amiss."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from seedbed.cli.finishing import finishing

LINE = "1\n00:00:00,000 --> 00:00:01,000\n你好\n"


@click.command()
@finishing
def told(wish: dict[str, object]) -> None:
    click.echo(wish["captions"])


@pytest.mark.parametrize(
    ("data", "more", "why"),
    [
        (LINE.encode("gb18030"), (), "words.srt is no UTF-8"),
        (b"\n \n", (), "words.srt is empty"),
        (b"", (), "words.srt is empty"),
        (LINE.encode(), ("--titles",), "words.srt or the titles, not both"),
    ],
)
def test_captions_that_say_nothing_or_two_things_are_refused(
    tmp_path: Path, data: bytes, more: tuple[str, ...], why: str
) -> None:
    (tmp_path / "words.srt").write_bytes(data)
    said = CliRunner().invoke(told, ["--captions", str(tmp_path / "words.srt"), *more])
    assert said.exit_code == 2
    assert why in " ".join(said.stderr.split())


def test_captions_are_those_of_a_file_or_the_titles_or_none(tmp_path: Path) -> None:
    (tmp_path / "words.srt").write_text(LINE)
    words: tuple[list[str], ...] = (["--captions", str(tmp_path / "words.srt")], ["--titles"], [])
    said = [CliRunner().invoke(told, one).stdout.strip() for one in words]
    assert said == [LINE.strip(), "titles", ""]
