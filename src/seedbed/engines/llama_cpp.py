"""llama.cpp's own server, spoken to over HTTP on the loopback.

Floor 3. The server runs in a process of its own (`workers/llama_server.py`) and answers only to a
key made for that process. It applies the model's chat template, so messages go to it as they are.
This is the only file outside `seedbed.api` that speaks OpenAI's words, since this server does.
"""

import importlib.util
import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import httpx2
import msgspec
import structlog

from seedbed.core.ask import Ask, Feature
from seedbed.core.errors import EngineFailed, EngineUnreachable, PromptTooLong, RequestMalformed
from seedbed.core.event import Event, Failed, Finished, Started, Stop, TextDelta, UsageNow
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec, worker
from seedbed.kit import sse
from seedbed.kit.machine import Machine

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_SILENCE = httpx2.Timeout(connect=5, read=300, write=30, pool=None)
"""A prompt of a full window takes minutes on two cores, during which progress events still come."""


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta
    finish_reason: str | None = None


class _Timings(msgspec.Struct):
    cache_n: int
    prompt_n: int
    predicted_n: int


class _Progress(msgspec.Struct):
    total: int
    cache: int
    processed: int


class _Fault(msgspec.Struct):
    message: str
    type: str = ""
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    timings: _Timings | None = None
    prompt_progress: _Progress | None = None
    error: _Fault | None = None


class _Refusal(msgspec.Struct):
    error: _Fault


class LlamaCpp:
    """One model on one llama.cpp server."""

    features = frozenset[Feature]()

    def __init__(self, model: str, *, program: Program | None, key: str) -> None:
        self.program = program
        self._model = model
        self._headers = {"authorization": f"Bearer {key}"}
        self._client = httpx2.AsyncClient(timeout=_SILENCE, trust_env=False)
        self._url = ""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take the address that the server listens on."""
        if "url" not in greeting:
            raise EngineFailed(self._model, why=f"its program greeted with {dict(greeting)!r}")
        self._url = greeting["url"]

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Stream one chat completion."""
        begun = False
        try:
            request = self._client.build_request(
                "POST",
                f"{self._url}/v1/chat/completions",
                content=msgspec.json.encode(_body(ask)),
                headers=self._headers,
            )
            response = await self._client.send(request, stream=True)
            begun = True
            try:
                async with aclosing(self._events(ask, response)) as events:
                    async for event in events:
                        yield event
            finally:
                await response.aclose()
        except httpx2.ConnectError as error:
            yield Failed(EngineUnreachable(self._model, why=f"no connection ({error})"))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            where = "in mid-answer" if begun else "before it answered"
            log.warning("engine.hung_up", model=self._model, how=_name(error))
            yield Failed(EngineFailed(self._model, why=f"it stopped {where}"))
        except msgspec.MsgspecError as error:
            yield Failed(EngineFailed(self._model, why=f"it sent what cannot be read ({error})"))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _events(self, ask: Ask, response: httpx2.Response) -> AsyncGenerator[Event]:
        if response.status_code != 200:
            yield Failed(self._refusal(response.status_code, await response.aread()))
            return
        parser, usage, stop = sse.Parser(), Usage(), None
        yield Started(self._model)
        async with aclosing(response.aiter_bytes()) as received:
            async for data in received:
                for line in parser.feed(data):
                    if line == b"[DONE]":
                        continue
                    chunk = _CHUNKS.decode(line)
                    if chunk.error is not None:
                        yield Failed(EngineFailed(self._model, why=chunk.error.message))
                        return
                    before, usage = usage, _usage(chunk, usage)
                    if usage.input != before.input:
                        yield UsageNow(usage)
                    for choice in chunk.choices:
                        stop = choice.finish_reason or stop
                        if choice.delta.content:
                            new = usage.output - before.output
                            yield TextDelta(choice.delta.content, tokens=new)
        if stop is None:
            yield Failed(EngineFailed(self._model, why="its stream was cut off before the end"))
        else:
            yield Finished(_stop(stop), usage)

    def _refusal(
        self, status: int, body: bytes
    ) -> PromptTooLong | RequestMalformed | EngineFailed | EngineUnreachable:
        fault = _REFUSALS.decode(body).error
        if fault.type == "exceed_context_size_error":
            return PromptTooLong(self._model, tokens=fault.n_prompt_tokens, window=fault.n_ctx)
        if status == 503:
            return EngineUnreachable(self._model, why=fault.message)
        if 400 <= status < 500 and status != 401:
            return RequestMalformed(
                f"The engine of {self._model!r} refused the request: {fault.message}.",
                hint="Change what it names; a chat template may refuse an order of roles, too.",
                field="messages",
            )
        return EngineFailed(self._model, why=f"it answered {status}: {fault.message}")


_CHUNKS = msgspec.json.Decoder(_Chunk)
_REFUSALS = msgspec.json.Decoder(_Refusal)
_STOPS = {"stop": Stop.END, "length": Stop.LENGTH}


def _body(ask: Ask) -> dict[str, object]:
    wanted = {
        "max_tokens": ask.limits.output,
        "stop": list(ask.limits.stop) or None,
        "temperature": ask.sampling.temperature,
        "top_p": ask.sampling.top_p,
        "top_k": ask.sampling.top_k,
        "min_p": ask.sampling.min_p,
        "frequency_penalty": ask.sampling.frequency_penalty,
        "presence_penalty": ask.sampling.presence_penalty,
        "seed": ask.sampling.seed,
    }
    return {
        "messages": [{"role": m.role, "content": m.spoken} for m in ask.messages],
        "stream": True,
        "timings_per_token": True,
        "return_progress": True,
        **{name: value for name, value in wanted.items() if value is not None},
    }


def _usage(chunk: _Chunk, so_far: Usage) -> Usage:
    if (progress := chunk.prompt_progress) is not None:
        return Usage(
            input_fresh=progress.processed - progress.cache, input_cache_read=progress.cache
        )
    if (timings := chunk.timings) is not None:
        return Usage(timings.prompt_n, timings.cache_n, output_visible=timings.predicted_n)
    return so_far


def _stop(reason: str) -> Stop:
    if reason not in _STOPS:
        raise msgspec.ValidationError(f"unknown finish_reason {reason!r}")
    return _STOPS[reason]


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def lacks(machine: Machine) -> str | None:
    """Its library, or AVX2 on a processor of Intel's or AMD's: without it the library dies."""
    if importlib.util.find_spec("xllamacpp") is None:
        return "the package xllamacpp"
    if machine.architecture == "x86_64" and machine.flags and "avx2" not in machine.flags:
        return "a processor with AVX2"
    return None


def make(spec: Spec) -> LlamaCpp:
    """The engine and the program that it needs, for weights that lie here.

    Raises:
        ValueError: no weights were given.
    """
    if spec.weights is None:
        raise ValueError(f"llama_cpp needs the weights of {spec.model.name!r}")
    key = secrets.token_urlsafe(32)
    program = worker(
        "llama_server",
        key=key,
        model=spec.weights,
        window=spec.model.window,
        places=spec.places,
        threads=spec.threads,
    )
    return LlamaCpp(spec.model.name, program=program, key=key)
