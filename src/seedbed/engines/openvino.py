"""openvino-genai, spoken to over a line protocol on the loopback.

Floor 3. The library runs in a process of its own (`workers/openvino_text.py`), which batches the
asks that it is given, caches prefixes, and answers only to a key made for it. Where a sampling
value is left out, the ones that llama.cpp's server takes are taken here too, so that a model keeps
its character when it changes its engine.
"""

import importlib.util
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import Literal, TypeAlias

import anyio
import msgspec
from anyio.streams.buffered import BufferedByteReceiveStream

from seedbed.core.ask import Ask, Feature
from seedbed.core.errors import EngineFailed, EngineUnreachable, PromptTooLong, RequestMalformed
from seedbed.core.event import Event, Failed, Finished, Started, Stop, TextDelta, UsageNow
from seedbed.core.usage import Usage
from seedbed.engines.base import Program, Spec, worker
from seedbed.kit.machine import Machine

_CONNECT_SECONDS = 5
_LONGEST_LINE = 1 << 22


class Job(msgspec.Struct):
    """What is asked of the worker, in one line."""

    key: str
    messages: list[tuple[str, str]]
    seed: int
    output: int | None = None
    stop: tuple[str, ...] = ()
    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0


How: TypeAlias = Literal["end", "length", "sequence"]
"""Why an answer ended, in the worker's words."""


class Line(msgspec.Struct, omit_defaults=True):
    """What the worker answers, a line at a time. `output` counts the tokens made so far."""

    prompt: int = 0
    text: str = ""
    output: int = 0
    stop: How | Literal[""] = ""
    fault: Literal["", "too_long", "refused", "failed"] = ""
    why: str = ""


class OpenVino:
    """One model on one worker."""

    features = frozenset[Feature]()

    def __init__(self, model: str, *, window: int, program: Program | None, key: str) -> None:
        self.program = program
        self._model, self._window, self._key = model, window, key
        self.place = ("", 0)
        """Where the worker listens: host and port."""

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take the address that the worker listens on."""
        try:
            self.place = greeting["host"], int(greeting["port"])
        except (KeyError, ValueError) as error:
            why = f"its program greeted with {dict(greeting)!r}"
            raise EngineFailed(self._model, why=why) from error

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Open a connection for the ask, and read its answer."""
        try:
            with anyio.fail_after(_CONNECT_SECONDS):
                stream = await anyio.connect_tcp(*self.place)
        except (OSError, TimeoutError) as error:
            yield Failed(EngineUnreachable(self._model, why=f"no connection ({error})"))
            return
        async with stream:
            try:
                await stream.send(msgspec.json.encode(_job(ask, self._key)) + b"\n")
                lines = BufferedByteReceiveStream(stream)
                usage = Usage()
                while True:
                    line = _LINES.decode(await lines.receive_until(b"\n", _LONGEST_LINE))
                    for event in self._events(line, usage):
                        yield event
                        match event:
                            case UsageNow(usage=usage):
                                pass
                            case TextDelta(tokens=tokens):
                                usage += Usage(output_visible=tokens)
                            case Finished() | Failed():
                                return
                            case _:
                                pass
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                yield Failed(EngineFailed(self._model, why="it stopped in mid-answer"))
            except (msgspec.MsgspecError, anyio.DelimiterNotFound) as error:
                yield Failed(
                    EngineFailed(self._model, why=f"it sent what cannot be read ({error})")
                )

    async def aclose(self) -> None:
        """Nothing is kept open between asks."""

    def _events(self, line: Line, usage: Usage) -> list[Event]:
        """What one line means, after so much usage."""
        match line.fault:
            case "too_long":
                long = PromptTooLong(self._model, tokens=line.prompt, window=self._window)
                return [Failed(long)]
            case "refused":
                return [Failed(_refusal(self._model, line.why))]
            case "failed":
                return [Failed(EngineFailed(self._model, why=line.why))]
            case "":
                pass
        if line.stop:
            whole = Usage(input_fresh=usage.input_fresh, output_visible=line.output)
            return [Finished(_STOPS[line.stop], whole)]
        if line.prompt:
            return [Started(self._model), UsageNow(Usage(input_fresh=line.prompt))]
        return [TextDelta(line.text, tokens=line.output - usage.output)]


_LINES = msgspec.json.Decoder(Line)
_STOPS = {"end": Stop.END, "length": Stop.LENGTH, "sequence": Stop.SEQUENCE}


def _job(ask: Ask, key: str) -> Job:
    sampling = ask.sampling
    given = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
    }
    job = Job(
        key=key,
        messages=[(message.role.value, message.spoken) for message in ask.messages],
        seed=secrets.randbits(62) if sampling.seed is None else sampling.seed,
        output=ask.limits.output,
        stop=ask.limits.stop,
    )
    return msgspec.structs.replace(job, **{n: v for n, v in given.items() if v is not None})


def _refusal(model: str, why: str) -> RequestMalformed:
    return RequestMalformed(
        f"The engine of {model!r} refused the request: {why}.",
        hint="Change the messages or the sampling values.",
        field="messages",
    )


def lacks(machine: Machine) -> str | None:
    """Its library, or AVX2 on a processor of Intel's or AMD's: without it the library dies."""
    if importlib.util.find_spec("openvino_genai") is None:
        return "the package openvino-genai"
    if machine.architecture == "x86_64" and machine.flags and "avx2" not in machine.flags:
        return "a processor with AVX2"
    return None


def make(spec: Spec) -> OpenVino:
    """The engine and the program that it needs, for weights that lie here.

    Raises:
        ValueError: no weights were given.
    """
    if spec.weights is None:
        raise ValueError(f"openvino needs the weights of {spec.model.name!r}")
    key = secrets.token_urlsafe(32)
    program = worker(
        "openvino_text",
        key=key,
        model=spec.weights,
        window=spec.model.window,
        places=spec.places,
    )
    return OpenVino(spec.model.name, window=spec.model.window, program=program, key=key)
