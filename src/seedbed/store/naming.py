"""By which other names a model is known, as its card in the operator's catalogue says.

Floor 2. A shipped card stays as it is: in the catalogue lies a file that has the names alone.
"""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from seedbed.core.errors import SettingRefused
from seedbed.kit import atomic
from seedbed.store.catalogue import NAME, Catalogue, write_card

_KEY = "known_as"


def check_name(name: str) -> None:
    """See that a model may be called so.

    Raises:
        SettingRefused: it may not.
    """
    if not re.fullmatch(NAME, name):
        raise SettingRefused(
            f"{name!r} is no name for a model.",
            hint="Take letters, digits, dots, dashes and underlines, a letter or digit first.",
        )


def write_names(folder: Path, catalogue: Catalogue, name: str, known_as: Sequence[str]) -> None:
    """Have the model `name` known by those names, in place of those that it had.

    Raises:
        ModelUnknown: there is no such model.
        SettingRefused: one is no name, or another model's.
    """
    for one in known_as:
        check_name(one)
    model = replace(catalogue.find(name), known_as=tuple(known_as))
    Catalogue(model if one.name == name else one for one in catalogue.all())
    path = folder / f"{name}.toml"
    if path.exists() and tomllib.loads(path.read_text("utf-8")).keys() != {_KEY}:
        write_card(path, model)
    elif known_as:
        atomic.write(path, f"{_KEY} = {json.dumps(known_as)}\n".encode())
    else:
        path.unlink(missing_ok=True)
