"""What is noted beside a saved prefix: what it is, sealed with a secret of the house.

Floor 2. Who may write to the folder and has not the secret can put nothing there that is believed.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from seedbed.core.prefix import Link

BODY = ".kv"


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
    def name(self) -> str:
        """What it is kept under: the same for whoever makes the same."""
        last = max(self.ends, key=lambda digest: self.ends[digest], default="")
        words = "\n".join((self.maker, self.owner, last))
        return hashlib.blake2b(words.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """A saved prefix that begins as a prompt does, and up to which byte of it."""

    prefix: Prefix
    end: int

    @property
    def file(self) -> str:
        """Its file's name in the folder."""
        return self.prefix.name + BODY


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


def _seal(said: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, said, "sha256").hex().encode()
