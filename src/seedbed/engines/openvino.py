"""openvino-genai, spoken to over a line protocol on the loopback.

Floor 3. The library runs in a process of its own (`workers/openvino_text.py`), which batches the
asks that it is given, caches prefixes, and answers only to a key made for it. Calls and forms are
held to by a grammar, and read out of the text here. Where a sampling value is left out, the ones
that llama.cpp's server takes are taken here too, so that a model keeps its character when it
changes its engine. A model that sees pictures is one by its files, and reads them where they stand.

How many tokens of a prompt were found in the cache is not told, and all count as fresh: the
library counts prompts whole in each of its metrics, and a guess by the time or the steps that one
took would be no count.
"""

import importlib.util
import os
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import anyio
import anyio.to_thread
import msgspec
from anyio.streams.buffered import BufferedByteReceiveStream

from seedbed.core.ask import Ask, CountAsk, Feature, TokenizeAsk
from seedbed.core.errors import (
    CapacityExceeded,
    EngineFailed,
    EngineUnreachable,
    FeatureUnserved,
    FieldUnserved,
    PromptTooLong,
    RequestMalformed,
    RequestTooLarge,
    SeedbedError,
)
from seedbed.core.event import (
    CallDelta,
    Counted,
    Event,
    Failed,
    Finished,
    Likely,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    Tokenized,
    UsageNow,
)
from seedbed.core.message import Opaque
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec, worker
from seedbed.engines.formats.base import Family, Parser, Piece, said
from seedbed.engines.formats.families import family_of
from seedbed.engines.formats.forms import form_of, offered
from seedbed.engines.formats.thought import MARKERS, knows_thought
from seedbed.engines.workers.openvino_files import SEES, check_folder, template_of
from seedbed.engines.workers.openvino_marks import parted
from seedbed.engines.workers.openvino_wire import (
    LONGEST_LINE,
    LONGEST_STOP,
    Door,
    Job,
    Line,
    Offer,
    Sampled,
    Thinking,
)
from seedbed.kit import ids
from seedbed.kit.gguf import BadGguf, Head, read_head
from seedbed.kit.machine import Machine

_CONNECT_SECONDS = 5
_LEAST_SHARE = 1e-6
"""A share of nothing is that of the likeliest token alone; the library wants more than nothing."""
_ARCHITECTURES = ("llama", "qwen2", "qwen3")
_TYPES = frozenset({"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q6_K"})
_ALWAYS = frozenset(
    {
        Feature.COMPLETION,
        Feature.JSON,
        Feature.SCHEMA,
        Feature.REGEX,
        Feature.GRAMMAR,
        Feature.LOGPROBS,
        Feature.TOKENS,
    }
)


