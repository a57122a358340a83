"""How many tokens of an answer are guessed ahead, by what guessing gains it.

Floor 3. The library guesses that an answer goes on as its prompt did after the same words, and
checks the guesses of a step together. An answer that copies gets several tokens a step; for
another each guess is work for nothing.
"""

_FEW, _MANY = 1, 5
"""Less than one the library does not take."""
_STEPS = 8
_GAINS = 1.6
"""Tokens a step from which on guessing pays: with few guesses it is two at most."""


class Guess:
    """The guessing for one answer: few at first, many for as long as they come true."""

    def __init__(self) -> None:
        self.ahead = _FEW
        """How many tokens are guessed."""
        self._steps, self._tokens = 0, 0

    def saw(self, tokens: int) -> bool:
        """Count a step that brought so many; returns whether `ahead` is another from now on."""
        self._steps += 1
        self._tokens += tokens
        if self._steps < _STEPS:
            return False
        ahead = _MANY if self._tokens >= _GAINS * self._steps else _FEW
        self._steps, self._tokens = 0, 0
        has_changed, self.ahead = ahead != self.ahead, ahead
        return has_changed
