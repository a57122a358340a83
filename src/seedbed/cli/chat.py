"""`seedbed chat`: a conversation through the same door that every other client uses.

Floor 6. Words go to standard output; what the model thinks goes beside them, dimmed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import click
import httpx2
import msgspec

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.errors import KeyMissing, SeedbedError, ServerRefused, ServerUnreachable
from seedbed.kit import sse

_PATIENCE = httpx2.Timeout(10, read=None)


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int


class _Cost(msgspec.Struct):
    cost: str
    currency: str
    held_seconds: float
    request_id: str


class _Fault(msgspec.Struct):
    message: str
    code: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    seedbed: _Cost | None = None
    error: _Fault | None = None


@dataclass
class _Answer:
    """What came of one question."""

    text: str = ""
    reasoning: str = ""
    usage: _Usage | None = None
    cost: _Cost | None = None


@click.command()
@click.argument("question", required=False)
@click.option("--model", help="Another model than the first that the server loads.")
@click.option("--system", help="What the model is told before the conversation.")
@click.option(
    "--max-tokens", type=click.IntRange(min=1), help="Where each answer ends at the latest."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Another port than the setting's.")
@show.json_option
@pass_house
def chat(  # noqa: PLR0913 - one argument an option, as click has it
    house: House,
    question: str | None,
    model: str | None,
    system: str | None,
    max_tokens: int | None,
    port: int | None,
    *,
    as_json: bool,
) -> None:
    """Ask QUESTION and print the answer. Without one, talk until an empty line."""
    talk = _Talk(house, model or next(iter(house.serves), ""), max_tokens, port)
    if system:
        talk.messages.append({"role": "system", "content": system})
    if question is not None:
        answer = talk.ask(question, quiet=as_json)
        if as_json:
            told = {"text": answer.text, "reasoning": answer.reasoning}
            told |= {"usage": answer.usage, "seedbed": answer.cost}
            show.as_json(msgspec.to_builtins(told))
        return
    if as_json:
        raise click.UsageError("--json needs a QUESTION.")
    opening = f"{talk.model} — an empty line ends the conversation"
    show.ERR.print(opening, style="dim", markup=False)
    while question := click.prompt("you", default="", show_default=False, prompt_suffix=" > "):
        talk.ask(question, quiet=False)


class _Page:
    """Where an answer is printed as it comes; nowhere, if it is `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._thought: bool | None = None
        """What stands on the line that is open, if one is."""

    def print(self, text: str, *, thought: bool) -> str:
        """Print some more, and give it back."""
        if text and not self._quiet:
            if self._thought is not thought:
                self.end_line()
            self._thought = thought
            click.echo(click.style(text, dim=True) if thought else text, nl=False, err=thought)
        return text

    def end_line(self) -> None:
        """See that what is printed next begins a line."""
        if self._thought is not None:
            click.echo(err=self._thought)
            self._thought = None


class _Talk:
    """A conversation with one model."""

    def __init__(self, house: House, model: str, max_tokens: int | None, port: int | None) -> None:
        self.model = model
        self.messages: list[dict[str, str]] = []
        self._max_tokens = max_tokens
        self._client = house.neighbour
        self._url = house.daemon(port).url
        key = house.key
        if not key and house.key_file.exists():
            key = house.key_file.read_text()
        self._headers = [(b"authorization", f"Bearer {key.strip()}".encode())] if key else []

    def ask(self, question: str, *, quiet: bool) -> _Answer:
        """Say something, and print the answer as it comes."""
        self.messages.append({"role": "user", "content": question})
        answer, page = _Answer(), _Page(quiet=quiet)
        try:
            for chunk in self._chunks():
                for choice in chunk.choices:
                    thought, words = choice.delta.reasoning_content, choice.delta.content
                    answer.reasoning += page.print(thought or "", thought=True)
                    answer.text += page.print(words or "", thought=False)
                answer.usage = chunk.usage or answer.usage
                answer.cost = chunk.seedbed or answer.cost
        finally:
            page.end_line()
        self.messages.append({"role": "assistant", "content": answer.text})
        if not quiet:
            show.ERR.print(f"[dim]{_bill(answer)}[/]")
        return answer

    def _chunks(self) -> Iterator[_Chunk]:
        body: dict[str, object] = {"model": self.model, "messages": self.messages, "stream": True}
        body["stream_options"] = {"include_usage": True}
        if self._max_tokens:
            body["max_tokens"] = self._max_tokens
        parser = sse.Parser()
        try:
            with self._client.stream(
                "POST",
                f"{self._url}/v1/chat/completions",
                json=body,
                headers=self._headers,
                timeout=_PATIENCE,
            ) as response:
                if response.status_code != 200:
                    raise self._fault(response.read())
                for received in response.iter_bytes():
                    for data in parser.feed(received):
                        if data == b"[DONE]":
                            return
                        chunk = self._chunk(data)
                        if chunk.error:
                            raise self._fault(data)
                        yield chunk
        except httpx2.HTTPError as error:
            raise ServerUnreachable(self._url, why=str(error) or type(error).__name__) from error
        what = "The answer was cut off before its end."
        raise ServerRefused(what, code=None, hint=f"Ask again. {_ITS_LOG}")

    def _chunk(self, data: bytes) -> _Chunk:
        try:
            return _CHUNKS.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            why = "what answers there does not speak as one"
            raise ServerUnreachable(self._url, why=why) from error

    def _fault(self, data: bytes) -> SeedbedError:
        """The server's own words, which hold what happened and what to do."""
        error = self._chunk(data).error
        if error is None:
            return ServerRefused("The server sent no reason.", code=None, hint=_ITS_LOG)
        if error.code == "invalid_api_key" and not self._headers:
            return ServerRefused(KeyMissing().what, code=error.code, hint=_bring_a_key())
        return ServerRefused(error.message, code=error.code, hint="")


def _bring_a_key() -> str:
    """What to type; the server's own hint is for programs."""
    program = show.program()
    return (
        f"Type `{program} up`, which keeps a key where `chat` finds it, or bring one of yours: "
        f"`SEEDBED_KEY=KEY {program} chat`. `{program} keys create --name NAME` makes one."
    )


_ITS_LOG = "The server's log is in the home's `logs` folder."
_CHUNKS = msgspec.json.Decoder(_Chunk)


def _bill(answer: _Answer) -> str:
    usage, cost = answer.usage, answer.cost
    if usage is None or cost is None:
        return "the server told no cost"
    held = f" · {cost.held_seconds:.2f} s of this machine" if cost.held_seconds else ""
    return (
        f"{usage.prompt_tokens} tokens in, {usage.completion_tokens} out{held}"
        f" · {cost.cost} {cost.currency}"
    )