class OpenVino:
    """One model on one worker. What it serves depends on its chat template."""

    def __init__(self, spec: Spec, *, template: str, program: Program | None, key: str) -> None:
        self.program = program
        self._sees = _sees(spec.weights)
        self.features = _features(template, sees=self._sees)
        self._model, self._window, self._key = spec.model.name, spec.model.window, key
        self._places = spec.places
        self._thinks = knows_thought(template)
        self._family = family_of(template)
        self.place = ("", 0)
        """Where the worker listens: host and port."""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take the address that the worker listens on."""
        try:
            self.place = greeting["host"], int(greeting["port"])
        except (KeyError, ValueError) as error:
            why = f"its program greeted with {dict(greeting)!r}"
            raise EngineFailed(self._model, why=why) from error

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Open a connection for the ask, and read its answer."""
        return self._exchange(partial(self._answering, ask))

    def tokenize(self, ask: TokenizeAsk) -> AsyncGenerator[Event]:
        """Have texts cut; a text that is longer than the window is refused."""
        return self._exchange(partial(self._cutting, ask))

    def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """Have a prompt counted."""
        return self._exchange(partial(self._counting, ask))

    async def _answering(self, ask: Ask) -> "_Exchange":
        line = await self._written(ask)
        return line, _Reading(self._model, self._parser(ask)).events

    async def _cutting(self, ask: TokenizeAsk) -> "_Exchange":
        door = Door(self._key, texts=ask.texts)
        return await anyio.to_thread.run_sync(_encoded, door), _Cutting(self._model).events

    async def _counting(self, ask: CountAsk) -> "_Exchange":
        return await self._written(ask.ask, counted=True), partial(_counted, self._model)

    async def _exchange(self, write: "Callable[[], Awaitable[_Exchange]]") -> AsyncGenerator[Event]:
        """Send one line, and read what is answered."""
        try:
            line, read = await write()
        except SeedbedError as refusal:
            yield Failed(refusal)
            return
        try:
            with anyio.fail_after(_CONNECT_SECONDS):
                stream = await anyio.connect_tcp(*self.place)
        except (OSError, TimeoutError) as error:
            yield Failed(EngineUnreachable(self._model, why=f"no connection ({error})"))
            return
        async with stream:
            try:
                await stream.send(line)
                lines = BufferedByteReceiveStream(stream)
                while True:
                    answer = _LINES.decode(await lines.receive_until(b"\n", LONGEST_LINE))
                    if answer.fault:
                        yield Failed(self._fault(answer))
                        return
                    for event in read(answer):
                        yield event
                        if isinstance(event, Finished):
                            return
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                yield Failed(EngineFailed(self._model, why="it stopped in mid-answer"))
            except (msgspec.MsgspecError, anyio.DelimiterNotFound) as error:
                yield Failed(
                    EngineFailed(self._model, why=f"it sent what cannot be read ({error})")
                )

    async def aclose(self) -> None:
        """Nothing is kept open between asks."""

    async def _written(self, ask: Ask, *, counted: bool = False) -> bytes:
        """The ask as the worker reads it.

        Raises:
            RequestRefused: it cannot be served as it is.
        """
        for lacking in sorted(ask.needs - self.features):
            raise FeatureUnserved(self._model, lacking.value)
        write = partial(self._line_of, ask, counted=counted)
        # A large schema takes a while to become a grammar.
        plain = ask.format.kind == "text" and not ask.tools
        return write() if plain else await anyio.to_thread.run_sync(write)

    def _line_of(self, ask: Ask, *, counted: bool) -> bytes:
        thinking, sees = self._thinking(ask), self._sees
        job = _job(ask, self._family, key=self._key, thinking=thinking, sees=sees)
        return _encoded(msgspec.structs.replace(job, counted=True) if counted else job)

    def _thinking(self, ask: Ask) -> Thinking:
        if ask.raw or not self._thinks:
            return "never"
        return "off" if ask.reasoning.budget == 0 else ask.reasoning.mode

    def _parser(self, ask: Ask) -> Parser | None:
        names = {tool.name for tool in offered(ask)}
        fresh = partial(ids.fresh, "call")
        return self._family.parser(names, fresh=fresh) if names else None

    def _fault(self, line: Line) -> SeedbedError:
        match line.fault:
            case "too_long":
                tokens, window, ordinal = line.prompt, self._window, line.ordinal
                return PromptTooLong(self._model, tokens=tokens, window=window, ordinal=ordinal)
            case "refused":
                return _refusal(self._model, line.why)
            case "busy":
                return CapacityExceeded(self._model, places=self._places, waiting=15 * self._places)
            case _:
                return EngineFailed(self._model, why=line.why)


_Exchange: TypeAlias = tuple[bytes, Callable[[Line], Iterable[Event]]]
"""A line for the worker, and what each line means that it answers."""


def _counted(model: str, line: Line) -> Iterator[Event]:
    yield Started(model)
    yield Counted(line.prompt)
    yield Finished(Stop.END, Usage())


class _Cutting:
    """Turns the lines about texts into events."""

    def __init__(self, model: str) -> None:
        self._model, self._is_begun = model, False

    def events(self, line: Line) -> Iterator[Event]:
        """What one line means."""
        if not self._is_begun:
            self._is_begun = True
            yield Started(self._model)
        if line.ordinal is None:
            yield Finished(Stop.END, Usage())
        else:
            yield Tokenized(line.ordinal, line.ids, line.offsets)


