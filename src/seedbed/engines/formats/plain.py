"""Models whose chat template knows no tools: they are told of them in a system text of ours.

Floor 3. Calls are written as in Hermes, earlier ones included, so that a template that knows only
`system`, `user` and `assistant` can show them.
"""

import json
from collections.abc import Sequence

from seedbed.core.ask import Tool
from seedbed.engines.formats.base import Called, Said
from seedbed.engines.formats.hermes import CLOSES, OPENS, Hermes

_TEXT = """You can call these functions, each told in a line of JSON:
{tools}

To call one, write a JSON object with its name and its arguments between tags:
{opens}
{{"name": "the function", "arguments": {{"its": "arguments"}}}}
{closes}
What it brought comes between <tool_response> and </tool_response>. Call a function only where it
is needed; else answer in words."""


class Plain(Hermes):
    """Any other model."""

    by_template = False

    def reads(self, template: str) -> bool:
        """Every template."""
        return True

    def history(self, said: Sequence[Said], tools: Sequence[Tool]) -> list[Said]:
        """All in words; messages of one role that follow each other become one."""
        told = [*_system(tools), *map(_spoken, said)]
        joined: list[Said] = []
        for one in told:
            if joined and joined[-1].role == one.role:
                one = Said(one.role, f"{joined.pop().text}\n\n{one.text}")  # noqa: PLW2901
            joined.append(one)
        return joined


FAMILY = Plain()


def _system(tools: Sequence[Tool]) -> list[Said]:
    lines = [
        json.dumps(
            {"name": tool.name, "description": tool.description, "parameters": dict(tool.schema)},
            ensure_ascii=False,
        )
        for tool in tools
    ]
    text = _TEXT.format(tools="\n".join(lines), opens=OPENS, closes=CLOSES)
    return [Said("system", text)] if tools else []


def _spoken(said: Said) -> Said:
    if said.role == "tool":
        return Said("user", f"<tool_response>\n{said.text}\n</tool_response>")
    calls = [_call(call) for call in said.calls]
    return Said(said.role, "\n".join([said.text, *calls] if said.text else calls))


def _call(call: Called) -> str:
    name = json.dumps(call.name, ensure_ascii=False)
    return f'{OPENS}\n{{"name": {name}, "arguments": {call.arguments or "{}"}}}\n{CLOSES}'
