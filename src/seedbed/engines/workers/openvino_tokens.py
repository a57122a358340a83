"""The library's tokenizer: texts to tokens and back, and which tokens are not told.

Floor 3.
"""

import re
from collections.abc import Container, Iterator, Sequence

import openvino_genai as genai

from seedbed.engines.workers.openvino_answer import Decoder
from seedbed.kit.offsets import offsets

_PIECES = re.compile(r"\s?.{1,2000}(?!\S)|.{1,2000}", re.DOTALL)
"""Pieces of a text, cut before blanks where there are some, as tokenizers cut it, too."""
CUT_OFF = 8192
"""Tokens after which the library cuts off what it is given at once, and says nothing."""
_AS_IT_IS = "{{ messages[0]['content'] }}"
_ENDS = frozenset({"<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end_of_text|>", "<|endoftext|>"})


class Tokens:
    """The tokens of one model. `ends` are those that end an answer."""

    def __init__(self, tokenizer: genai.Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.decode = Decoder(lambda rows: tokenizer.decode(rows, False))
        vocabulary = tokenizer.get_vocab()
        self._bytes = {token: said for said, token in vocabulary.items()}
        self.count = max(vocabulary.values()) + 1
        """How many there are."""
        self.end = tokenizer.get_eos_token_id()
        ends = {vocabulary[end.encode()] for end in _ENDS if end.encode() in vocabulary}
        self.ends = {end for end in ends if self._is_control(end)} | {self.end}
        self._shown: dict[int, str | None] = {}
        self.template = ""
        """The model's chat template, where the tokenizer has another."""

    def take_prompts(self) -> None:
        """From now on a prompt that the library cuts itself is taken as it is: without a template
        around it, and with no token before it.
        """
        self.template = self.tokenizer.get_original_chat_template()
        self.tokenizer.set_chat_template(_AS_IT_IS)

    def ids(self, text: str) -> list[int]:
        """The tokens of a text, of a long one piece by piece.

        Raises:
            RuntimeError: pieces are not cut into the same tokens as the whole would be.
        """
        ids = self._ids(text)
        if len(ids) < CUT_OFF:
            return ids
        ids = [token for piece in _PIECES.findall(text) for token in self._ids(piece)]
        if self.tokenizer.decode([ids], False) != [text]:
            raise RuntimeError(f"more than {CUT_OFF:,} tokens cannot be cut by its tokenizer")
        return ids

    def length(self, text: str) -> int:
        """About how many tokens a text has, however long it is."""
        return sum(self.pieces(text))

    def pieces(self, text: str) -> Iterator[int]:
        """The same as `length`, by pieces: whoever takes them one by one can do others' work."""
        return (len(self._ids(piece)) for piece in _PIECES.findall(text))

    def offsets(self, text: str, ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Where each of a text's tokens begins and ends, in characters, if that is known."""
        return offsets(text, [self._bytes.get(token, b"") for token in ids])

    def encoded(self, text: str) -> "genai.Tensor":
        """The tokens of a short text, as the library has them."""
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

    def _ids(self, text: str) -> list[int]:
        return self.encoded(text).data.ravel().tolist()

    def _is_control(self, token: int) -> bool:
        return bool(self.decode([token])) and not self.tokenizer.decode([token])
