"""Forms of an answer: whether one can be asked for, and whether a text has it.

Floor 1. A form is any JSON object, JSON of a schema, the texts of a regular expression, or those of
a grammar. What is refused here is refused before an engine sees it, in bounded time. Nothing is
fetched: a schema may refer to itself only. Patterns are matched in time linear in the text.

The libraries behind this are imported when they are first needed.
"""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from seedbed.kit.grammar.gbnf import BadGrammar, Grammar, rewritten
from seedbed.kit.grammar.lark import lark
from seedbed.kit.grammar.read import read
from seedbed.kit.schemas import DEEPEST, deepest, unserved, with_null

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator
    from llguidance import LLMatcher

MOST_SCHEMA = 256_000
"""Bytes of a schema, as JSON."""
_MOST_GRAMMAR = 64_000
_MOST_DIGITS = 400
_SHOWN = 200
_PATTERN_BYTES = 1 << 20
_MOST_WAYS = 1_000
"""Places in a grammar where one may be after a character; each costs time at each character."""
_SLICE = 8
"""Characters that are followed at once; between slices other threads run."""
_SECONDS = 1.0
_DEEP = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\[\]{}"]+', re.DOTALL)

Kind: TypeAlias = Literal["json", "schema", "regex", "grammar"]


class BadForm(ValueError):
    """A form that cannot be asked for; the sentence says what is wrong with it, and where."""


def check_schema(schema: object, *, strict: bool) -> None:
    """Refuse a JSON schema that is none, that nothing obeys, or that costs too much.

    With `strict` a word is refused, too, that no grammar can hold a model to: it would be verified
    only when the answer is there.

    Raises:
        BadForm: it is refused; the sentence begins with the JSON pointer.
    """
    _sized(schema)
    try:
        _validator(schema)
        if strict:
            unserved(schema)
        grammar = Grammar()
        grammar.rule("root", grammar.schema(schema))
        grammar.text()
        deepest(schema)
    except BadGrammar as error:
        raise BadForm(str(error)) from error


def check_regex(pattern: str) -> None:
    """Refuse a regular expression that cannot be read, or uses what RE2 has not.

    Raises:
        BadForm: it is refused.
    """
    try:
        Grammar().regex(pattern)
    except BadGrammar as error:
        raise BadForm(str(error)) from error
    _pattern(pattern)


def check_grammar(gbnf: str) -> None:
    """Refuse a grammar that cannot be read, or that no engine could follow.

    Raises:
        BadForm: it is refused; the sentence names the line or the rule.
    """
    if len(gbnf) > _MOST_GRAMMAR:
        raise BadForm(f"the grammar has {len(gbnf):,} characters; {_MOST_GRAMMAR:,} is the most")
    try:
        text = rewritten(gbnf)
    except BadGrammar as error:
        raise BadForm(str(error)) from error
    _matcher(text)


