"""What is worth its room in a far store.

Floor 2. By the same measure as in a folder: seconds of reading that a byte saves, the less the
longer nobody wanted it.
"""

from collections.abc import Iterable, Mapping

from seedbed.store.far_store import Shelved
from seedbed.store.notes import Prefix


def plan(
    there: Mapping[str, Shelved], near: Mapping[str, Prefix], *, most: int, now: float
) -> tuple[list[Prefix], list[Prefix]]:
    """Which to put, and which to delete before, so that what is worth most for its bytes is there,
    of `most` bytes together. What a longer one has all of is worth nothing.
    """
    unused = {name: now - one.used for name, one in there.items()}
    known = {**near, **{name: one.prefix for name, one in there.items()}}
    held = _held(known.values())
    room, put, deleted = most, list[Prefix](), list[Prefix]()
    for name in sorted(known, key=lambda name: -known[name].worth(unused.get(name, 0.0))):
        prefix = known[name]
        is_kept = prefix.size <= room and name not in held
        room -= prefix.size if is_kept else 0
        if is_kept != (name in there):
            (put if is_kept else deleted).append(prefix)
    return put, deleted


def _held(prefixes: Iterable[Prefix]) -> set[str]:
    """The names of those that are the beginning of another."""
    longest = dict[tuple[str, str, str], str]()
    by_length = sorted(prefixes, key=lambda prefix: prefix.end)
    for prefix in by_length:
        longest.update(((prefix.maker, prefix.owner, end), prefix.name) for end in prefix.ends)
    return {p.name for p in by_length if longest.get((p.maker, p.owner, p.last)) != p.name}
