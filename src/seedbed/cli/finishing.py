"""The options that say how a film is finished.

Floor 6.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, get_args

import click

from seedbed.cli.sizes import Size
from seedbed.core.finish import CODECS, TITLES, Finish, Left, read_finish

_Command: TypeAlias = Callable[..., None]
_OPTIONS = (
    click.option("--format", type=click.Choice(list(CODECS)), help="Else as the output is named."),
    click.option("--depth", type=click.Choice(["8", "10"]), default="8", help="Bits a colour."),
    click.option("--upscale", type=Size(), help="Brought to that size, once it is made."),
    click.option("--interpolate", type=click.IntRange(1, 60), help="To so many frames a second."),
    click.option(
        "--captions",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A file of SubRip or WebVTT.",
    ),
    click.option("--titles", is_flag=True, help="The texts of the Scene as captions."),
    click.option("--burnt", is_flag=True, help="Captions are a part of the picture."),
    click.option(
        "--skip",
        type=click.Choice(list(get_args(Left))),
        multiple=True,
        help="A step of finishing that is left out.",
    ),
)


def finishing(command: _Command) -> _Command:
    """Give a command the options, which it is handed as its `wish`."""

    @functools.wraps(command)
    def read(  # noqa: PLR0913 - each is an option
        *given: object,
        format: str | None,  # noqa: A002 - as it is typed
        depth: str,
        upscale: tuple[int, int] | None,
        interpolate: int | None,
        captions: Path | None,
        titles: bool,
        burnt: bool,
        skip: tuple[Left, ...],
        **more: Any,  # noqa: ANN401 - the command's own
    ) -> None:
        words = _words(captions, titles=titles)
        form = {"size": upscale, "fps": interpolate, "format": format, "depth": int(depth)}
        wish = {**form, "captions": words, "burnt": burnt, "skip": skip}
        command(*given, wish=wish, **more)

    for option in reversed(_OPTIONS):
        read = option(read)
    return read


def _words(captions: Path | None, *, titles: bool) -> str:
    """What is said in the film: a file of captions, or that the texts of its Scene are."""
    if captions is None:
        return TITLES if titles else ""
    if titles:
        raise click.UsageError(f"Captions are those of {captions} or the titles, not both.")
    try:
        words = captions.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{captions} is no UTF-8 ({error}): save it as such.") from error
    if not words.strip():
        raise click.UsageError(f"{captions} is empty: name a file of SubRip or WebVTT.")
    return words


def finished(
    wish: dict[str, object], output: Path | None, codec: str | None
) -> tuple[Finish, Path]:
    """How a film is finished whose file has that name, and that file.

    Raises:
        RequestMalformed: its parts do not go together.
    """
    named = output.suffix[1:].lower() if output else ""
    format_ = wish["format"] or (named if named in CODECS else "mp4")
    finish = read_finish(wish | {"format": format_, "codec": codec})
    return finish, output or Path(f"film.{finish.format}")
