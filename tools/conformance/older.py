"""A handful of calls by an older generation of a vendor's SDK, in a process that has that one.

Started as `python -m conformance.older openai URL KEY` with its folder first on the path;
prints a line of JSON: its version, and what it did.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai

from conformance.house import WORDS, House

_TOOLS = Path(__file__).parent.parent
_SAY = "one two three"
_MESSAGES: Any = [{"role": "user", "content": _SAY}]


def generations(folder: Path, at: House) -> Iterator[dict[str, Any]]:
    """What each SDK did that lies in a folder of its name in that one.

    Raises:
        CalledProcessError: one of them was not answered as it should be; what it printed says how.
    """
    for each in sorted(folder.iterdir()):
        ran = subprocess.run(
            [sys.executable, "-m", "conformance.older", each.name, at.url, at.key],
            env={"PYTHONPATH": f"{each.resolve()}:{_TOOLS}"},
            stdout=subprocess.PIPE,
            check=True,
        )
        yield json.loads(ran.stdout)


def main() -> None:
    """Call, and say what was done."""
    sdk, url, key = sys.argv[1:]
    version, done = (_openai if sdk == "openai" else _anthropic)(url, key)
    print(json.dumps({"sdk": sdk, "version": version, "done": done}))


def _openai(url: str, key: str) -> tuple[str, list[str]]:
    done: list[str] = []
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        answer = client.chat.completions.create(model=WORDS, messages=_MESSAGES)
        _same("sync", answer.choices[0].message.content, done)
        chunks = client.chat.completions.create(model=WORDS, messages=_MESSAGES, stream=True)
        told = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
        _same("stream", told, done)
        _same("responses", client.responses.create(model=WORDS, input=_SAY).output_text, done)
        try:
            client.chat.completions.create(model="none", messages=_MESSAGES)
        except openai.NotFoundError as error:
            _same("error", _SAY if error.code == "model_not_found" else error.code, done)

    async def ask() -> str | None:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key) as client:
            answer = await client.chat.completions.create(model=WORDS, messages=_MESSAGES)
        return answer.choices[0].message.content

    _same("async", asyncio.run(ask()), done)
    return openai.__version__, done


def _anthropic(url: str, key: str) -> tuple[str, list[str]]:
    done: list[str] = []
    call: dict[str, Any] = {"model": WORDS, "max_tokens": 20, "messages": _MESSAGES}
    client: Any
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        _same("sync", client.messages.create(**call).content[0].text, done)
        with client.messages.stream(**call) as stream:
            _same("stream", "".join(stream.text_stream), done)
        try:
            client.messages.create(**{**call, "model": "none"})
        except anthropic.NotFoundError:
            done.append("error")

    async def ask() -> str:
        client: Any
        async with anthropic.AsyncAnthropic(base_url=url, api_key=key) as client:
            return str((await client.messages.create(**call)).content[0].text)

    _same("async", asyncio.run(ask()), done)
    return anthropic.__version__, done


def _same(what: str, told: object, done: list[str]) -> None:
    if told != _SAY:
        raise SystemExit(f"{what}: {told!r} came where {_SAY!r} was said")
    done.append(what)


if __name__ == "__main__":
    main()