class _Reading:
    """Turns the lines of one answer into events, and counts its tokens."""

    def __init__(self, model: str, parser: Parser | None) -> None:
        self._model, self._parser = model, parser
        self._prompt = 0
        self._told = Usage()
        self._calls = 0

    def events(self, line: Line) -> Iterator[Event]:
        """What one line means."""
        if line.prompt:
            self._prompt = line.prompt
            yield Started(self._model)
            yield UsageNow(Usage(input_fresh=line.prompt))
            return
        now = Usage(output_visible=line.output - line.thinking, output_reasoning=line.thinking)
        yield from self._thought(line, now)
        yield from self._words(line, now)
        if line.stop:
            called = self._calls and line.stop == "end"
            usage = now + Usage(input_fresh=self._prompt)
            yield Finished(Stop.CALL if called else _STOPS[line.stop], usage, met=line.met)

    def _thought(self, line: Line, now: Usage) -> Iterator[Event]:
        tokens = now.output_reasoning - self._told.output_reasoning
        if line.thought or (tokens and line.stop):
            yield ReasoningDelta(line.thought, tokens=tokens)
            self._told = replace(self._told, output_reasoning=now.output_reasoning)

    def _words(self, line: Line, now: Usage) -> Iterator[Event]:
        """The words and calls; their tokens are told with the last of them."""
        pieces = self._pieces(line)
        tokens = now.output_visible - self._told.output_visible
        if not pieces and tokens and line.stop:
            pieces = [self._silent()]
        for at, piece in enumerate(pieces, 1):
            if isinstance(piece, CallDelta):
                self._calls = piece.ordinal + 1
            yield replace(piece, tokens=tokens if at == len(pieces) else 0)
        if pieces:
            self._told = replace(self._told, output_visible=now.output_visible)

    def _pieces(self, line: Line) -> list[Piece]:
        likely = tuple(Likely(text, logprob) for text, logprob in line.likely)
        if self._parser is None:
            return [TextDelta(line.text, tokens=0, likely=likely)] if line.text else []
        pieces = self._parser.feed(line.text)
        if line.stop:
            pieces += self._parser.end()
        for at, piece in enumerate(pieces):
            if isinstance(piece, TextDelta):
                pieces[at] = replace(piece, likely=likely)
                break
        return pieces

    def _silent(self) -> Piece:
        """What stands for tokens that say nothing, such as the one that ends the answer."""
        if self._calls:
            return CallDelta(self._calls - 1, "", tokens=0)
        return TextDelta("", tokens=0)


_LINES = msgspec.json.Decoder(Line)
_STOPS = {"end": Stop.END, "length": Stop.LENGTH, "sequence": Stop.SEQUENCE}


def _encoded(said: Job | Door) -> bytes:
    """A line for the worker.

    Raises:
        RequestMalformed: it cannot be written.
        RequestTooLarge: it is too long.
    """
    try:
        line = msgspec.json.encode(said) + b"\n"
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, RecursionError) as error:
        raise RequestMalformed(
            f"The request cannot be written down: {error}.",
            hint="Text must be valid Unicode, and schemas must be JSON.",
            field="messages",
        ) from error
    if len(line) > LONGEST_LINE:
        raise RequestTooLarge(limit=LONGEST_LINE)
    return line


def _features(template: str, *, sees: bool) -> frozenset[Feature]:
    chat = {Feature.CHAT, Feature.TOOLS} if template else set[Feature]()
    thought = {Feature.REASONING} if knows_thought(template) else set[Feature]()
    sight = {Feature.MEDIA} if template and sees else set[Feature]()
    return _ALWAYS | chat | thought | sight


def _job(ask: Ask, family: Family, *, key: str, thinking: Thinking, sees: bool) -> Job:
    sampling = ask.sampling
    if sampling.logprobs:
        raise FieldUnserved(
            "top_logprobs",
            value=str(sampling.logprobs),
            because="this model's engine tells only of the tokens that it chose.",
        )
    if any(len(stop) > LONGEST_STOP for stop in ask.limits.stop):
        raise RequestMalformed(
            f"A stop text has more than {LONGEST_STOP:,} characters.",
            hint="Send a shorter one.",
            field="stop",
        )
    if any(isinstance(part, Opaque) for message in ask.messages for part in message.parts):
        raise FeatureUnserved(ask.model, "parts of another dialect")
    given = {
        "temperature": sampling.temperature,
        "top_p": None if sampling.top_p is None else max(sampling.top_p, _LEAST_SHARE),
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
    }
    tools = ask.tools if offered(ask) else ()
    messages, pictures = parted(ask.messages) if sees else (ask.messages, ())
    history = said(messages)
    if any(part.calls or part.role == "tool" for part in history) or tools:
        history = family.history(history, tools)
    offers = [Offer(tool.name, tool.description, dict(tool.schema)) for tool in tools]
    return Job(
        key=key,
        seed=secrets.randbits(62) if sampling.seed is None else sampling.seed % (1 << 63),
        seeded=sampling.seed is not None,
        priority=ask.priority.value,
        owner=ask.memory.owner,
        fresh=ask.memory.fresh,
        said=() if ask.raw else tuple(history),
        pictures=pictures,
        raw="".join(message.text for message in messages) if ask.raw else None,
        tools=tuple(offers) if family.by_template else (),
        thinking=thinking,
        budget=ask.reasoning.budget,
        form=form_of(ask, family),
        markers=(*(family.markers if tools else ()), *(MARKERS if thinking != "never" else ())),
        logprobs=sampling.logprobs is not None,
        output=ask.limits.output,
        stop=ask.limits.stop,
        sampled=msgspec.structs.replace(
            Sampled(), **{name: value for name, value in given.items() if value is not None}
        ),
    )


