"""The form of an answer, in three vendors' words.

Floor 6. OpenAI's `response_format`, vLLM's `structured_outputs` and llama.cpp's `grammar` mean one
thing. Two may be sent if they ask for the same, as clients do that do not know the server. Whether
the schema or the pattern is sound is seen by the gateway.
"""

import itertools
import re
from typing import cast

import msgspec

from seedbed.api.openai import wire
from seedbed.api.openai.body import missing, read_json
from seedbed.core.ask import Format
from seedbed.core.errors import RequestMalformed

_TEXT = Format()
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
"""What a pattern must escape to mean itself; other characters need not be, and so are not."""


def read_form(body: wire.SampledBody) -> Format:
    """The one form that is asked for; text where none is.

    Raises:
        RequestMalformed: two that differ are, or one says less than it must.
    """
    if body.response_format is body.structured_outputs is body.grammar is None:
        return _TEXT
    told = {
        "response_format": _response(body.response_format),
        "structured_outputs": _structured(body.structured_outputs),
        "grammar": Format("grammar", pattern=body.grammar) if body.grammar else None,
    }
    forms = {name: form for name, form in told.items() if form}
    _one_of(forms, "")
    return next(iter(forms.values()), _TEXT)


def _one_of(forms: dict[str, Format], inside: str) -> None:
    for first, second in itertools.pairwise(forms):
        if forms[first] != forms[second]:
            raise RequestMalformed(
                f"Fields {inside + first!r} and {inside + second!r} tell different forms of the "
                "answer.",
                hint="Send one of them.",
                field=inside + second,
            )


def _response(wanted: wire.ResponseFormat | None) -> Format | None:
    match wanted:
        case None | wire.ResponseFormat(type="text"):
            return None
        case wire.ResponseFormat(type="json_object"):
            return Format("json")
        case asked:
            spec = asked.json_schema
            if spec is None:
                raise missing("response_format.json_schema", "the type is json_schema")
            return Format("schema", spec.name, spec.schema or {}, strict=bool(spec.strict))


def _structured(wanted: wire.StructuredOutputs | None) -> Format | None:
    if wanted is None:
        return None
    choice = "|".join(_SPECIAL.sub(r"\\\1", text) for text in wanted.choice or ())
    told = {
        "json": None if wanted.json is None else _schema(wanted.json),
        "json_object": Format("json") if wanted.json_object else None,
        "regex": Format("regex", pattern=wanted.regex) if wanted.regex else None,
        "choice": Format("regex", pattern=f"({choice})") if wanted.choice else None,
        "grammar": Format("grammar", pattern=wanted.grammar) if wanted.grammar else None,
    }
    forms = {name: form for name, form in told.items() if form}
    if not forms:
        raise missing("structured_outputs.json", f"one of {', '.join(told)} tells the form")
    _one_of(forms, "structured_outputs.")
    return next(iter(forms.values()))


def _schema(schema: dict[str, object] | str) -> Format:
    field = "structured_outputs.json"
    value = read_json(schema, field=field) if isinstance(schema, str) else schema
    if not isinstance(value, dict):
        kind = msgspec.json.encode(value).decode()[:40]
        raise RequestMalformed(
            f"Field {field!r} is {kind}, and no JSON schema.",
            hint="Send an object.",
            field=field,
        )
    return Format("schema", "answer", cast(dict[str, object], value), strict=True)
