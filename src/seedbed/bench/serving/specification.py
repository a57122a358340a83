"""A specification of fifty pages: what its first question costs, the others, and the first again
after the server was stopped and started.

Floor 5. The weights are random: what is measured is speed alone.
"""

import gzip
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2

from seedbed.bench.serving.chats import Chat, Got, question
from seedbed.bench.serving.ground import Ground, Subject
from seedbed.bench.serving.ours import Home, configured, serving, with_key
from seedbed.bench.serving.served import Served
from seedbed.bench.serving.targets import Spent, Stopwatch
from seedbed.bench.serving.wide import WIDE, WINDOW, write_wide_llama
from seedbed.core.errors import SetupIncomplete
from seedbed.core.model import FolderSource, Model, ModelFile
from seedbed.store.catalogue import write_card
from seedbed.store.fetch import digest
from seedbed.store.registry import Wheel
from seedbed.store.weights import Road, Weights

PLACE = Path("/usr/share/doc/debian-policy/policy.txt.gz")
"""Where Debian's package `debian-policy` puts its manual."""
_PAGES = 50
_PAGE = 2_200
"""Characters."""
_PLACES = 2
_ENGINE = "llama_cpp"


@dataclass(frozen=True, slots=True)
class Answered:
    """The questions of one life of the server: the first, and all that follow."""

    first: Spent
    rest: Spent


@dataclass(frozen=True, slots=True)
class Specification:
    """Before and after a restart, and how many tokens the prompt had."""

    before: Answered
    after: Answered

    @property
    def tokens(self) -> int:
        """Tokens of a question with the text before it."""
        return max((one.prompt for one in self.before.first.got), default=0)

    @property
    def lost(self) -> list[str]:
        """Why each answer that did not come did not."""
        lives = self.before, self.after
        return [why for life in lives for spent in (life.first, life.rest) for why in spent.lost]

    @property
    def ratio(self) -> float:
        """Seconds of the processor for the first question after a restart, over the cold one's."""
        return self.after.first.cpu / self.before.first.cpu


def read_pages(path: Path) -> str:
    """The first fifty pages of a text, which may be packed with gzip.

    Raises:
        SetupIncomplete: it cannot be read, or has fewer.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SetupIncomplete(
            f"The specification {path} cannot be read: {error}.", hint="Name a plain text file."
        ) from error
    if len(text) < _PAGES * _PAGE:
        raise SetupIncomplete(
            f"The specification {path} has {len(text):,} characters, less than {_PAGES} pages.",
            hint=f"Name a text of {_PAGES * _PAGE:,} characters or more.",
        )
    return text[: _PAGES * _PAGE]


async def measure(
    text: str, words_of: Subject, ground: Ground, questions: int, told: Callable[[str], None]
) -> Specification:
    """Ask so many questions, one after the other, before and after a restart."""
    home = _furnished(ground.work / "wide", words_of)
    lives: list[Answered] = []
    for life in ("before", "after"):
        with ExitStack() as stack:
            told(f"D, {questions} questions {life} a restart")
            ours = stack.enter_context(serving(home, ground))
            lives.append(await _asked(ours, text, life, questions))
    return Specification(*lives)


async def _asked(ours: Served, text: str, life: str, questions: int) -> Answered:
    await ours.one(Chat((("user", "Are you there?"),), 1))
    first, *rest = (_chat(text, f"{life} {number}") for number in range(questions))
    watch = Stopwatch(ours)
    answered = watch.spent([await ours.one(first)])
    watch = Stopwatch(ours)
    got: list[Got] = [await ours.one(chat) for chat in rest]
    return Answered(answered, watch.spent(got))


def _chat(text: str, mark: str) -> Chat:
    return Chat((("system", text), ("user", question(mark, 60))), 32)


def _furnished(path: Path, words_of: Subject) -> Home:
    """A home with the model of random weights."""
    path.mkdir(mode=0o700)
    (path / "logs").mkdir()
    weights = write_wide_llama(path / f"{WIDE}.gguf", words_of.weights)
    file = ModelFile(weights.name, weights.name, weights.stat().st_size, digest(weights))
    model = Model(
        name=WIDE,
        title="Random weights, to measure speed alone",
        engines=(_ENGINE,),
        window=WINDOW,
        parameters=0,
        licence="none",
        source=FolderSource(str(path.absolute())),
        files=(file,),
    )
    write_card(path / "catalogue" / f"{WIDE}.toml", model)
    Weights(path / "models").pull(model, Road(_nowhere, httpx2.Client(), _silent))
    subject = Subject(WIDE, weights, WINDOW, _PLACES, words_of.threads)
    return with_key(path, WIDE, configured(subject))


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def _nowhere(source: object) -> Wheel:
    raise AssertionError(f"{source} is no folder")
