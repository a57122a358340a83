"""Parts an answer's thought from its words: what stands between `<think>` and `</think>`.

Floor 3. Thought stands at the answer's beginning, and may have been opened by the chat template
already.
"""

from typing import Literal, TypeAlias

OPENS, CLOSES = "<think>", "</think>"
MARKERS = (OPENS, CLOSES)

State: TypeAlias = Literal["begins", "thinks", "thought", "speaks"]


def knows_thought(template: str) -> bool:
    """Whether a chat template is one of a model that thinks."""
    return OPENS in template or "enable_thinking" in template


class Splitter:
    r"""Parts one answer, cut anywhere. White space beside the marks is left out.

    >>> splitter = Splitter(opened=False)
    >>> splitter.feed("<thi"), splitter.feed("nk>\nHm"), splitter.feed(".\n</think>\n\nYes")
    (('', ''), ('Hm', ''), ('.', 'Yes'))
    """

    def __init__(self, *, opened: bool) -> None:
        self._state: State = "thinks" if opened else "begins"
        self._held = ""
        self._said = False

    @property
    def thinks(self) -> bool:
        """Whether what comes next may be thought."""
        return self._state == "thinks"

    @property
    def begins(self) -> bool:
        """Whether it is not yet known which it is."""
        return self._state == "begins"

    def feed(self, text: str) -> tuple[str, str]:
        """The thought and the words that can be told now."""
        self._held += text
        thought = ""
        if self._state == "begins":
            self._begin()
        if self._state == "thinks":
            thought = self._think()
        if self._state == "thought":
            self._held = self._held.lstrip()
            self._state = "speaks" if self._held else "thought"
        words = ""
        if self._state == "speaks":
            words, self._held = self._held, ""
        return thought, words

    def close(self) -> str:
        """End the thought here; what was held back of it."""
        rest, self._held, self._state = self._held.rstrip(), "", "thought"
        return rest

    def end(self) -> tuple[str, str]:
        """What was held back, at the end of the answer."""
        rest, self._held = self._held, ""
        return (rest.rstrip(), "") if self.thinks else ("", rest)

    def _begin(self) -> None:
        begun = self._held.lstrip()
        if begun.startswith(OPENS):
            self._state, self._held = "thinks", begun.removeprefix(OPENS)
        elif not OPENS.startswith(begun):
            self._state = "speaks"

    def _think(self) -> str:
        before, closed, behind = self._held.partition(CLOSES)
        if not self._said:
            before = before.lstrip()
        if closed:
            self._state, self._held = "thought", behind
            return before.rstrip()
        kept = _kept(before)
        passed, self._held = before[: len(before) - kept], before[len(before) - kept :]
        self._said = self._said or bool(passed)
        return passed


def _kept(text: str) -> int:
    """How much of the end may belong to the mark, with the white space before it."""
    longest = min(len(CLOSES) - 1, len(text))
    mark = next((n for n in range(longest, 0, -1) if text.endswith(CLOSES[:n])), 0)
    body = text[: len(text) - mark]
    return mark + len(body) - len(body.rstrip())
