"""How many tokens pictures are: the library does not tell before it has read them.

Floor 3. How a picture becomes tokens is each model's own affair, and follows from its size. So the
first of each size is measured, at the price of being looked at twice, and remembered. Where several
new sizes come at once only what they take together is known, and that is remembered, too. Where a
tokenizer joins what stands beside a picture with it, the count may be a token off.
"""

from collections.abc import Callable

from seedbed.engines.workers.openvino_pictures import Shown, Size

_REMEMBERED = 1 << 12


class Sight:
    """Counts the tokens of prompts, their pictures with them.

    `length` tells those of a text, `measured` those of a prompt, by asking the library, which may
    cut off one of more than `whole`.
    """

    def __init__(
        self, length: Callable[[str], int], measured: Callable[[Shown], int], *, whole: int
    ) -> None:
        self._length, self._measured, self._whole = length, measured, whole
        self._known: dict[Size, int] = {}
        self._together: dict[tuple[Size, ...], int] = {}

    def count(self, shown: Shown, *, window: int) -> int:
        """The tokens of a prompt; where its words alone fill the window, those of its words.

        Raises:
            RuntimeError: the library refuses it, or would cut it off.
        """
        words = self._length(shown.words)
        if words >= window:
            return words
        new = tuple(sorted(size for size in shown.sizes if size not in self._known))
        known = words + sum(self._known.get(size, 0) for size in shown.sizes)
        if words < self._whole and (not new or new in self._together):
            return known + self._together.get(new, 0)
        total = self._measured(shown)
        if total < words:
            raise RuntimeError(f"of its {words:,} tokens the tokenizer would leave {total:,}")
        if new:
            self._learn(new, total - known)
        return total

    def _learn(self, new: tuple[Size, ...], tokens: int) -> None:
        """Remember what pictures of new sizes take: each, where their size is the same."""
        if len(self._known) + len(self._together) >= _REMEMBERED:
            self._known.clear()
            self._together.clear()
        if len(set(new)) == 1:
            self._known[new[0]] = round(tokens / len(new))
        else:
            self._together[new] = tokens
