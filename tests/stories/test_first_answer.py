"""From `seedbed up` to a priced answer, and what happens when things are killed. All real."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import Stream
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam

from tests.stories.conftest import MODEL, Served, environment

pytestmark = pytest.mark.slow

QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Name a colour."}]
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-answer.md"


def whole(served: Served, tokens: int) -> ChatCompletion:
    return served.client().chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=tokens
    )


def streamed(served: Served, tokens: int) -> Stream[ChatCompletionChunk]:
    return served.client().chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        max_tokens=tokens,
        stream=True,
        stream_options={"include_usage": True},
    )


def words(chunk: ChatCompletionChunk) -> str:
    return "".join(choice.delta.content or "" for choice in chunk.choices)


def bill(answer: ChatCompletion | ChatCompletionChunk) -> dict[str, str]:
    """What the house adds to the vendor's body."""
    return (answer.model_extra or {})["seedbed"]


def used(answer: ChatCompletion | ChatCompletionChunk) -> int:
    assert answer.usage
    return answer.usage.completion_tokens


def entries(served: Served) -> list[dict[str, Any]]:
    return json.loads(served.seedbed("usage", "--json"))["entries"]


def wait_for(what: str, true: Callable[[], bool]) -> None:
    """Look until it is so; a story that hangs is a story that failed."""
    for _ in range(3_000):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited 300 s in vain: {what}")


def test_a_whole_and_a_streamed_answer_are_both_in_the_books_with_their_cost(
    served: Served,
) -> None:
    answer = whole(served, 12)
    chunks = list(streamed(served, 12))
    assert len("".join(map(words, chunks))) == 12
    assert used(answer) == used(chunks[-1]) == 12
    wait_for("both entries", lambda: len(entries(served)) == 2)
    by_id = {entry["request_id"]: entry for entry in entries(served)}
    for told in (bill(answer), bill(chunks[-1])):
        entry = by_id[told["request_id"]]
        assert entry["cost"] == told["cost"] != "0.000000"
        assert (entry["key"], entry["output_tokens"]) == ("admin", 12)


def test_a_second_up_finds_the_server_and_the_key(served: Served) -> None:
    told = json.loads(served.seedbed("up", "--port", str(served.port), "--json"))
    assert told["pid"] == served.server_pid()
    assert (told["key"], told["key_is_new"]) == (served.key, False)
    key_file = served.home / "admin.key"
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_file_is_replaced_by_a_new_key(served: Served) -> None:
    (served.home / "admin.key").unlink()
    told = json.loads(served.seedbed("up", "--port", str(served.port), "--json"))
    assert told["key_is_new"]
    assert told["key"] != served.key
    assert replace(served, key=told["key"]).client().models.list().data


def test_a_killed_engine_is_told_in_band_and_the_next_request_is_answered(served: Served) -> None:
    engine = served.engine_pid()
    stream = streamed(served, 39_000)
    assert any(map(words, stream))  # the answer is under way
    os.kill(engine, signal.SIGKILL)
    with pytest.raises(openai.APIError, match="failed: it stopped in mid-answer") as told:
        list(stream)
    assert told.value.code == "engine_failed"
    assert used(whole(served, 3)) == 3
    assert served.engine_pid() != engine
    assert "failed" in [entry["stop"] for entry in entries(served)]


def test_a_killed_server_takes_its_engine_along_and_keeps_its_books(served: Served) -> None:
    id_ = bill(whole(served, 3))["request_id"]
    wait_for("the entry", lambda: id_ in served.seedbed("usage", "--json"))
    server, engine = served.server_pid(), served.engine_pid()
    os.kill(server, signal.SIGKILL)
    wait_for("the engine's end", lambda: not Path(f"/proc/{engine}").exists())
    told = json.loads(served.seedbed("up", "--port", str(served.port), "--json"))
    assert told["pid"] != server
    assert told["key"] == served.key
    assert used(whole(served, 3)) == 3
    assert id_ in served.seedbed("usage", "--json")


def test_a_caller_who_leaves_frees_the_engine_and_is_settled(served: Served) -> None:
    for _ in range(3):  # more callers than the engine has places
        with streamed(served, 39_000) as stream:
            assert any(map(words, stream))
    assert used(whole(served, 3)) == 3

    def cancelled() -> int:
        return [entry["stop"] for entry in entries(served)].count("cancelled")

    wait_for("their entries", lambda: cancelled() == 3)


def test_a_server_that_is_told_to_end_finishes_what_it_has_begun(served: Served) -> None:
    with streamed(served, 2_000) as stream:
        assert any(map(words, stream))
        down = subprocess.Popen(
            [sys.executable, "-m", "seedbed", "down", "--port", str(served.port)],
            env=environment(served.home),
            stdout=subprocess.DEVNULL,
        )
        *_, last = stream
    assert used(last) == 2_000
    assert down.wait() == 0
    assert not (served.home / "run" / f"server-{served.port}.json").exists()
    (entry,) = entries(served)
    assert entry["output_tokens"] == 2_000


def test_the_tutorials_own_code_runs(served: Served) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    variables = {"OPENAI_BASE_URL": served.base_url, "OPENAI_API_KEY": served.key}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(environment(served.home)) | variables,
        check=True,
        capture_output=True,
        text=True,
    )
    assert re.search(r"^cost: \d+\.\d{6} USD$", done.stdout, re.MULTILINE)


def test_nothing_is_written_outside_the_home(served: Served, tmp_path: Path) -> None:
    whole(served, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "weights"]
    for pid in (served.server_pid(), served.engine_pid()):
        opened = [str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()]
        files = [Path(name) for name in opened if name.startswith("/") and "/dev/" not in name]
        outside = [f for f in files if served.home not in f.parents and os.access(f, os.W_OK)]
        written = [f for f in outside if not f.is_relative_to(sys.prefix) and f.suffix != ".pyc"]
        assert written == []
