"""The library's tokenizer: texts to tokens and back, and which tokens are not told.

Floor 3.
"""

import re
from collections.abc import Container, Sequence

import openvino_genai as genai

from seedbed.engines.workers.openvino_answer import Decoder

_PIECES = re.compile(r"\s?.{1,2000}(?!\S)|.{1,2000}", re.DOTALL)
"""Pieces of a text, cut before blanks where there are some, as tokenizers cut it, too."""
_ENDS = frozenset({"<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end_of_text|>", "<|endoftext|>"})


class Tokens:
    """The tokens of one model. `ends` are those that end an answer."""

    def __init__(self, tokenizer: genai.Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.decode = Decoder(lambda rows: tokenizer.decode(rows, False))
        vocabulary = tokenizer.get_vocab()
        self.count = max(vocabulary.values()) + 1
        """How many there are."""
        self.end = tokenizer.get_eos_token_id()
        ends = {vocabulary[end.encode()] for end in _ENDS if end.encode() in vocabulary}
        self.ends = {end for end in ends if self._is_control(end)} | {self.end}
        self._shown: dict[int, str | None] = {}

    def ids(self, text: str) -> list[int]:
        """The tokens of a text, as far as the library gives them: a window's worth."""
        return self.encoded(text).data.ravel().tolist()

    def length(self, text: str) -> int:
        """About how many tokens a text has, however long it is."""
        return sum(len(self.ids(piece)) for piece in _PIECES.findall(text))

    def encoded(self, text: str) -> "genai.Tensor":
        """The same as `ids`, as the library has it."""
        most = max(len(text.encode()), 1)
        return self.tokenizer.encode(text, add_special_tokens=False, max_length=most).input_ids

    def are_known(self, ids: Sequence[int]) -> bool:
        """Whether the model has all of them."""
        return max(ids) < self.count and min(ids) >= 0

    def is_shown(self, token: int, markers: Container[str]) -> bool:
        """Whether a token is told: control tokens are not, unless they are among the markers."""
        if token not in self._shown:
            self._shown[token] = self.decode([token]) if self._is_control(token) else None
        control = self._shown[token]
        return control is None or control in markers

    def _is_control(self, token: int) -> bool:
        return bool(self.decode([token])) and not self.tokenizer.decode([token])
