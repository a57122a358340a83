"""One answer under way: its tokens, and what of them is thought, words, or not told at all.

Floor 3. It knows the library's tokenizer and not its pipeline.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import msgspec
from openvino_genai.py_openvino_genai import GenerationHandle

from seedbed.engines.formats.base import Form
from seedbed.engines.formats.thought import Splitter
from seedbed.engines.workers.openvino_guess import Guess
from seedbed.engines.workers.openvino_pictures import Shown
from seedbed.engines.workers.openvino_wire import How, Job, Line
from seedbed.kit.stops import Stops

Decode = Callable[[Sequence[int]], str]
_REMEMBERED = 1 << 16
_RANKS = {"interactive": 0, "default": 1, "batch": 2}
_LOST = "\N{REPLACEMENT CHARACTER}"
_LONGEST_LETTER = 4
"""A letter takes no more tokens than bytes; what is not whole by then never will be."""


class Answer:
    """One answer, from its prompt's ids to its last token.

    `most` is how many tokens it may have. `is_thought_apart` says that the thought is made without
    the job's form, so that the answer is begun anew behind it.
    """

    def __init__(
        self, job: Job, prompt: Sequence[int], *, most: int, opened: bool, decode: Decode
    ) -> None:
        self.job, self.prompt, self.most = job, list(prompt), most
        self.shown: Shown | None = None
        """The prompt of a model that sees pictures; of its tokens only the number is known."""
        self.handle: GenerationHandle | None = None
        self.chaff: GenerationHandle | None = None
        """What was read before it, so that nothing shows of what the cache had."""
        self.is_piece = False
        """Whether the handle is of a piece of the prompt."""
        self.read = 0
        """How many tokens of the prompt were asked for in pieces."""
        self.guess = Guess()
        self.is_stale = False
        """Whether it is better begun anew, for it guesses otherwise from now on."""
        self.ids: list[int] = []
        self.thinking = 0
        """How many of the tokens were thought."""
        self.is_thought_apart = opened and job.form is not None
        self.text = list(prompt)
        """What the library has read and made: the prompt, the tokens, and what was put between."""
        self._begun = len(prompt)
        self._decode = decode
        self._words = list[int]()
        """The tokens that become words, the control tokens left out."""
        self._decoded, self._sent = 0, 0
        self._splitter = Splitter(opened=opened) if job.thinking != "never" else None
        self._stops = Stops(job.stop)
        self._likely: list[tuple[str, float]] = []

    @property
    def rank(self) -> int:
        """Who goes first: the lower."""
        return _RANKS[self.job.priority]

    @property
    def is_batch(self) -> bool:
        """Whether it fills the gaps that others leave."""
        return self.job.priority == "batch"

    @property
    def reads(self) -> bool:
        """Whether its prompt has yet to be read."""
        return not self.ids

    @property
    def form(self) -> Form | None:
        """The form that holds it now."""
        return None if self.is_thought_apart else self.job.form

    @property
    def resumed(self) -> int:
        """How many tokens were made when it is gone on with; a turn is a new beginning."""
        return len(self.text) - self._begun

    @property
    def can_park(self) -> bool:
        """Whether it comes out the same when it is stopped and gone on with.

        The library would forget where in its form it is, which tokens are to be penalised, and how
        far a seed of the caller's has been drawn from. What was read with pictures is read anew.
        """
        if self.shown is not None:
            return False
        how = self.job.sampled
        is_drawn = self.job.seeded and how.temperature > 0
        is_held = self.form is not None or how.frequency_penalty or how.presence_penalty
        return not self.resumed or not (is_drawn or is_held)

    @property
    def thinks(self) -> bool:
        """Whether it is in its thought."""
        return self._splitter is not None and self._splitter.thinks

    @property
    def is_spent(self) -> bool:
        """Whether it has thought as much as it may."""
        return self.thinks and self.job.budget is not None and self.thinking >= self.job.budget

    @property
    def met_stop(self) -> bool:
        """Whether a stop text was met."""
        return self._stops.met is not None

    @property
    def left(self) -> int:
        """How many more tokens it may have."""
        return self.most - len(self.ids)

    def take(self, token: int, *, shown: bool, likely: float) -> None:
        """Add a token. One that is not `shown` is counted and not told."""
        self.ids.append(token)
        self.text.append(token)
        thinks = self.thinks
        self.thinking += int(thinks)
        if shown:
            self._words.append(token)
            if self.job.logprobs and not thinks:
                self._likely.append((self._decode([token]), likely))

    def told(self, *, last: bool) -> Line:
        """What can be told now."""
        new = self._new_text(last=last)
        thought = ""
        if self._splitter is not None:
            began = self._splitter.begins
            thought, new = self._splitter.feed(new)
            if began and (thought or self._splitter.thinks):
                self.thinking = len(self.ids)
                self._likely.clear()
            if last:
                rest = self._splitter.end()
                thought, new = thought + rest[0], new + rest[1]
        text = self._stops.feed(new)
        if last and not self.met_stop:
            text += self._stops.rest()
        return self._line(thought, text)

    def turn(self, made: Sequence[int], forced: Sequence[int], *, window: int) -> None:
        """Begin anew behind the thought that was made and what was put there, held to the form."""
        self.most = min(self.most, window - len(self.prompt) - len(forced))
        self.text = [*self.prompt, *made, *forced]
        self._begun = len(self.text)
        self.is_thought_apart = False

    def end_thought(self) -> Line:
        """Say that the thought is over here, whatever the model would have gone on with."""
        assert self._splitter is not None  # noqa: S101 - it thinks
        return self._line(self._splitter.close(), "")

    def ended(self, how: How) -> Line:
        """The last line."""
        met = self._stops.met if how == "sequence" else None
        return Line(stop=how, met=met, output=len(self.ids), thinking=self.thinking)

    def _line(self, thought: str, text: str) -> Line:
        likely: list[tuple[str, float]] = []
        if text:
            likely, self._likely = self._likely, []
        return Line(
            thought=thought,
            text=text,
            output=len(self.ids),
            thinking=self.thinking,
            likely=tuple(likely),
        )

    @property
    def undecoded(self) -> Sequence[Sequence[int]]:
        """What will be decoded next, so that it can be decoded together with that of others."""
        return () if self._sent == len(self._words) else self._windows

    @property
    def _windows(self) -> tuple[Sequence[int], Sequence[int]]:
        """The last tokens that were told, and the same with those that are new."""
        return self._words[self._decoded : self._sent], self._words[self._decoded :]

    def _new_text(self, *, last: bool) -> str:
        """The text of the newest tokens, as far as it is whole: a letter may take several."""
        if self._sent == len(self._words) and not last:
            return ""
        before, now = map(self._decode, self._windows)
        waits = now.endswith(_LOST) and len(self._words) - self._sent < _LONGEST_LETTER
        if len(now) <= len(before) or (waits and not last):
            return ""
        self._decoded, self._sent = self._sent, len(self._words)
        return now[len(before) :]


class Decoder:
    """Turns tokens into text, control tokens included, and remembers the last.

    A call of the library costs about as much for many rows of one length as for one row, and most
    rows are of one or two tokens. Rows of several lengths would be filled up with tokens that show.
    """

    def __init__(self, decode: Callable[[list[list[int]]], list[str]]) -> None:
        self._decode = decode
        self._known: dict[tuple[int, ...], str] = {(): ""}

    def __call__(self, ids: Sequence[int]) -> str:
        """The text of one row."""
        row = tuple(ids)
        if row not in self._known:
            self.prepare([row])
        return self._known[row]

    def prepare(self, rows: Iterable[Sequence[int]]) -> None:
        """Decode many rows in as few calls as may be, for who asks for them next."""
        new = {row for ids in rows if (row := tuple(ids)) not in self._known}
        if len(self._known) + len(new) > _REMEMBERED:
            self._known = {(): ""}
        for length in {len(row) for row in new}:
            alike = [row for row in new if len(row) == length]
            texts = self._decode([list(row) for row in alike])
            self._known.update(zip(alike, texts, strict=True))


class Caller:
    """Who asked, and waits for lines."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def tell(self, line: msgspec.Struct) -> None:
        """Send one line."""
        if not self._writer.is_closing():
            self._writer.write(msgspec.json.encode(line) + b"\n")
