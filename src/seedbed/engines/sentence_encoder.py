"""Sentence encoders of the BERT family, spoken to over a line protocol on the loopback.

Floor 3. The model runs in a process of its own (`workers/sentence_encoder.py`), which reads packed
multilingual E5 and published BERT folders, batches the texts of all callers fairly, and answers
only to a key made for it. The vector of a text is the mean over its tokens; a text that is longer
than the window is refused and never cut.
"""

import importlib.util
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import TypeAlias

import anyio
import msgspec
from anyio.streams.buffered import BufferedByteReceiveStream

from seedbed.core.ask import CountAsk, EmbedAsk, Feature, TokenizeAsk
from seedbed.core.errors import (
    EngineFailed,
    EngineUnreachable,
    FeatureUnserved,
    FieldUnserved,
    PromptTooLong,
    RequestMalformed,
    SeedbedError,
)
from seedbed.core.event import (
    Embedded,
    Event,
    Failed,
    Finished,
    Started,
    Stop,
    Tokenized,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec, worker
from seedbed.kit.machine import Machine

_CONNECT_SECONDS = 5
_LETTERS_A_TOKEN = 64
"""A text with more than this for each token of the window is refused unread."""
_LONGEST_LINE = 1 << 22


class Job(msgspec.Struct):
    """What is asked of the worker, in one line. With `cut` the texts' tokens are told, and nothing
    is made of them.
    """

    key: str
    texts: tuple[str, ...]
    question: bool = False
    cut: bool = False


class Read(msgspec.Struct, tag="read"):
    """The texts have been read and are so many tokens."""

    tokens: int


class Vector(msgspec.Struct, tag="vector"):
    """One text's vector; `batches` counts all that the worker has run so far."""

    ordinal: int
    floats: bytes
    batches: int


class Cut(msgspec.Struct, tag="cut"):
    """The tokens of one text."""

    ordinal: int
    ids: tuple[int, ...]


class Done(msgspec.Struct, tag="done"):
    """There are no more vectors, or tokens."""


class TooLong(msgspec.Struct, tag="too_long"):
    """One text is longer than the window."""

    ordinal: int
    tokens: int


class Empty(msgspec.Struct, tag="empty"):
    """Of one text nothing is left to read."""

    ordinal: int


class Broken(msgspec.Struct, tag="broken"):
    """The worker failed."""

    why: str


Line: TypeAlias = Read | Vector | Cut | Done | TooLong | Empty | Broken
"""What the worker answers, a line at a time."""
_LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class SentenceEncoder:
    """One model on one worker."""

    features = frozenset({Feature.EMBEDDING, Feature.TOKENS})

    def __init__(self, model: str, *, window: int, program: Program | None, key: str) -> None:
        self.program = program
        self._model, self._window, self._key = model, window, key
        self.place = ("", 0)
        """Where the worker listens: host and port."""
        self._dimensions = 0

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take the address that the worker listens on, and how long its vectors are."""
        try:
            self.place = greeting["host"], int(greeting["port"])
            self._dimensions = int(greeting["dimensions"])
        except (KeyError, ValueError) as error:
            why = f"its program greeted with {dict(greeting)!r}"
            raise EngineFailed(self._model, why=why) from error

    def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """Open a connection for the ask, and read its vectors, which come in order."""
        return self._answer(ask)

    def tokenize(self, ask: TokenizeAsk) -> AsyncGenerator[Event]:
        """As `embed`, for the texts' tokens."""
        return self._answer(ask)

    async def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """Nothing here has a prompt."""
        yield Failed(FeatureUnserved(ask.model, Feature.CHAT.value))

    async def _answer(self, ask: EmbedAsk | TokenizeAsk) -> AsyncGenerator[Event]:
        try:
            job = self._job(ask)
            with anyio.fail_after(_CONNECT_SECONDS):
                stream = await anyio.connect_tcp(*self.place)
        except SeedbedError as refusal:
            yield Failed(refusal)
            return
        except (OSError, TimeoutError) as error:
            yield Failed(EngineUnreachable(self._model, why=f"no connection ({error})"))
            return
        async with stream:
            try:
                await stream.send(msgspec.json.encode(job) + b"\n")
                lines = BufferedByteReceiveStream(stream)
                usage = Usage()
                while True:
                    line = _LINES.decode(await lines.receive_until(b"\n", _LONGEST_LINE))
                    for event in self._events(line, usage):
                        yield event
                        match event:
                            case UsageNow(usage=usage):
                                pass
                            case Finished() | Failed():
                                return
                            case _:
                                pass
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                yield Failed(EngineFailed(self._model, why="it stopped in mid-answer"))
            except (msgspec.MsgspecError, anyio.DelimiterNotFound) as error:
                why = f"it sent what cannot be read ({error})"
                yield Failed(EngineFailed(self._model, why=why))

    async def aclose(self) -> None:
        """Nothing is kept open between asks."""

    def _job(self, ask: EmbedAsk | TokenizeAsk) -> Job:
        """The ask in the worker's words.

        Raises:
            FieldUnserved: vectors of another length are wanted.
            RequestMalformed: a text has letters that are none, or far more than can be read.
        """
        for ordinal, text in enumerate(ask.texts):
            self._check(ordinal, text)
        if isinstance(ask, TokenizeAsk):
            return Job(self._key, ask.texts, cut=True)
        if ask.dimensions not in {None, self._dimensions}:
            because = f"{self._model!r} was not trained for vectors of other lengths than its own."
            raise FieldUnserved("dimensions", value=str(ask.dimensions), because=because)
        return Job(self._key, ask.texts, question=ask.purpose == "query")

    def _check(self, ordinal: int, text: str) -> None:
        if len(text) > self._window * _LETTERS_A_TOKEN:
            raise RequestMalformed(
                f"Text {ordinal} has {len(text):,} letters, far more than the "
                f"{self._window:,} tokens that {self._model!r} reads.",
                hint="Cut it into shorter texts.",
                field="input",
            )
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise RequestMalformed(
                f"Text {ordinal} holds half a letter at place {error.start:,}.",
                hint="Send well-formed Unicode.",
                field="input",
            ) from error

    def _events(self, line: Line, usage: Usage) -> list[Event]:
        """What one line means, after so much usage."""
        match line:
            case Read(tokens=tokens):
                return [Started(self._model), UsageNow(Usage(input_fresh=tokens))]
            case Vector(ordinal=ordinal, floats=floats):
                return [Embedded(ordinal, floats)]
            case Cut(ordinal=ordinal, ids=ids):
                cut = Tokenized(ordinal, ids)
                return [cut] if ordinal else [Started(self._model), cut]
            case Done():
                return [Finished(Stop.END, usage)]
            case TooLong(tokens=tokens, ordinal=at):
                window = self._window
                return [
                    Failed(PromptTooLong(self._model, tokens=tokens, window=window, ordinal=at))
                ]
            case Empty(ordinal=ordinal):
                return [Failed(_empty(ordinal))]
            case Broken(why=why):  # pragma: no branch - the last of the kinds
                return [Failed(EngineFailed(self._model, why=why))]


def _empty(ordinal: int) -> RequestMalformed:
    return RequestMalformed(
        f"Text {ordinal} is empty: nothing is left to read once blanks and controls are gone.",
        hint="Leave it out.",
        field="input",
    )


def lacks(machine: Machine) -> str | None:
    """Its library, or a processor and a system that it is made for."""
    if importlib.util.find_spec("openvino") is None:
        return "the package openvino"
    if machine.architecture not in {"x86_64", "arm64"}:
        return "a processor of the x86-64 or the 64-bit Arm kind"
    if machine.architecture == "x86_64" and machine.system == "darwin":
        return "a Mac with a processor of Apple's"
    if machine.architecture == "x86_64" and machine.flags and "avx2" not in machine.flags:
        return "a processor with AVX2"
    return None


def make(spec: Spec) -> SentenceEncoder:
    """The engine and the program that it needs, for weights that lie here.

    Raises:
        ValueError: no weights were given.
    """
    if spec.weights is None:
        raise ValueError(f"sentence_encoder needs the weights of {spec.model.name!r}")
    key = secrets.token_urlsafe(32)
    program = worker(
        "sentence_encoder",
        key=key,
        model=spec.weights,
        window=spec.model.window,
        threads=spec.threads,
    )
    return SentenceEncoder(spec.model.name, window=spec.model.window, program=program, key=key)
