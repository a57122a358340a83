"""What a program of the generation of SDKs before this one is told, in a process that has it.

Started as `python older_clients.py openai|anthropic URL KEY` with its folder on the path; says in
one JSON object what the SDK made of each answer.
"""

import asyncio
import json
import sys
from typing import Any

import anthropic
import openai

SAY: Any = [{"role": "user", "content": "one two three"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
MESSAGE: Any = {"model": "echo", "max_tokens": 50, "messages": SAY}


def main() -> None:
    name, url, key = sys.argv[1:]
    ask = {"openai": of_openai, "anthropic": of_anthropic}[name]
    sys.stdout.write(json.dumps(ask(url, key)))


def of_openai(url: str, key: str) -> dict[str, object]:
    client: Any
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        return {
            "version": openai.__version__,
            "chat": client.chat.completions.create(model="echo", messages=SAY)
            .choices[0]
            .message.content,
            "stream": _streamed(client),
            "tools": _called(client),
            "responses": client.responses.create(model="echo", input="one two three").output_text,
            "embeddings": len(_vector(client)),
            "unknown model": _refused(client, model="none", messages=SAY),
            "no messages": _refused(client, model="echo", messages=[]),
            "wrong key": _refused(client.with_options(api_key="no"), model="echo", messages=SAY),
            "files": _filed(client),
            "async": asyncio.run(_asynchronous(url, key)),
        }


def _vector(client: Any) -> list[float]:
    return client.embeddings.create(model="echo", input="one").data[0].embedding


def _streamed(client: Any) -> list[object]:
    chunks = client.chat.completions.create(
        model="echo", messages=SAY, stream=True, stream_options={"include_usage": True}
    )
    told = list(chunks)
    words = "".join(one.choices[0].delta.content or "" for one in told if one.choices)
    return [words, told[-1].usage.completion_tokens]


def _called(client: Any) -> list[object]:
    tool = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
    choice = client.chat.completions.create(model="caller", messages=SAY, tools=[tool]).choices[0]
    call = choice.message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    asked = [*SAY, choice.message, result, {"role": "user", "content": "And?"}]
    then = client.chat.completions.create(model="echo", messages=asked, tools=[tool])
    said = then.choices[0].message.content
    return [choice.finish_reason, call.function.name, call.function.arguments, said]


def _refused(client: Any, **asked: object) -> list[object]:
    try:
        client.chat.completions.create(**asked)
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code]
    return []


def _filed(client: Any) -> list[object]:
    made = client.files.create(file=("a.txt", b"one two"), purpose="user_data")
    same = client.files.retrieve(made.id)
    listed = [one.id for one in client.files.list()]
    content = client.files.content(made.id).read().decode()
    gone = client.files.delete(made.id)
    return [same.filename, same.bytes, content, listed == [made.id], gone.deleted]


async def _asynchronous(url: str, key: str) -> str:
    client: Any
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        stream = await client.chat.completions.create(model="echo", messages=SAY, stream=True)
        return "".join([one.choices[0].delta.content or "" async for one in stream])


def of_anthropic(url: str, key: str) -> dict[str, object]:
    by_key: Any = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)
    by_token: Any = anthropic.Anthropic(base_url=url, auth_token=key, max_retries=0)
    wrong: Any = anthropic.Anthropic(base_url=url, api_key="no", max_retries=0)
    with by_key, by_token, wrong:
        return {
            "version": anthropic.__version__,
            "key": by_key.messages.create(**MESSAGE).content[0].text,
            "token": by_token.messages.create(**MESSAGE).content[0].text,
            "beta": by_key.beta.messages.create(**MESSAGE).content[0].text,
            "stream": _gathered(by_token),
            "tools": _used(by_key),
            "count": by_key.messages.count_tokens(model="echo", messages=SAY).input_tokens,
            "unknown model": _failed(by_key, **{**MESSAGE, "model": "none"}),
            "wrong key": _failed(wrong, **MESSAGE),
            "async": asyncio.run(_awaited(url, key)),
        }


def _gathered(client: Any) -> list[object]:
    with client.messages.stream(**MESSAGE) as stream:
        words = "".join(stream.text_stream)
        last = stream.get_final_message()
    return [words, last.stop_reason, last.usage.output_tokens]


def _used(client: Any) -> list[object]:
    tool = {"name": "weather", "input_schema": PARAMETERS}
    made = client.messages.create(**{**MESSAGE, "model": "caller"}, tools=[tool])
    use = made.content[0]
    return [made.stop_reason, use.name, use.input]


def _failed(client: Any, **asked: object) -> list[object]:
    try:
        client.messages.create(**asked)
    except anthropic.APIStatusError as error:
        return [type(error).__name__, error.status_code]
    return []


async def _awaited(url: str, key: str) -> str:
    client: Any
    async with anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=0) as client:
        return str((await client.messages.create(**MESSAGE)).content[0].text)


if __name__ == "__main__":
    main()
