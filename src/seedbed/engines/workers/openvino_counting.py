"""Cuts texts into tokens and counts prompts in them, between the steps of the answers.

Floor 3. The library's tokenizer holds the interpreter while it works, so it is given little at a
time, but for what may fit into the window.
"""

import asyncio

from seedbed.engines.workers.openvino_tokens import Tokens
from seedbed.engines.workers.openvino_wire import Line

_LETTERS_A_TOKEN = 64
"""A text with more than this for each token of the window does not fit into it."""
_PIECES = 4
"""Pieces of a long text that are cut before others have their turn: about two milliseconds' work,
and a step of the answers comes after four turns.
"""


class Counting:
    """The tokens of one model, for a window of so many."""

    def __init__(self, tokens: Tokens, *, window: int) -> None:
        self._tokens, self._window = tokens, window

    async def count(self, prompt: str) -> int:
        """How many tokens a prompt has; about how many where these are more than the window."""
        await asyncio.sleep(0)
        if len(prompt) <= self._window * _LETTERS_A_TOKEN:
            count = len(self._tokens.ids(prompt))
            if count < self._window:
                return count
        return await self._about(prompt)

    async def cut(self, ordinal: int, text: str) -> Line:
        """The tokens of one text, or that there are too many."""
        await asyncio.sleep(0)
        if len(text) <= self._window * _LETTERS_A_TOKEN:
            ids = self._tokens.ids(text)
            if len(ids) <= self._window:
                offsets = self._tokens.offsets(text, ids)
                return Line(ordinal=ordinal, ids=tuple(ids), offsets=offsets)
        about = max(await self._about(text), self._window + 1)
        return Line(fault="too_long", prompt=about, ordinal=ordinal)

    async def _about(self, text: str) -> int:
        count = 0
        for number, tokens in enumerate(self._tokens.pieces(text), start=1):
            count += tokens
            if number % _PIECES == 0:
                await asyncio.sleep(0)
        return count
