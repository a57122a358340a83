"""A model of the server, asked for a text in a form.

Floor 6. Through the same door as any client.
"""

from seedbed.cli.door import Door
from seedbed.core.ask import Format
from seedbed.core.errors import AnswerMalformed, ServerRefused
from seedbed.core.message import Message
from seedbed.media.planning import Write, body_of


def writing(door: Door, model: str) -> Write:
    """Have that model write, on behalf of whoever runs the command."""

    async def write(messages: tuple[Message, ...], form: Format) -> str:
        try:
            told = door.post("/v1/chat/completions", body_of(model, messages, form))
        except ServerRefused as refused:
            if refused.facts["said"] != AnswerMalformed.code:
                raise
            raise AnswerMalformed(model, form="schema", why=refused.what) from refused
        return str(told["choices"][0]["message"]["content"] or "")

    return write
