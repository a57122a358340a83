"""The form that an ask wants its answer in: of its text, of its calls, or of both.

Floor 3.
"""

from seedbed.core.ask import Ask, Format, Tool
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.engines.formats.base import Family, Form
from seedbed.kit.grammar.gbnf import BadGrammar, Grammar, rewritten


def offered(ask: Ask) -> tuple[Tool, ...]:
    """The tools that may be called.

    Raises:
        RequestMalformed: a call is required, and none of the tools is allowed.
    """
    policy = ask.tool_policy
    if policy.mode == "none":
        return ()
    tools = tuple(tool for tool in ask.tools if not policy.only or tool.name in policy.only)
    if not tools and (policy.mode == "required" or policy.only):
        raise RequestMalformed(
            f"A call is asked for, and of the {len(ask.tools)} tools none may be called.",
            hint="Offer the tool that must be called.",
            field="tools",
        )
    return tools


def form_of(ask: Ask, family: Family) -> Form | None:
    """What the answer is held to, or `None` where it is free.

    Raises:
        RequestMalformed: a schema or a pattern cannot be put into a grammar.
        FieldUnserved: tools and a grammar of the caller's own do not go together.
    """
    tools = offered(ask)
    if ask.format.kind == "grammar":
        if tools:
            raise FieldUnserved(
                "format", value="grammar", because="it cannot be joined with the grammar of calls."
            )
        return Form(_own(ask.format.pattern))
    grammar = Grammar()
    answer = _answer(grammar, ask.format)
    if not tools:
        return _rooted(grammar, answer) if answer else None
    policy = ask.tool_policy
    try:
        if policy.mode != "required" and not answer:
            return family.free(tools, parallel=policy.parallel)
        calls = family.calls(grammar, tools, parallel=policy.parallel)
    except BadGrammar as error:
        raise _malformed(error, "tools") from error
    return _rooted(grammar, calls if policy.mode == "required" else f"{answer} | {calls}")


def _answer(grammar: Grammar, form: Format) -> str:
    try:
        match form.kind:
            case "json":
                return grammar.json()
            case "schema":
                return grammar.schema(form.schema)
            case "regex":
                return grammar.regex(form.pattern)
            case _:
                return ""
    except BadGrammar as error:
        raise _malformed(error, "format") from error


def _own(pattern: str) -> str:
    try:
        return rewritten(pattern)
    except BadGrammar as error:
        raise _malformed(error, "format") from error


def _rooted(grammar: Grammar, body: str) -> Form:
    grammar.rule("root", body)
    return Form(grammar.text())


def _malformed(error: BadGrammar, field: str) -> RequestMalformed:
    return RequestMalformed(
        f"A model cannot be held to that: {error}.",
        hint="Change what the sentence names.",
        field=field,
    )
