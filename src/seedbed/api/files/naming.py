"""What a file may be called, and what its id is, whichever vendor's words it came in.

Floor 6. OpenAI and Ark write `file-...`, Anthropic `file_...`: it is one file, and either names it.
"""

import re

from seedbed.core.errors import ObjectUnknown
from seedbed.kit import ids

UNNAMED = "unnamed"
_LONGEST = 200
_ID = re.compile(r"[\w.-]{1,80}", re.ASCII)


def shown(name: str) -> str:
    r"""A name that can be shown anywhere: without folders, and without letters that turn or hide
    what is beside them.

    >>> [shown(name) for name in ("../a/b c.txt", r"C:\x.pdf", "a\u202etxt.exe\0", "..", "")]
    ['b c.txt', 'x.pdf', 'atxt.exe', 'unnamed', 'unnamed']
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in last if letter.isprintable()).strip()[:_LONGEST]
    return plain if plain.strip(".") else UNNAMED


def fresh() -> str:
    """The id of a new file."""
    return ids.fresh("file").replace("_", "-")


def own(id_: str) -> str:
    """The id of a file as it is kept.

    >>> own("file_ab"), own("file-ab")
    ('file-ab', 'file-ab')
    """
    return f"file-{id_.removeprefix('file_')}" if id_.startswith("file_") else id_


def checked(kind: str, id_: str) -> str:
    """An id that an object may have.

    Raises:
        ObjectUnknown: it is none, so that there is no such object.
    """
    if not _ID.fullmatch(id_):
        raise ObjectUnknown(kind, id_[:80])
    return id_