class Verifier:
    """Tells whether texts are of one form. It may be used by several threads at once."""

    def __init__(
        self,
        kind: Kind,
        *,
        schema: Mapping[str, object] | None = None,
        pattern: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the verifier of a form that has been checked; `clock` tells seconds.

        Raises:
            BadForm: the form cannot be asked for.
        """
        self._why: Callable[[str], str | None]
        match kind:
            case "json":
                self._why = _why_no_object
            case "schema":
                self._why = _of_schema(dict(schema or {}))
            case "regex":
                self._why = _of_pattern(pattern)
            case "grammar":  # pragma: no branch - the last of the kinds
                self._why = _of_grammar(pattern, clock)

    def verdict(self, text: str) -> str | None:
        """Why the text is not of the form, in a few words, or `None` where it is.

        A text that takes longer than a second to follow through a grammar is believed: the engine
        that wrote it was held to the grammar. JSON that is nested too deep to be verified is not.
        """
        return self._why(text)


# -- JSON


def _parsed(text: str) -> object:
    """The value of a JSON text.

    Raises:
        BadForm: it is none, or one that readers of JSON disagree about.
    """
    _shallow(text)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise BadForm(f"it is no JSON: {error}") from error
    if "\\u" in text and _is_torn(value):
        raise BadForm("it is no JSON: half of a character stands by itself")
    return value


def _shallow(text: str, most: int = DEEPEST) -> None:
    depth = 0
    for sign in _DEEP.sub("", text):
        depth += 1 if sign in "[{" else -1
        if depth > most:
            raise BadForm(f"it is nested more than {most} levels deep")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadForm(f"the key {_short(twice)!r} is there twice in one object")
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadForm(f"a number has {len(digits):,} digits; {_MOST_DIGITS} is the most")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise BadForm(f"the number {_short(digits)} is too great")
    return value


def _constant(name: str) -> object:
    raise BadForm(f"it is no JSON: {name} is none of its values")


def _is_torn(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _why_no_object(text: str) -> str | None:
    try:
        value = _parsed(text)
    except BadForm as error:
        return str(error)
    return None if isinstance(value, dict) else "it is JSON, and no object"


# -- schemas


def _sized(schema: object) -> None:
    try:
        size = len(json.dumps(schema, allow_nan=False, ensure_ascii=False).encode())
    except RecursionError as error:
        raise BadForm("#: the schema is nested too deep") from error
    except (TypeError, ValueError) as error:
        raise BadForm(f"#: the schema is no JSON: {error}") from error
    if size > MOST_SCHEMA:
        raise BadForm(f"#: the schema has {size:,} bytes; {MOST_SCHEMA:,} is the most")


def _validator(schema: object) -> "Validator":
    import jsonschema_rs  # noqa: PLC0415 - start-up does without it

    patterns = jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES)
    try:
        return jsonschema_rs.validator_for(
            cast("dict[str, object]", with_null(schema)),
            pattern_options=patterns,
            validate_formats=True,
            offline=True,
        )
    except (ValueError, RecursionError, jsonschema_rs.ReferencingError) as error:
        raise BadForm(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    """Where and what a validator's complaint is about."""
    path = "".join(f"/{step}" for step in getattr(error, "instance_path", []))
    return f"#{path}: {_short(str(getattr(error, 'message', error)))}"


def _of_schema(schema: dict[str, object]) -> Callable[[str], str | None]:
    validator = _validator(schema)
    try:
        most = deepest(schema)
    except BadGrammar as error:
        raise BadForm(str(error)) from error

    def why(text: str) -> str | None:
        try:
            value = _parsed(text)
            _shallow(text, most)
        except BadForm as error:
            return str(error)
        found: ValidationError | None = next(iter(validator.iter_errors(value)), None)
        return None if found is None else f"at {_sentence(found)}"

    return why


# -- patterns


def _pattern(pattern: str) -> "Validator":
    """What matches whole texts, in linear time.

    Raises:
        BadForm: it cannot be read, by itself or with anchors around it.
    """
    try:
        _validator({"pattern": pattern})
        return _validator({"type": "string", "pattern": f"^(?:{pattern})$"})
    except BadForm as error:
        raise BadForm("the pattern cannot be matched in linear time") from error


def _of_pattern(pattern: str) -> Callable[[str], str | None]:
    validator = _pattern(pattern)

    def why(text: str) -> str | None:
        matched = validator.is_valid(text)
        return None if matched else f"the pattern does not match {_short(text)!r} from end to end"

    return why


# -- grammars


def _matcher(gbnf: str) -> "LLMatcher":
    """What follows a grammar, which was written by `rewritten`.

    Raises:
        BadForm: it is too large for that.
    """
    import llguidance  # noqa: PLC0415 - start-up does without it

    grammar = llguidance.LLMatcher.grammar_from_lark(lark(read(gbnf)))
    limits = llguidance.LLParserLimits(max_items_in_row=_MOST_WAYS, verbose_errors=False)
    matcher = llguidance.LLMatcher(
        llguidance.LLTokenizer("byte"), grammar, log_level=0, limits=limits
    )
    if matcher.is_error():
        raise BadForm(f"the grammar is too large: {_short(matcher.get_error())}")
    return matcher


def _of_grammar(gbnf: str, clock: Callable[[], float]) -> Callable[[str], str | None]:
    try:
        first = _matcher(rewritten(gbnf))
    except BadGrammar as error:
        raise BadForm(str(error)) from error

    def why(text: str) -> str | None:
        matcher, until = first.deep_copy(), clock() + _SECONDS
        letters = text.encode(errors="surrogatepass")
        for at in range(0, len(letters), _SLICE):
            piece = letters[at : at + _SLICE]
            taken = matcher.try_consume_tokens(list(piece))
            if matcher.is_error() or clock() > until:
                return None
            if taken < len(piece):
                followed = letters[: at + taken].decode(errors="ignore")
                return f"the grammar does not go on like that after {len(followed):,} characters"
        return None if matcher.is_accepting() else "the grammar goes on where the text ends"

    return why
