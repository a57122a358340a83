"""Grammars in GBNF: of a JSON schema, of a regular expression, of any JSON, or of rules by hand.

Floor 1. A grammar says which texts a model may write, one character after the other, and an engine
holds it to that. Whitespace is bounded: one space may follow a comma or a colon, and none may stand
elsewhere, so that no model runs off into blanks.

>>> grammar = Grammar()
>>> grammar.rule("root", f"{literal('<call>')} {grammar.schema({'enum': [1, 2]})}")
'root'
>>> print(grammar.text())
root ::= "<call>" ("1" | "2")
<BLANKLINE>
"""

from seedbed.kit.grammar.flat import BadSchema, Impossible
from seedbed.kit.grammar.read import read, refuse, rewritten
from seedbed.kit.grammar.regex import BadPattern, pattern_text
from seedbed.kit.grammar.rules import BadGrammar, Rules, TooLarge, literal
from seedbed.kit.grammar.schema import SchemaRules

__all__ = [
    "BadGrammar",
    "BadPattern",
    "BadSchema",
    "Grammar",
    "Impossible",
    "TooLarge",
    "literal",
    "rewritten",
]


class Grammar(Rules):
    """Rules that are put together to one grammar.

    `schema`, `regex` and `json` give an expression, which stands for itself in a rule's body.
    """

    def schema(self, schema: object, *, name: str = "value") -> str:
        """The JSON texts of a schema, as far as a grammar can tell them.

        What it cannot tell is left out, and must be verified in the answer: `not`, `if`,
        `contains`, `uniqueItems`, `multipleOf`, `patternProperties`, the `dependent` words, bounds
        on the number of properties. Every text it gives has its properties in the schema's order;
        where `additionalProperties` is not said, an object with `properties` has no others.

        Raises:
            BadSchema: it cannot be read; the sentence begins with the JSON pointer.
            Impossible: no value obeys it.
            TooLarge: the grammar would be too large.
        """
        return SchemaRules(self, schema, name).expression()

    def regex(self, pattern: str) -> str:
        """The texts that a regular expression matches whole.

        Raises:
            BadPattern: it cannot be read, or no grammar has what it uses.
            TooLarge: the grammar would be too large.
        """
        return pattern_text(pattern)

    def json(self) -> str:
        """Any JSON object."""
        return SchemaRules(self, {"type": "object"}, "object").expression()

    def text(self) -> str:
        """The whole grammar, its start first.

        Raises:
            BadGrammar: there is no `root`, or no engine could follow the rules: one is missing,
                never ends, begins with itself, or repeats without end what can be empty.
        """
        text = super().text()
        refuse(read(text))
        return text
