"""From Ark's words for a chat to an ask.

Floor 6. They are OpenAI's, but for the bounds of an answer: `max_tokens` bounds what is said and
`max_completion_tokens` what is thought besides. Dropped by name: `user`, `encrypted_content` of
earlier messages, `name` of any message.
"""

from typing import TypeVar

from seedbed.api.ark import wire
from seedbed.api.openai.body import Refused, read_body, refuse
from seedbed.api.openai.read import chat_ask
from seedbed.core.ask import Ask, Limits
from seedbed.core.errors import RequestMalformed
from seedbed.core.value import changed

ChatKind = TypeVar("ChatKind", bound=wire.ChatBody)
_UNSERVED: Refused = {
    "repetition_penalty": ((1.0,), "no engine takes it"),
    "store": ((False,), "answers are kept by /responses alone"),
}


def read_chat(body: bytes, kind: type[ChatKind]) -> tuple[Ask, ChatKind]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: it wants what is not served.
    """
    chat, unknown = read_body(body, kind)
    refuse(chat, _UNSERVED)
    kept = {name: value for name, value in unknown.items() if value is not None}
    ask = chat_ask(chat, {"ark": kept} if kept else {})
    if chat.max_tokens is not None:
        ask = changed(ask, limits=Limits(_most(chat, ask.reasoning.budget), ask.limits.stop))
    return ask, chat


def _most(chat: wire.ChatBody, thought: int | None) -> int | None:
    """How many tokens are written at most, those of thought among them.

    Where nothing bounds the thought, `max_tokens` bounds both.

    Raises:
        RequestMalformed: two bounds are given.
    """
    if chat.max_completion_tokens is not None:
        raise RequestMalformed(
            "Fields 'max_tokens' and 'max_completion_tokens' both bound the answer.",
            hint="Send one: the first bounds what is said, the second what is thought, too.",
            field="max_tokens",
        )
    return None if chat.max_tokens is None else chat.max_tokens + (thought or 0)
