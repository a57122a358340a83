"""`seedbed chat`, against real servers."""

import json
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partialmethod
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seedbed.core.access import Scope
from seedbed.core.errors import EngineFailed
from seedbed.core.message import Reasoning, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import build, make_key, served
from tests.cli.conftest import Seedbed


@pytest.mark.usefixtures("server")
def test_a_question_is_answered_and_what_it_cost_is_told_beside_it(seedbed: Seedbed) -> None:
    said = seedbed("chat", "one two three")
    assert (said.status, said.out) == (0, "one two three\n")
    assert said.err == "4 tokens in, 3 out · 0.000000 USD\n"


@pytest.mark.usefixtures("server")
def test_a_program_gets_the_answer_with_its_usage_and_cost(seedbed: Seedbed) -> None:
    said = seedbed("chat", "one two three", "--json")
    assert said.json == {
        "text": "one two three",
        "reasoning": "",
        "usage": {"prompt_tokens": 4, "completion_tokens": 3},
        "seedbed": {
            "cost": "0.000000",
            "currency": "USD",
            "held_seconds": 0.0,
            "request_id": said.json["seedbed"]["request_id"],
        },
    }
    assert said.err == ""


def test_what_was_asked_by_chat_stands_in_the_usage(
    seedbed: Seedbed, home: Path, port: int
) -> None:
    key = make_key(home, Scope.MODELS, name="ann")
    app = build({"m": Scripted("m", window=9)}, home=home, clock=SystemClock())
    with served(app, port):
        answer = seedbed("chat", "hi", "--model", "m", "--json", SEEDBED_KEY=key).json
    (entry,) = seedbed("usage", "--json").json["entries"]
    assert entry["request_id"] == answer["seedbed"]["request_id"]
    assert (entry["key"], entry["model"], entry["output_tokens"]) == ("ann", "m", 1)


@pytest.mark.parametrize("answer", [":x: :smile:", "[bold]b[/] [/]", "a\tb\n\n  c", "ünïcode ✓ 漢"])
@pytest.mark.usefixtures("server")
def test_an_answer_is_printed_as_it_came(seedbed: Seedbed, answer: str) -> None:
    assert seedbed("chat", answer).out == f"{answer}\n"


@pytest.mark.usefixtures("server")
def test_an_answer_may_be_cut_short_and_a_system_text_goes_before(seedbed: Seedbed) -> None:
    said = seedbed("chat", "one two three", "--max-tokens", "2", "--system", "be brief", "--json")
    assert said.json["text"] == "one two"
    assert said.json["usage"] == {"prompt_tokens": 7, "completion_tokens": 2}


@pytest.mark.usefixtures("server")
def test_a_conversation_goes_on_until_an_empty_line_and_remembers(seedbed: Seedbed) -> None:
    said = seedbed("chat", typed="one two\nthree\n\nnever\n")
    assert said.status == 0
    assert "scripted — an empty line ends the conversation" in said.err
    assert "one two\n" in said.out
    assert "never" not in said.out
    assert "3 tokens in, 2 out" in said.err
    assert "8 tokens in, 1 out" in said.err


@pytest.mark.usefixtures("server")
def test_json_without_a_question_is_refused(seedbed: Seedbed) -> None:
    said = seedbed("chat", "--json")
    assert said.status == 2
    assert "--json needs a QUESTION." in said.err


@pytest.mark.usefixtures("server")
def test_a_model_that_is_not_served_is_told_in_the_servers_own_words(seedbed: Seedbed) -> None:
    said = seedbed("chat", "hi", "--model", "nope")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("✗ There is no model 'nope' here. Models here: scripted.")


@pytest.mark.parametrize("key", ["sb-" + "w" * 43, "schlüssel"])
@pytest.mark.usefixtures("server")
def test_a_wrong_key_is_refused_and_not_printed(seedbed: Seedbed, key: str) -> None:
    said = seedbed("chat", "hi", "--json", SEEDBED_KEY=key)
    assert (said.status, said.out) == (1, "")
    assert "is not known here" in said.error["what"]
    assert key not in said.err


@pytest.mark.usefixtures("server")
def test_the_key_of_the_environment_goes_before_that_of_the_home(
    seedbed: Seedbed, home: Path
) -> None:
    mine = make_key(home, Scope.MODELS, name="mine")
    assert seedbed("chat", "hi", SEEDBED_KEY="").out == "hi\n"
    assert seedbed("chat", "hi", SEEDBED_KEY="sb-wrong").status == 1
    (home / "admin.key").write_text("sb-wrong")
    assert seedbed("chat", "hi", SEEDBED_KEY=f" {mine}\n").out == "hi\n"


@pytest.mark.usefixtures("server")
def test_without_any_key_it_says_what_to_type(seedbed: Seedbed, home: Path) -> None:
    (home / "admin.key").unlink()
    said = seedbed("chat", "hi", "--json")
    assert (said.status, said.error["code"]) == (1, "server_refused")
    assert said.error["what"] == "No API key was sent."
    assert "`SEEDBED_KEY=KEY seedbed chat`" in said.error["hint"]
    assert "Authorization" not in said.err


