"""What came of it, in lines: for a terminal, and for the page of the docs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.clients import OUTCOMES, SERVED, UNSERVED, Row
from conformance.examples import FAILED, Example
from conformance.explained import because
from conformance.suites import Suite


def table(rows: Sequence[Row]) -> Iterator[str]:
    """A line for each method."""
    wide = max((len(row.method) for row in rows), default=0)
    for row in rows:
        yield f"{row.sdk}  {row.method:{wide}}  {row.outcome:9}  {row.asked}  {row.why}".rstrip()


def counted(suites: Mapping[str, Suite]) -> Iterator[str]:
    """A line for each resource of the vendors' tests, and one for each reason why some failed."""
    for sdk, suite in suites.items():
        for resource, counts in sorted(suite.counts.items()):
            told_of = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
            yield f"tests of {sdk}  {resource}  {told_of}"
        for reason, count in _failures(suite).items():
            yield f"tests of {sdk}  {count} failed  {reason}"


def played(examples: Sequence[Example]) -> Iterator[str]:
    """A line for each of the vendors' examples."""
    for one in examples:
        yield f"example of {one.vendor}  {one.file}  {one.outcome}  {one.why}".rstrip()


def told(
    rows: Sequence[Row], suites: Mapping[str, Suite], examples: Sequence[Example] = ()
) -> dict[str, object]:
    """All that the docs say of what was run, as JSON can hold it."""
    tables = ((rows, _of_methods(rows)), (suites, _of_suites(suites)), (examples, _of(examples)))
    return {name: table for run, parts in tables if run for name, table in parts.items()}


def merged(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What was told before, with what is told now in the place of the same of the same vendor."""
    whole = dict(before)
    for name, table in now.items():
        has_vendors = isinstance(table, Mapping) and name in before
        whole[name] = before[name] | table if has_vendors else table
    if "suites" in whole:
        whole["figures"] = _figures(whole["suites"])
    return whole


def _of_methods(rows: Sequence[Row]) -> dict[str, object]:
    return {
        "methods": {sdk: _methods(rows, sdk) for sdk in dict.fromkeys(row.sdk for row in rows)},
        "others": [
            {"sdk": row.sdk, "method": row.method, "outcome": row.outcome, "why": row.why}
            for row in rows
            if row.outcome not in (SERVED, UNSERVED)
        ],
    }


def _of_suites(suites: Mapping[str, Suite]) -> dict[str, object]:
    return {
        "suites": {sdk: suite.counts for sdk, suite in suites.items()},
        "failures": {sdk: _failures(suite) for sdk, suite in suites.items()},
        "figures": _figures({sdk: suite.counts for sdk, suite in suites.items()}),
    }


def _figures(suites: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, int]:
    """How many tests of all vendors passed, and how many failed."""
    return {
        f"doors.suite_{outcome}": sum(
            counts.get(outcome, 0) for suite in suites.values() for counts in suite.values()
        )
        for outcome in ("passed", "failed")
    }


def _of(examples: Sequence[Example]) -> dict[str, object]:
    """By vendor, what came of each program, and why."""
    vendors: dict[str, dict[str, dict[str, str]]] = {}
    for one in examples:
        why = because(one.why) or one.why if one.outcome == FAILED else one.why
        vendors.setdefault(one.vendor, {})[one.file] = {"outcome": one.outcome, "why": why}
    return {"examples": vendors}


def _methods(rows: Sequence[Row], sdk: str) -> dict[str, dict[str, int]]:
    """For each resource of one SDK, how many of its methods came to what."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        if row.sdk == sdk:
            counts.setdefault(row.resource, Counter())[row.outcome] += 1
    return {name: {one: count[one] for one in OUTCOMES} for name, count in sorted(counts.items())}


def _failures(suite: Suite) -> dict[str, int]:
    """How many tests failed for which reason."""
    found: Counter[str] = Counter()
    for said, count in suite.failures.items():
        found[because(said) or said] += count
    return dict(found.most_common())
