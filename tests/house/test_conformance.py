"""What the docs say of the vendors' clients is what these clients find."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.calls import NOT_TRIED, TABLES, helped
from conformance.clients import FAILED, Row, Seen, Table, clients, methods, tried
from conformance.examples import FOLDERS, Example, examples
from conformance.explained import REASONS, because
from conformance.house import House, house
from conformance.obliging import Endless, least, make
from conformance.suites import Suite
from conformance.telling import counted, merged, played, told

_MEASURED = Path(__file__).parents[2] / "benchmarks" / "conformance.json"
TOLD: dict[str, Any] = json.loads(_MEASURED.read_text())


@pytest.mark.slow
def test_every_method_of_the_vendors_sdks_is_told_of(tmp_path: Path) -> None:
    for sdk, client, _ in clients(House("http://house", "key", tmp_path)):
        told_of = sum(sum(counts.values()) for counts in TOLD["methods"][sdk].values())
        assert told_of == len(methods(client)), sdk


def test_what_is_named_to_be_called_or_not_is_a_method(tmp_path: Path) -> None:
    for sdk, client, _ in clients(House("http://house", "key", tmp_path)):
        if "ark" not in sdk:  # one table is of both of Ark's, and BytePlus's has fewer
            assert set(TABLES[sdk]) <= set(methods(client))


def test_each_failure_of_the_vendors_own_tests_is_explained() -> None:
    reasons = {reason for failures in TOLD["failures"].values() for reason in failures}
    assert reasons
    assert reasons <= set(REASONS.values())


def test_a_failure_is_explained_by_its_words_or_not_at_all() -> None:
    said = "501 - /v1/images/variations is not served here: no engine."
    assert because(said) == "No engine varies a picture without a prompt."
    assert because("something new") is None
    suite = Suite({"files": {"failed": 1}}, {"files: something new": 1})
    assert list(counted({"openai": suite}))[-1] == "tests of openai  1 failed  files: something new"


def answered(status: int, error: Exception) -> list[str]:
    """What is made of a method that is answered so."""

    class Files:
        __module__ = "vendor.resources"

        def list(self) -> None:
            seen.status = status
            raise error

    class Client:
        @property
        def files(self) -> Files:
            return Files()

    seen = Seen()
    table: Table = {"files.list": lambda _: {}}
    rows = tried(("vendor", Client(), seen), table, {})
    return [row.outcome for row in rows]


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (501, "/v1/files is not served here: nobody does.", "unserved"),
        (400, "Field 'a' is missing.", "refused"),
        (405, "DELETE /v1/files is not served here. This path takes GET.", "refused"),
        (404, "GET /v1/files is not served here.", "failed"),
        (404, "There is no file 'a'.", "refused"),
        (500, "It broke.", "failed"),
        (200, "The answer cannot be read.", "failed"),
    ],
)
def test_what_came_of_a_call_is_told_by_its_answer(status: int, said: str, outcome: str) -> None:
    assert answered(status, ValueError(said)) == [outcome]


def test_each_failure_of_the_vendors_own_examples_is_explained() -> None:
    for vendor, programs in TOLD["examples"].items():
        for file, one in programs.items():
            assert one["outcome"] == "passed" or one["why"], (vendor, file)
            assert one["outcome"] != "failed" or one["why"] in REASONS.values(), (vendor, file)


def test_the_least_of_a_schema_fits_it() -> None:
    schema: dict[str, Any] = {
        "$defs": {"side": {"enum": ["left", "right"]}},
        "type": "object",
        "properties": {
            "side": {"$ref": "#/$defs/side"},
            "kind": {"const": "turn"},
            "many": {"type": "array", "items": {"type": "string"}},
            "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "left_out": {"type": "boolean"},
        },
        "required": ["side", "kind", "many", "either"],
    }
    assert least(schema, schema) == {"side": "left", "kind": "turn", "many": ["x"], "either": 1}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["null", "integer"]}, 1),
        ({"type": ["null"]}, None),
        ({"type": "array"}, [{}]),
        ({"type": "array", "items": {"type": "null"}, "minItems": 0}, []),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"type": "integer", "minimum": 6.5}, 7),
        ({"type": "number", "minimum": 6.5}, 6.5),
        ({"required": ["a"]}, {"a": {}}),
    ],
)
def test_the_least_of_a_value_fits_it(schema: dict[str, Any], value: object) -> None:
    assert least(schema, schema) == value


@pytest.mark.parametrize(
    ("next_", "value"),
    [
        ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, {"next": {"next": None}}),
        ({"type": "array", "items": {"$ref": "#"}}, {"next": [{"next": []}]}),
    ],
)
def test_what_holds_itself_ends_where_it_may(next_: dict[str, Any], value: object) -> None:
    schema = {"type": "object", "properties": {"next": next_}, "required": ["next"]}
    assert least(schema, schema) == value


@pytest.mark.parametrize(
    "next_",
    [
        {"$ref": "#/$defs/node"},
        {"anyOf": [{"$ref": "#/$defs/node"}]},
        {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 1},
    ],
)
def test_what_must_hold_itself_without_end_is_said_to(next_: dict[str, Any]) -> None:
    node = {"type": "object", "properties": {"next": next_}, "required": ["next"]}
    with pytest.raises(Endless, match="holds itself"):
        least({"$ref": "#/$defs/node"}, {"$defs": {"node": node}})


def test_vendors_that_were_not_run_keep_what_is_told_of_them() -> None:
    before = told(
        [],
        {"openai": Suite({"files": {"passed": 2}}, {}), "anthropic": Suite({}, {})},
        [Example("openai", "a.py", "passed"), Example("anthropic", "b.py", "passed")],
    ) | {"others": ["a"]}
    suites = {"anthropic": Suite({"files": {"passed": 3, "failed": 1}}, {})}
    now = merged(before, told([], suites, [Example("anthropic", "c.py", "passed")]))
    assert now["suites"] == {
        "openai": {"files": {"passed": 2}},
        "anthropic": {"files": {"passed": 3, "failed": 1}},
    }
    assert now["figures"] == {"doors.suite_passed": 5, "doors.suite_failed": 1}
    assert {vendor: list(found) for vendor, found in now["examples"].items()} == {
        "openai": ["a.py"],
        "anthropic": ["c.py"],
    }
    assert now["others"] == ["a"]
    assert merged(now, {"others": []})["others"] == []
    assert merged({}, {"examples": {}}) == {"examples": {}}


def test_what_was_not_run_leaves_the_rest_of_the_page_as_it_was() -> None:
    played_ = [
        Example("openai", "a.py", "passed"),
        Example("openai", "b.py", "failed", "Field 'a' with value 'web_search' is not served"),
    ]
    assert told([], {}, played_) == {
        "examples": {
            "openai": {
                "a.py": {"outcome": "passed", "why": ""},
                "b.py": {"outcome": "failed", "why": "Nobody searches the web here."},
            }
        }
    }
    assert next(played(played_)) == "example of openai  a.py  passed"


PROGRAMS = {
    "good.py": """
