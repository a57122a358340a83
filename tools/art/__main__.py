"""`make art`: write the pictures and the words that the drawing engine ships.

The packages are had by `npm pack` where they do not lie in FOLDER yet. The same packages give the
same bytes.
"""

import lzma
from pathlib import Path

import click
import msgspec

from art.drawings import drawings
from art.packages import PACKAGES, fetch
from art.words import lexicon

INTO = Path("src/seedbed/engines/drafting")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(folder: Path) -> None:
    """Write both files, from packages in FOLDER."""
    for package in PACKAGES:
        fetch(package, folder)
    art = drawings(folder)
    _write("art.json.xz", art)
    words = lexicon(folder, [drawing.concept for drawing in art])
    _write("words.json.xz", words)


def _write(name: str, value: object) -> None:
    plain = msgspec.json.encode(value, order="sorted")
    packed = lzma.compress(plain, preset=9 | lzma.PRESET_EXTREME)
    (INTO / name).write_bytes(packed)
    click.echo(f"{name}  {len(plain):,} bytes, packed {len(packed):,}")


if __name__ == "__main__":
    main()
