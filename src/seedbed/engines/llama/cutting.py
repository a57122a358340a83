"""What the server is asked and tells of tokens alone; nothing of it waits for a place.

Floor 3.
"""

import msgspec

from seedbed.core.ask import Ask
from seedbed.core.event import Tokenized
from seedbed.engines.llama.wire import Body
from seedbed.kit.offsets import offsets


class Token(msgspec.Struct):
    """One token, and what it stands for: letters, or bytes that are not whole letters."""

    id: int
    piece: str | list[int]


class Cut(msgspec.Struct):
    """The tokens of a text."""

    tokens: list[Token]

    @property
    def input_tokens(self) -> int:
        """How many there are."""
        return len(self.tokens)


class Counted(msgspec.Struct):
    """How many tokens a conversation has, its pictures among them."""

    input_tokens: int


CUTS = msgspec.json.Decoder(Cut)
COUNTS = msgspec.json.Decoder(Counted)
CUT_PATH = "/tokenize"
COUNT_PATH = "/v1/chat/completions/input_tokens"


def text(said: str) -> Body:
    """What is asked for the tokens of a text alone."""
    return {"content": said, "add_special": False, "with_pieces": True}


def continued(ask: Ask) -> Body:
    """What is asked for the tokens of words that are to be continued, as the server reads them."""
    prompt = "".join(message.text for message in ask.messages)
    return text(prompt) | {"add_special": True}


def tokenized(ordinal: int, said: str, cut: Cut) -> Tokenized:
    """One text's tokens, and where they begin and end, where that can be told."""
    pieces = [_bytes(token.piece) for token in cut.tokens]
    return Tokenized(ordinal, tuple(token.id for token in cut.tokens), offsets(said, pieces))


def _bytes(piece: str | list[int]) -> bytes:
    return piece.encode() if isinstance(piece, str) else bytes(piece)
