"""How many tokens pictures are: the library does not tell before it has read them.

Floor 3. How a picture becomes tokens is each model's own affair, and follows from its size. So the
first of each size is measured, at the price of being looked at twice, and remembered. Where a
tokenizer joins what stands beside a picture with it, the count may be a token off.
"""

from collections.abc import Callable, Collection, Sequence

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

    def count(self, shown: Shown, *, window: int) -> int:
        """The tokens of a prompt; where its words alone fill the window, those of its words.

        Raises:
            RuntimeError: the library refuses it, or would cut it off.
        """
        words = self._length(shown.words)
        if words >= window:
            return words
        unknown = {size for size in shown.sizes if size not in self._known}
        if not unknown and words < self._whole:
            return words + sum(self._known[size] for size in shown.sizes)
        total = self._measured(shown)
        if total < words:
            raise RuntimeError(f"of its {words:,} tokens the tokenizer would leave {total:,}")
        self._learn(shown.sizes, unknown, total - words)
        return total

    def _learn(self, sizes: Sequence[Size], unknown: Collection[Size], tokens: int) -> None:
        """Remember what a picture of a new size takes, if it is the only new one."""
        if len(unknown) != 1:
            return
        (size,) = unknown
        left = tokens - sum(self._known.get(one, 0) for one in sizes)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[size] = round(left / sizes.count(size))
