"""What is noted beside a saved prefix: what it is, sealed with a secret of the house.

Floor 2. Whoever may write to where it lies, and has not the secret, can take it away and have it
computed anew, and can put nothing there that is believed, nor under another name or owner.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from seedbed.core.prefix import Link

BODY, NOTE = ".kv", ".note"
LONGEST = 4_000_000
"""Bytes of a note."""
_FRESH_SECONDS = 60.0
"""Within it, all that was used counts as used just now."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """What a saved prefix is.

    `maker` stands for the model's files and the engine's build, `owner` for who may use it. `ends`
    are the links of its prompt, as bytes by digest. `seconds` is how long it took to compute.
    """

    maker: str
    owner: str
    ends: Mapping[str, int]
    tokens: int
    seconds: float
    size: int = 0
    sha256: str = ""

    @property
    def end(self) -> int:
        """Bytes of the prompt that it holds."""
        return max(self.ends.values(), default=0)

    @property
    def last(self) -> str:
        """The digest of all of it."""
        return max(self.ends, key=lambda digest: self.ends[digest], default="")

    @property
    def name(self) -> str:
        """What it is kept under: the same for whoever makes the same."""
        words = "\n".join((self.maker, self.owner, self.last))
        return hashlib.blake2b(words.encode(), digest_size=20).hexdigest()

    def worth(self, unused: float) -> float:
        """Seconds that it saves for a byte, the less the more seconds nobody wanted it."""
        return self.seconds / self.size / (_FRESH_SECONDS + max(unused, 0.0))


@dataclass(frozen=True, slots=True)
class Found:
    """A saved prefix that begins as a prompt does, and up to which byte of it."""

    prefix: Prefix
    end: int

    @property
    def file(self) -> str:
        """Its file's name in the folder."""
        return self.prefix.name + BODY


class Listing:
    """Prefixes by their names, and by how prompts begin."""

    def __init__(self, prefixes: Mapping[str, Prefix] = MappingProxyType({})) -> None:
        self.all = dict(prefixes)
        longest_first = sorted(self.all, key=lambda name: -self.all[name].end)
        self._ends = {
            (prefix.maker, prefix.owner, digest): name
            for name in longest_first  # so that of those that serve a prompt alike the least stays
            for prefix in (self.all[name],)
            for digest in prefix.ends
        }

    def find(self, maker: str, owner: str, links: Sequence[Link]) -> Found | None:
        """The prefix of that maker and owner that has most of a prompt."""
        for link in reversed(links):
            name = self._ends.get((maker, owner, link.digest.hex()), "")
            if prefix := self.all.get(name):
                return Found(prefix, link.end)
        return None

    def forget(self, name: str) -> None:
        """Have it no more."""
        self.all.pop(name, None)


def ends_of(links: Iterable[Link]) -> dict[str, int]:
    """Links as a prefix names them."""
    return {link.digest.hex(): link.end for link in links}


def sealed(prefix: Prefix, secret: bytes) -> bytes:
    """A note as it is written."""
    said = msgspec.json.encode(prefix)
    return _seal(said, secret) + b"\n" + said


def read(note: bytes, secret: bytes) -> Prefix | None:
    """What a note says, if it was sealed with that secret, and not by another release."""
    seal, _, said = note.partition(b"\n")
    if not hmac.compare_digest(seal, _seal(said, secret)):
        return None
    try:
        return msgspec.json.decode(said, type=Prefix)
    except msgspec.MsgspecError:
        return None


def mark(secret: bytes) -> str:
    """What stands for the house that has this secret, and tells nothing of it."""
    return hmac.digest(secret, b"the house's mark", "sha256").hex()[:16]


def _seal(said: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, said, "sha256").hex().encode()