def test_without_a_server_the_hint_is_how_to_start_one(seedbed: Seedbed, port: int) -> None:
    said = seedbed("chat", "hi")
    assert said.status == 1
    assert said.err.startswith(f"✗ No Seedbed server answers at http://127.0.0.1:{port}: ")
    assert said.err.endswith("\n  Start it with `seedbed up`.\n")
    assert seedbed("chat", "hi", "--json").error["code"] == "server_unreachable"


def test_a_late_failure_is_told_after_the_words_that_came(
    seedbed: Seedbed, home: Path, port: int
) -> None:
    error = EngineFailed("m", why="its process ended")
    engine = Scripted("m", window=9, script=[Text("one two three")], error=error, fails_after=2)
    key = make_key(home, Scope.MODELS)
    with served(build({"m": engine}, home=home, clock=SystemClock()), port):
        said = seedbed("chat", "hi", "--model", "m", SEEDBED_KEY=key)
    assert (said.status, said.out) == (1, "one two\n")
    assert said.err == f"✗ {error}\n"


@pytest.fixture
def thinker(home: Path, port: int) -> Generator[str]:
    """A server whose model `m` thinks before it answers; gives a key to it."""
    script = [Reasoning("Let me see."), Text("Forty-two.")]
    app = build({"m": Scripted("m", window=9, script=script)}, home=home, clock=SystemClock())
    with served(app, port):
        yield make_key(home, Scope.MODELS)


def test_thought_is_told_beside_the_answer_on_a_line_of_its_own(
    seedbed: Seedbed, thinker: str
) -> None:
    said = seedbed("chat", "hi", "--model", "m", SEEDBED_KEY=thinker)
    assert (said.status, said.out) == (0, "Forty-two.\n")
    assert said.err.splitlines()[0] == "Let me see."
    assert said.err.splitlines()[1].startswith("2 tokens in, 4 out")


def test_a_program_gets_the_thought_apart_from_the_answer(seedbed: Seedbed, thinker: str) -> None:
    said = seedbed("chat", "hi", "--model", "m", "--json", SEEDBED_KEY=thinker)
    assert (said.json["reasoning"], said.json["text"]) == ("Let me see.", "Forty-two.")
    assert said.err == ""


def test_on_a_terminal_thought_is_dimmed_and_words_are_not(
    seedbed: Seedbed, thinker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    coloured = partialmethod(CliRunner.isolation, color=True)
    monkeypatch.setattr(CliRunner, "isolation", coloured)
    said = seedbed("chat", "hi", "--model", "m", SEEDBED_KEY=thinker)
    assert said.out == "Forty-two.\n"
    assert said.err.startswith("\x1b[2mLet\x1b[0m\x1b[2m me\x1b[0m\x1b[2m see.\x1b[0m\n")


@pytest.fixture
def stranger(port: int) -> Callable[..., AbstractContextManager[str]]:
    """Another program at the port, which answers every request with the same."""

    @contextmanager
    def answering(content: bytes, status: int = 200) -> Generator[str]:
        async def answer(_: Request) -> Response:
            return Response(content, status)

        routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
        with served(Starlette(routes=routes), port) as url:
            yield url

    return answering


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"<h1>Not Found</h1>", 404, "what answers there does not speak as one"),
        (b"\xff", 500, "what answers there does not speak as one"),
        (b"[]", 404, "what answers there does not speak as one"),
        (b"{}", 500, "The server sent no reason."),
        (b"data: <h1>\n\n", 200, "what answers there does not speak as one"),
        (b'data: {"choices": 7}\n\n', 200, "what answers there does not speak as one"),
        (b"<h1>Welcome</h1>", 200, "The answer was cut off before its end."),
    ],
)
def test_another_program_at_the_port_is_not_taken_for_a_server(
    seedbed: Seedbed,
    stranger: Callable[..., AbstractContextManager[str]],
    content: bytes,
    status: int,
    said: str,
) -> None:
    with stranger(content, status):
        asked = seedbed("chat", "hi", SEEDBED_KEY="k")
    assert (asked.status, asked.out) == (1, "")
    assert said in asked.err
    assert len(asked.err.splitlines()) <= 2


def words(*texts: str) -> bytes:
    chunks = [{"choices": [{"delta": {"content": text}}]} for text in texts]
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)


def test_an_answer_that_is_cut_off_is_never_told_as_whole(
    seedbed: Seedbed, stranger: Callable[..., AbstractContextManager[str]]
) -> None:
    with stranger(words("one", " two")):
        said = seedbed("chat", "hi", SEEDBED_KEY="k")
        told = seedbed("chat", "hi", "--json", SEEDBED_KEY="k")
    assert (said.status, said.out) == (1, "one two\n")
    assert said.err.startswith("✗ The answer was cut off before its end.\n  Ask again. ")
    assert (told.status, told.out) == (1, "")


def test_an_answer_without_a_cost_says_that_there_was_none(
    seedbed: Seedbed, stranger: Callable[..., AbstractContextManager[str]]
) -> None:
    with stranger(words("one") + b"data: [DONE]\n\n"):
        said = seedbed("chat", "hi", SEEDBED_KEY="k")
    assert (said.status, said.out) == (0, "one\n")
    assert said.err == "the server told no cost\n"


@pytest.mark.usefixtures("server")
def test_a_key_never_goes_by_a_proxy(seedbed: Seedbed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert seedbed("chat", "hi").out == "hi\n"