from byteplussdkarkruntime import Ark
said = [{"role": "user", "content": "a"}]
assert Ark().chat.completions.create(model="${YOUR_ENDPOINT_ID}", messages=said).choices
""",
    "refused.py": """
from byteplussdkarkruntime import Ark
try:
    Ark().chat.completions.create(model="nobody", messages=[{"role": "user", "content": "a"}])
except Exception as error:
    print(error)
""",
    "broken.py": "raise ValueError('It broke.')",
    "silent.py": "raise SystemExit(3)",
    "of_multimodal.py": "raise SystemExit(1)",
    "empty.py": "",
}


@pytest.mark.slow
def test_an_example_passes_that_ends_well_and_prints_no_refusal(tmp_path: Path) -> None:
    folder = tmp_path / FOLDERS["byteplus"]
    folder.mkdir(parents=True)
    for file, program in PROGRAMS.items():
        (folder / file).write_text(program)
    with house(make) as at:
        found = {one.file: one for one in examples("byteplus", tmp_path, at)}
    outcomes = {file: one.outcome for file, one in found.items()}
    assert outcomes == {
        "good.py": "passed",
        "refused.py": "failed",
        "broken.py": "failed",
        "silent.py": "failed",
        "of_multimodal.py": "not tried",
    }
    assert "There is no model 'nobody' here." in found["refused.py"].why
    assert found["broken.py"].why == "ValueError: It broke."
    assert found["silent.py"].why == "It ended with 3."
    assert (folder / "good.py").read_text() == PROGRAMS["good.py"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the vendors' own: what they took back
def test_all_that_is_served_answers_the_vendors_clients() -> None:
    rows: list[Row] = []
    with house() as at:
        for client in clients(at):
            rows += tried(client, TABLES[client[0]], NOT_TRIED, partial(helped, at))
    assert [row for row in rows if row.outcome == FAILED] == []
    assert told(rows, {})["methods"] == TOLD["methods"]
