"""Grammars in Lark, as the library llguidance reads them, that hold an answer to its form.

Floor 3. The server falls silent about a grammar that it cannot read and goes on without one. So
each is read here first, by the same library, and refused by name.

Whitespace in JSON is none, so that no model runs off into blanks. A grammar that could go on must
name the tokens that end an answer: the server would let it go on for ever.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from seedbed.core.ask import Format, Tool
from seedbed.core.errors import RequestMalformed
from seedbed.kit.grammar.gbnf import BadGrammar, rewritten

if TYPE_CHECKING:  # the library is loaded where it is needed
    from llguidance import LLTokenizer

OPEN, CLOSE = "<tool_call>", "</tool_call>"
BEFORE_NAME, BEFORE_ARGUMENTS, AFTER = '\n{"name": "', '", "arguments": ', "}\n" + CLOSE
"""How a call is written by a model whose template knows no tools."""

_HEAD = "%llguidance {}\n"
_GUIDANCE = {"whitespace_flexible": False, "lenient": True}
"""What `lenient` lets pass here is verified in the answer."""
_THOUGHT = 'thought[suffix="</think>"]: /(?s:.*)/\nblank: /\\n{0,2}/\n'
_MOST_BYTES = 1 << 19
_OPEN = {"additionalProperties", "patternProperties", "unevaluatedProperties", "allOf", "$ref"}
_NAMED = {"properties", "$defs", "definitions"}
_LISTED = {"anyOf", "oneOf", "prefixItems"}
"""Words below which schemas are; what is below the others is left as it is."""
_STUCK = "NoExtensionBias"


def form_grammar(format_: Format, ends: Sequence[int], *, thought: bool) -> str:
    """The grammar of an answer in JSON, of a schema or of a pattern; after thought, if need be.

    Raises:
        RequestMalformed: the schema or the pattern cannot be read, or nothing obeys it.
    """
    before = "thought blank " if thought else ""
    rules = f"start: {before}form{_end(ends)}\nform: {_form(format_)}\n"
    return _checked(rules + (_THOUGHT if thought else ""), ends, field="format")


def own_grammar(pattern: str) -> str:
    """A grammar of the caller's own, in GBNF, which the server reads; it takes none for no rules.

    Raises:
        RequestMalformed: it cannot be read, or would lead the server in circles.
    """
    try:
        return rewritten(pattern)
    except BadGrammar as error:
        raise RequestMalformed(
            f"A model cannot be held to that: {error}.",
            hint="Change what the sentence names.",
            field="format",
        ) from error


def calls_grammar(
    tools: Sequence[Tool],
    ends: Sequence[int],
    *,
    required: bool,
    parallel: bool,
    format_: Format,
    thought: bool,
) -> str:
    """The grammar of an answer that may call, or must: words or calls, in the form above.

    Words may be thought, too; before a form or a call that must be made, thought is let pass.

    Raises:
        RequestMalformed: a schema cannot be read, or the tools are too many.
    """
    more = f' ("{OPEN}" body)*' if parallel else ""
    if required:
        start = f'"{OPEN}" body{more}'
        rest = ""
    elif format_.kind == "text":
        start = f"WORDS | words body{more}"
        rest = (
            f"WORDS: /(?s:.*)/ & ~/(?s:.*{OPEN}.*)/\n"
            f'words[suffix="{OPEN}"]: /(?s:.*)/\n'
        )  # fmt: skip
    else:
        start = f'form | "{OPEN}" body{more}'
        rest = f"form: {_form(format_)}\n"
    called = "\n  | ".join(_call(tool) for tool in tools)
    body = f"body: {_literal(BEFORE_NAME)} one {_literal(AFTER)}\none: {called}\n"
    _checked(f"start: body\n{body}", (), field="tools", after=BEFORE_NAME)
    thinks = thought and (required or format_.kind != "text")
    before, after = ("thought blank ", _THOUGHT) if thinks else ("", "")
    rules = f"start: {before}answer{_end(ends)}\nanswer: {start}\n{rest}{body}{after}"
    return _checked(rules, ends, field="tools")


def check_schemas(schemas: Sequence[Mapping[str, object]], *, field: str) -> None:
    """Refuse what the server could not read, before it sees it.

    Raises:
        RequestMalformed: one of them cannot be read, or nothing obeys it.
    """
    alternatives = " | ".join(f'("{at}:" {_json(each)})' for at, each in enumerate(schemas))
    _checked(f"start: {alternatives}\n", (), field=field)


def _form(format_: Format) -> str:
    match format_.kind:
        case "json":
            return _json({"type": "object"})
        case "schema":
            return _json(format_.schema)
        case _:
            return f"/{_slashes(format_.pattern)}/"


def _call(tool: Tool) -> str:
    return f"{_literal(tool.name + BEFORE_ARGUMENTS)} {_json(tool.schema or {'type': 'object'})}"


def _json(schema: Mapping[str, object]) -> str:
    return f"%json {json.dumps({**_closed(schema), 'x-guidance': _GUIDANCE})}"


def _closed(schema: Mapping[str, object]) -> dict[str, object]:
    """The schema, where an object that names its properties has no others, unless it says so."""
    closed = {word: _closed_below(word, value) for word, value in schema.items()}
    if "properties" in schema and not _OPEN & schema.keys():
        closed["additionalProperties"] = False
    return closed


def _closed_below(word: str, value: object) -> object:
    if isinstance(value, dict):
        below = cast(Mapping[str, object], value)
        if word in _NAMED:
            return {name: _closed_below("", each) for name, each in below.items()}
        return _closed(below) if word in {"", "items"} else below
    if isinstance(value, list) and word in _LISTED:
        return [_closed_below("", each) for each in cast(Sequence[object], value)]
    return cast(object, value)


def _literal(text: str) -> str:
    return json.dumps(text)


def _slashes(pattern: str) -> str:
    """A pattern as it stands between slashes, where neither a slash nor a line may end it."""
    escaped, out = False, list[str]()
    for letter in pattern:
        out.append("\\/" if letter == "/" and not escaped else "\\n" if letter == "\n" else letter)
        escaped = letter == "\\" and not escaped
    return "".join(out)


def _end(ends: Sequence[int]) -> str:
    return f" ({' | '.join(f'<[{end}]>' for end in ends)})?" if ends else ""


def _checked(rules: str, ends: Sequence[int], *, field: str, after: str = "") -> str:
    """The whole grammar, if the library can read it and go on after some text.

    The tokens that end an answer are left out: here they mean nothing.
    """
    if len(rules) > _MOST_BYTES:
        why = f"it takes {len(rules):,} bytes, and {_MOST_BYTES:,} are the most"
    else:
        why = _fault(rules.replace(_end(ends), "", 1), after)
    if why:
        raise RequestMalformed(
            f"No answer can be held to what {field!r} asks for: {why}.",
            hint="Change it, or leave it out.",
            field=field,
        )
    return _HEAD + rules


def _fault(rules: str, after: str) -> str | None:
    from llguidance import LLMatcher  # noqa: PLC0415 - few asks need it, and it is large

    bad, messages = LLMatcher.validate_grammar_with_warnings(rules)
    if bad:
        return _first_line(messages)
    matcher = LLMatcher(_bytes(), rules, log_level=0)
    if not matcher.is_error():
        matcher.consume_tokens(list(after.encode()))
        matcher.compute_bitmask()
    if not matcher.is_error():
        return None
    why = _first_line([matcher.get_error()])
    return "no text at all obeys it" if why == _STUCK else why


def _bytes() -> "LLTokenizer":
    from llguidance import LLTokenizer  # noqa: PLC0415 - as above

    return LLTokenizer("byte")


def _first_line(messages: Sequence[str]) -> str:
    line = next((m.strip().splitlines()[0] for m in messages if m.strip()), "it cannot be read")
    return line[:300].rstrip(".")
