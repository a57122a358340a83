"""Llama 3: a call is a JSON object with `name` and `parameters`, alone at the answer's beginning.

Floor 3. Its template takes one call in a message, so several become messages of their own.
"""

from collections.abc import Callable, Collection, Sequence

from seedbed.core.ask import Tool
from seedbed.engines.formats.base import Form, Parser, Said
from seedbed.engines.formats.calls import CallParser, Shape, object_head
from seedbed.engines.formats.rules import object_calls, repeated
from seedbed.kit.grammar.gbnf import Grammar

TAG = "<|python_tag|>"
SHAPE = Shape(TAG, (object_head(";", more=";"),), bare=True)

_OPENING = 'root ::= [ \\n\\t\\r]{0,8} ([^ \\n\\t\\r{<] | "<" [^\\u007C])\n'


class Llama:
    """The family of Llama 3."""

    markers = (TAG,)
    by_template = True

    def reads(self, template: str) -> bool:
        """By the words in which its template asks for calls."""
        return '"parameters"' in template and ("ipython" in template or TAG in template)

    def history(self, said: Sequence[Said], tools: Sequence[Tool]) -> list[Said]:
        """Each call in a message of its own, and behind it what it brought."""
        told: list[Said] = []
        left = list(said)
        while left:
            one = left.pop(0)
            if len(one.calls) < 2:
                told.append(one)
                continue
            brought: list[Said] = []
            while left and left[0].role == "tool":
                brought.append(left.pop(0))
            for at, call in enumerate(one.calls):
                told.append(Said(one.role, "" if at else one.text, (call,)))
                told += [result for result in brought if result.answers == call.id]
            known = {call.id for call in one.calls}
            told += [result for result in brought if result.answers not in known]
        return told

    def parser(self, names: Collection[str], *, fresh: Callable[[], str]) -> Parser:
        """A parser of these."""
        return CallParser(SHAPE, names, fresh=fresh)

    def calls(self, grammar: Grammar, tools: Sequence[Tool], *, parallel: bool) -> str:
        """Objects; a semicolon stands between two."""
        return repeated(
            grammar, object_calls(grammar, tools, key="parameters"), "; ", parallel=parallel
        )

    def free(self, tools: Sequence[Tool], *, parallel: bool) -> Form:
        """Calls, or text that begins neither as a call nor as a control token."""
        grammar = Grammar()
        grammar.rule("root", self.calls(grammar, tools, parallel=parallel))
        return Form(grammar=grammar.text(), opening=_OPENING)


FAMILY = Llama()