def _refusal(model: str, why: str) -> RequestMalformed:
    return RequestMalformed(
        f"The engine of {model!r} refused the request: {why}.",
        hint="Change the messages, the form or the sampling values.",
        field="messages",
    )


def lacks(machine: Machine) -> str | None:
    """Its library, or AVX2 on a processor of Intel's or AMD's: without it the library dies."""
    if importlib.util.find_spec("openvino_genai") is None:
        return "the package openvino-genai"
    if machine.architecture == "x86_64" and machine.flags and "avx2" not in machine.flags:
        return "a processor with AVX2"
    return None


def reads(head: Head) -> str | None:
    """Why the library cannot run a GGUF with that head, in a few words, or `None`."""
    if head.architecture not in _ARCHITECTURES:
        return f"the architecture {head.architecture!r}; it reads {', '.join(_ARCHITECTURES)}"
    if head.number("expert_count"):
        return "a mixture of experts"
    foreign = sorted(head.types - _TYPES)
    if foreign:
        return f"tensors of the type {foreign[0]}; it reads {', '.join(sorted(_TYPES))}"
    return None


def refuses(weights: Path) -> str | None:
    """Why it cannot run that file or folder, or `None`."""
    try:
        _template(weights)
    except ValueError as error:
        return str(error)
    return None


def make(spec: Spec) -> OpenVino:
    """The engine and the program that it needs, for weights that lie here.

    The weights are a GGUF, or in a folder of the library's own form `openvino_model.xml`, or of a
    model that sees pictures `openvino_language_model.xml`.

    Raises:
        ValueError: there are no weights, they are not whole, the library cannot read them, or the
            card's window has no room.
    """
    if spec.weights is None:
        raise ValueError(f"openvino needs the weights of {spec.model.name!r}")
    if spec.adapters or spec.projector:
        what = "adapters" if spec.adapters else "projector"
        raise ValueError(f"openvino takes no {what}; name another engine first")
    if spec.lookup and _sees(spec.weights):
        raise ValueError("openvino guesses no tokens ahead for a model that sees pictures")
    if spec.model.window < 2:
        raise ValueError(f"{spec.model.name!r} has a window of {spec.model.window}; 2 is the least")
    key = secrets.token_urlsafe(32)
    folder = spec.weights.suffix == ".xml"
    program = worker(
        "openvino_text",
        key=key,
        model=spec.weights.parent if folder else spec.weights,
        window=spec.model.window,
        places=spec.places,
        lookup=1 if spec.lookup else None,
    )
    return OpenVino(spec, template=_template(spec.weights), program=program, key=key)


def _sees(weights: Path | None) -> bool:
    return weights is not None and weights.name == SEES


def _template(path: Path) -> str:
    """The chat template of weights that are seen to be whole, and such as the library reads.

    Raises:
        ValueError: they are not.
    """
    if path.suffix == ".xml":
        check_folder(path.parent)
        return template_of(path.parent)
    try:
        head = read_head(path)
    except (BadGguf, OSError) as error:
        raise ValueError(f"{path} cannot be loaded: {error}") from error
    if not os.access(path, os.W_OK):
        why = "the library opens it for writing, though it changes nothing, and you may not"
        raise ValueError(f"{path} cannot be loaded: {why}")
    why = reads(head)
    if why:
        raise ValueError(f"{path} cannot be loaded: openvino cannot run {why}")
    return head.template
