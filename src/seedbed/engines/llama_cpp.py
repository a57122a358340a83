"""llama.cpp's own server, spoken to over HTTP on the loopback.

Floor 3. The server runs in a process of its own (`workers/llama_server.py`, or the operator's own
build through `workers/llama_binary.py`) and answers only to a key made for that process. It applies
the model's chat template, so messages go to it as they are; where that template knows no tools,
they are told in a system text and decoding is held to calls that are whole. What it is told and
tells is in `llama/`, which this file alone uses.

An answer in a pattern's or a grammar's form is made without thought, unless thought is asked for.
"""

import importlib.util
import re
import secrets
import struct
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio.to_thread
import msgspec
import structlog

from seedbed.core.ask import Ask, CountAsk, EmbedAsk, Limits, RerankAsk, TokenizeAsk
from seedbed.core.errors import (
    EngineFailed,
    EngineUnreachable,
    FieldUnserved,
    PromptTooLong,
    RequestMalformed,
    RequestRefused,
    SeedbedError,
)
from seedbed.core.event import (
    Counted,
    Embedded,
    Event,
    Failed,
    Finished,
    Ranked,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.model import adapter_of
from seedbed.core.prefix import chain
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Read, Spec, worker
from seedbed.engines.llama import cutting, request, wire
from seedbed.engines.llama.devices import graphics_of
from seedbed.engines.llama.nature import Nature, read_nature
from seedbed.engines.llama.slots import Slot, Slots
from seedbed.engines.llama.telling import Telling
from seedbed.engines.llama.tier import Tier, Told
from seedbed.kit import sse
from seedbed.kit.http.client import Bounds, Client
from seedbed.kit.http.errors import HttpFault, Unreachable, Unreadable
from seedbed.kit.http.response import Response
from seedbed.kit.machine import Machine

_Answer = TypeVar("_Answer")
_TALKER = Nature()
_TOO_LARGE = re.compile(r"input \((\d+) tokens\) is too large to process.*?(\d+)\)")
"""How the server refuses a text that is longer than what it reads in one step."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_BOUNDS = Bounds(connect_seconds=5, silence_seconds=300, kept_seconds=4)
"""A prompt of a full window takes minutes on two cores, during which progress events still come.
The server closes a connection that was idle for five seconds.
"""
_LONGEST_ANSWER = 1 << 28
"""Bytes of an answer that comes in one piece: the vectors of some thousand texts."""


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a server has beside its model: adapters in its order, places, and what it saved."""

    projector: bool = False
    adapters: tuple[str, ...] = ()
    places: int = 1
    tier: Tier | None = None


class LlamaCpp:
    """One model on one llama.cpp server."""

    def __init__(
        self,
        model: str,
        *,
        program: Program | None,
        key: str,
        nature: Nature = _TALKER,
        outfit: Outfit = Outfit(),
    ) -> None:
        self.program = program
        self.features = nature.features(projector=outfit.projector)
        self._model = model
        self._nature = nature
        self._adapters, self._tier = outfit.adapters, outfit.tier
        self._slots = Slots(outfit.places)
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._client: Client | None = None

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take the address that the server listens on."""
        if "url" not in greeting:
            raise EngineFailed(self._model, why=f"its program greeted with {dict(greeting)!r}")
        if self._client is not None:
            self._client.close()
        self._slots.clear()
        if self._tier is not None:
            self._tier.build = greeting.get("build", "")
        try:
            self._client = Client(greeting["url"], self._headers.items(), _BOUNDS)
        except ValueError as error:
            raise EngineFailed(self._model, why=f"its program greeted so: {error}") from error

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Stream one answer."""
        return self._answer(ask, save=False)

    async def read(self, ask: Ask) -> Read:
        """Read an ask's prompt and save what came of it, if it is not saved yet.

        Raises:
            SeedbedError: it could not be read.
        """
        usage, told = Usage(), _told(ask)
        if self._tier and await self._tier.has_all(told):
            return Read(usage)
        async with aclosing(self._answer(replace(ask, limits=Limits(output=1)), save=True)) as all_:
            async for event in all_:
                if isinstance(event, Failed):
                    raise event.error
                if isinstance(event, Finished):
                    usage = event.usage
        return Read(usage)

    async def _answer(self, ask: Ask, *, save: bool) -> AsyncGenerator[Event]:
        """The events of one answer; with `save` its prompt is saved, whatever that gains."""
        made = await self._made(ask)
        if isinstance(made, SeedbedError):
            yield Failed(made)
            return
        told = _told(ask)
        stops = ask.limits.stop
        telling = Telling(plain=self._plain(ask), top=ask.sampling.logprobs, stops=stops)
        async with self._slots.taken(told.key, told.links) as slot:
            if self._tier and not ask.memory.fresh:
                await self._tier.bring(slot, told, self._act)
            again = slot.owner == told.key and not ask.memory.fresh
            held = slot.held(told.key, told.links) if again else 0
            slot.clear()
            body = wire.placed(made, slot.id, again=again)
            async with aclosing(self._stream(_path(ask), body, telling)) as events:
                async for event in events:
                    if isinstance(event, UsageNow):
                        slot.hold(told.key, ())  # whatever lay there before is gone or used
                    if isinstance(event, Finished):
                        slot.hold(told.key, told.links)
                        await self._remember(slot, told, telling, held=held, save=save)
                    yield event

    async def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """Read texts to vectors; the server makes them of length one."""
        if ask.dimensions is not None:
            because = "the model's vectors have one length"
            refused = FieldUnserved("dimensions", value=str(ask.dimensions), because=because)
            yield Failed(refused)
            return
        answer = await self._whole("/v1/embeddings", wire.texts(ask), wire.VECTORS)
        if isinstance(answer, SeedbedError):
            yield Failed(answer)
            return
        vectors = [
            Embedded(each.index, struct.pack(f"<{len(each.embedding)}f", *each.embedding))
            for each in answer.data
        ]
        for event in self._told(vectors, asked=len(ask.texts), read=answer.usage.read):
            yield event

    async def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """Score texts."""
        answer = await self._whole("/v1/rerank", wire.pairs(ask), wire.SCORES)
        if isinstance(answer, SeedbedError):
            yield Failed(answer)
            return
        scores = [Ranked(each.index, each.relevance_score) for each in answer.results]
        for event in self._told(scores, asked=len(ask.texts), read=answer.usage.read):
            yield event

    async def tokenize(self, ask: TokenizeAsk) -> AsyncGenerator[Event]:
        """Have texts cut, one after another: a thread of the server's does it, and no place."""
        events: list[Event] = []
        for ordinal, text in enumerate(ask.texts):
            cut = await self._whole(cutting.CUT_PATH, cutting.text(text), cutting.CUTS)
            if isinstance(cut, SeedbedError):
                yield Failed(cut)
                return
            work = partial(cutting.tokenized, ordinal, text, cut)
            events.append(await anyio.to_thread.run_sync(work))
        for event in (Started(self._model), *events, Finished(Stop.END, Usage())):
            yield event

    async def count(self, ask: CountAsk) -> AsyncGenerator[Event]:
        """Have a prompt counted, as it is read when it is to be answered."""
        made = await self._made(ask.ask)
        if isinstance(made, SeedbedError):
            yield Failed(made)
            return
        if ask.ask.raw:
            told = await self._whole(cutting.CUT_PATH, cutting.continued(ask.ask), cutting.CUTS)
        else:
            told = await self._whole(cutting.COUNT_PATH, made, cutting.COUNTS)
        if isinstance(told, SeedbedError):
            yield Failed(told)
            return
        counted = Counted(told.input_tokens)
        for event in (Started(self._model), counted, Finished(Stop.END, Usage())):
            yield event

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    async def _remember(
        self, slot: Slot, told: Told, telling: Telling, *, held: int, save: bool
    ) -> None:
        """Learn from an answer, and save what its prompt took, where that is worth it."""
        if self._tier:
            self._tier.learn(telling.usage, telling.seconds, held=held)
            await self._tier.save(slot, told, telling.usage, self._act, always=save)

    async def _act(self, place: int, action: str, file: str) -> bytes:
        """Have the server save or restore a place.

        Raises:
            HttpFault: it did not.
        """
        body = msgspec.json.encode({"filename": file})
        with await self._asked(f"/slots/{place}?action={action}", body) as response:
            content = await response.read(_LONGEST_ANSWER)
        if response.status_code != 200:
            raise HttpFault(f"it answered {response.status_code}: {content[:200]!r}")
        return content

    def _plain(self, ask: Ask) -> bool:
        """Whether calls are told and read in words, for want of a template that knows tools."""
        return bool(request.offered(ask)) and not ask.raw and not self._nature.tools

    async def _made(self, ask: Ask) -> bytes | RequestRefused:
        """The body of a request, or why none can be made; grammars are checked in a thread."""
        try:
            return await anyio.to_thread.run_sync(
                request.encoded, ask, self._nature, self._adapters, abandon_on_cancel=True
            )
        except RequestRefused as refused:
            return refused
        except (UnicodeError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            what = "too deep to be sent on" if deep else "no text that can be sent on"
            return RequestMalformed(
                f"The request has a part that is {what}.", hint="Change it.", field="messages"
            )

    async def _stream(self, path: str, body: bytes, telling: Telling) -> AsyncGenerator[Event]:
        begun = False
        try:
            with await self._asked(path, body) as response:
                begun = True
                async with aclosing(self._events(response, telling)) as events:
                    async for event in events:
                        yield event
                        if isinstance(event, Failed):
                            return
            for event in self._ended(telling):  # the server is told by then, where it went on
                yield event
        except (HttpFault, msgspec.MsgspecError) as error:
            yield Failed(self._broken(error, begun=begun))

    async def _whole(
        self, path: str, asked: wire.Body | bytes, decoder: msgspec.json.Decoder[_Answer]
    ) -> _Answer | SeedbedError:
        """An answer that comes in one piece."""
        try:
            body = asked if isinstance(asked, bytes) else msgspec.json.encode(asked)
            with await self._asked(path, body) as response:
                content = await response.read(_LONGEST_ANSWER)
            if response.status_code != 200:
                return self._refusal(response.status_code, content)
            return decoder.decode(content)
        except UnicodeError:
            return RequestMalformed(
                "The request has a part that is no text that can be sent on.", hint="Change it."
            )
        except (HttpFault, msgspec.MsgspecError) as error:
            return self._broken(error, begun=False)

    def _told(self, events: Sequence[Event], *, asked: int, read: int) -> list[Event]:
        """A whole stream, if there is one event for each text."""
        if len(events) != asked:
            why = f"it answered {len(events)} of {asked} texts"
            return [Failed(EngineFailed(self._model, why=why))]
        usage = Usage(input_fresh=read)
        return [Started(self._model), UsageNow(usage), *events, Finished(Stop.END, usage)]

    async def _asked(self, path: str, body: bytes) -> Response:
        """The open answer to a request.

        Raises:
            HttpFault: there is none.
        """
        if self._client is None:
            raise Unreachable("its program has not greeted")
        return await self._client.send("POST", path, body=body)

    async def _events(self, response: Response, telling: Telling) -> AsyncGenerator[Event]:
        if response.status_code != 200:
            content = await response.read(_LONGEST_ANSWER)
            yield Failed(self._refusal(response.status_code, content))
            return
        parser = sse.Parser()
        yield Started(self._model)
        async for data in response:
            for line in parser.feed(data):
                if line == b"[DONE]":
                    continue
                chunk = wire.CHUNKS.decode(line)
                if chunk.error is not None:
                    yield Failed(EngineFailed(self._model, why=chunk.error.message))
                    return
                for event in telling.chunk(chunk):
                    yield event
                if telling.met is not None:
                    return

    def _ended(self, telling: Telling) -> Iterator[Event]:
        if telling.stop is None:
            yield Failed(EngineFailed(self._model, why="its stream was cut off before the end"))
            return
        yield from telling.end()
        yield Finished(telling.stop, telling.usage, met=telling.met)

    def _refusal(
        self, status: int, body: bytes
    ) -> PromptTooLong | RequestMalformed | EngineFailed | EngineUnreachable:
        fault = wire.REFUSALS.decode(body).error
        if fault.type == "exceed_context_size_error":
            return PromptTooLong(self._model, tokens=fault.n_prompt_tokens, window=fault.n_ctx)
        if large := _TOO_LARGE.search(fault.message):
            return PromptTooLong(self._model, tokens=int(large[1]), window=int(large[2]))
        if status == 503:
            return EngineUnreachable(self._model, why=fault.message)
        if 400 <= status < 500 and status != 401:
            return RequestMalformed(
                f"The engine of {self._model!r} refused the request: {fault.message}.",
                hint="Change what it names; a chat template may refuse an order of roles, too.",
                field="messages",
            )
        return EngineFailed(self._model, why=f"it answered {status}: {fault.message}")

    def _broken(self, error: Exception, *, begun: bool) -> EngineFailed:
        if isinstance(error, Unreachable):
            return EngineUnreachable(self._model, why=f"no connection ({error})")
        if isinstance(error, msgspec.MsgspecError | Unreadable):
            return EngineFailed(self._model, why=f"it sent what cannot be read ({error})")
        where = "in mid-answer" if begun else "before it answered"
        log.warning("engine.hung_up", model=self._model, how=_name(error))
        return EngineFailed(self._model, why=f"it stopped {where}")


def _path(ask: Ask) -> str:
    return "/v1/completions" if ask.raw else "/v1/chat/completions"


def _told(ask: Ask) -> Told:
    return Told(ask.memory.owner, adapter_of(ask.model), chain(ask))


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def lacks(machine: Machine) -> str | None:
    """Its library, or AVX2 on a processor of Intel's or AMD's: without it the library dies."""
    if importlib.util.find_spec("xllamacpp") is None:
        return "the package xllamacpp"
    if machine.architecture == "x86_64" and machine.flags and "avx2" not in machine.flags:
        return "a processor with AVX2"
    return None


def refuses(weights: Path) -> str | None:
    """Why it cannot run that file, or `None`; whether it knows the architecture, loading tells."""
    try:
        read_nature(weights)
    except ValueError as error:
        return str(error)
    return None


def make(spec: Spec) -> LlamaCpp:
    """The engine and the program that it needs, for weights that lie here.

    Raises:
        ValueError: no weights were given, they are no whole GGUF, there are adapters for a model
            that does not write, or layers for a graphics processor that there is not.
    """
    if spec.weights is None:
        raise ValueError(f"llama_cpp needs the weights of {spec.model.name!r}")
    nature = read_nature(spec.weights)
    if spec.adapters and nature.task != "generate":
        raise ValueError(f"llama_cpp takes adapters for models that write, not {nature.task!r}")
    _check_layers(spec)
    key, tier = secrets.token_urlsafe(32), _tier_of(spec, spec.weights, nature)
    program = worker(
        "llama_binary" if spec.server else "llama_server",
        key=key,
        server=spec.server,
        model=spec.weights,
        window=spec.model.window,
        places=spec.places,
        threads=spec.threads,
        layers=spec.layers,
        projector=spec.projector,
        adapter=tuple(f"{name}={path}" for name, path in spec.adapters.items()),
        task=nature.task,
        pooling=None if nature.pooled else "mean",
        prefixes=tier.folder if tier else None,
    )
    return LlamaCpp(
        spec.model.name,
        program=replace(program, graphics=min(1.0, spec.layers / nature.layers)),
        key=key,
        nature=nature,
        outfit=Outfit(spec.projector is not None, tuple(spec.adapters), spec.places, tier),
    )


def _check_layers(spec: Spec) -> None:
    """See that there is a graphics processor, where layers are to go to one."""
    if spec.layers and not graphics_of(spec.server):
        raise ValueError(
            f"{spec.layers} layers are to go to a graphics processor, by `layers` in its file in "
            "`deployments` or in the settings, and llama.cpp finds none that it was built for"
        )


def _tier_of(spec: Spec, weights: Path, nature: Nature) -> Tier | None:
    """What its server saves; what it read of pictures it cannot save."""
    if spec.prefixes is None or spec.projector is not None or nature.task != "generate":
        return None
    return Tier(spec.prefixes, (weights, *spec.adapters.values()), places=spec.places)
