"""A model of the server, asked for a text in a form.

Floor 6. Through the same door as any client.
"""

from collections.abc import Mapping

from seedbed.cli.door import Door
from seedbed.core.ask import Format
from seedbed.core.errors import AnswerMalformed, ServerRefused
from seedbed.core.message import Message, Text
from seedbed.media.planning import MOST_TOKENS, Write


def writing(door: Door, model: str) -> Write:
    """Have that model write, on behalf of whoever runs the command."""

    async def write(messages: tuple[Message, ...], form: Format) -> str:
        try:
            told = door.post("/v1/chat/completions", _body(model, messages, form))
        except ServerRefused as refused:
            if refused.facts["said"] != AnswerMalformed.code:
                raise
            raise AnswerMalformed(model, form="schema", why=refused.what) from refused
        return str(told["choices"][0]["message"]["content"] or "")

    return write


def _body(model: str, messages: tuple[Message, ...], form: Format) -> Mapping[str, object]:
    return {
        "model": model,
        "messages": [{"role": one.role.value, "content": _words(one)} for one in messages],
        "max_tokens": MOST_TOKENS,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": form.name, "schema": dict(form.schema)},
        },
    }


def _words(message: Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, Text))
