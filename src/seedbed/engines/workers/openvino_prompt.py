"""Makes a prompt of a job: the messages in the dialect that chat templates read, and the thought
opened or closed as it was asked for.

Floor 3. Only workers speak this dialect, which is that of the templates.
"""

from collections.abc import Mapping

import msgspec

from seedbed.engines.formats.base import Called, Said
from seedbed.engines.formats.thought import CLOSES, OPENS
from seedbed.engines.workers.openvino_tokens import Tokens
from seedbed.engines.workers.openvino_wire import Job, Offer


def prompt_of(job: Job, tokens: Tokens) -> tuple[str, bool]:
    """The prompt, and whether the answer goes on with thought that the prompt has opened.

    Raises:
        RuntimeError: the template refuses the messages.
    """
    if job.raw is not None:
        return job.raw, False
    context = {} if job.thinking in {"never", "auto"} else {"enable_thinking": job.thinking == "on"}
    prompt = tokens.tokenizer.apply_chat_template(
        [_message(said) for said in job.said],
        True,
        chat_template=tokens.template,
        tools=[_tool(offer) for offer in job.tools] or None,
        extra_context=context or None,
    )
    return (prompt, False) if job.thinking == "never" else _opened(prompt, job)


def _opened(prompt: str, job: Job) -> tuple[str, bool]:
    """The prompt with the thought opened or closed, where the template has not done so itself."""
    ending = prompt.rstrip()
    if ending.endswith(CLOSES):
        return prompt, False
    opened = ending.endswith(OPENS)
    if job.thinking == "off":
        return f"{prompt}{'' if opened else OPENS}\n\n{CLOSES}\n\n", False
    # Where it must be known when the thought ends, it is not left to the model to begin it.
    if not opened and (job.thinking == "on" or job.form or job.budget is not None):
        return f"{prompt}{OPENS}\n", True
    return prompt, opened


def _message(said: Said) -> Mapping[str, object]:
    message: dict[str, object] = {"role": said.role, "content": said.text}
    if said.calls:
        message["tool_calls"] = [_call(call) for call in said.calls]
    if said.role == "tool":
        message |= {"tool_call_id": said.answers, "name": said.name}
    return message


def _call(call: Called) -> Mapping[str, object]:
    function = {"name": call.name, "arguments": _arguments(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _arguments(text: str) -> object:
    """As templates take them: an object, if it is one."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, object])
    except msgspec.MsgspecError:
        return text


def _tool(offer: Offer) -> Mapping[str, object]:
    return {
        "type": "function",
        "function": {
            "name": offer.name,
            "description": offer.description,
            "parameters": offer.schema,
        },
    }
