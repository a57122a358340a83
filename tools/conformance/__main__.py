"""`make conformance`: call each method of the vendors' SDKs, run their tests and their examples.

What it finds goes into `benchmarks/conformance.json`, from which `make docs` writes the page. It
fails where a method fails, or a test or an example for a reason that nobody has written down.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from conformance.calls import NOT_TRIED, TABLES, helped
from conformance.clients import FAILED, Row, clients, tried
from conformance.examples import Example, examples
from conformance.explained import because
from conformance.house import house
from conformance.obliging import make
from conformance.suites import RESOURCES, Suite, run
from conformance.telling import counted, merged, played, table, told
from seedbed.kit import logs

_METHODS, _TESTS, _EXAMPLES = _PARTS = ("methods", "tests", "examples")
_SOURCE = click.Path(path_type=Path, exists=True)


@click.command()
@click.option("--openai", type=_SOURCE, help="Its unpacked source.")
@click.option("--anthropic", type=_SOURCE, help="The same of it.")
@click.option("--byteplus", type=_SOURCE, help="The same of it.")
@click.option("--volcengine", type=_SOURCE, help="The same of it: a checkout.")
@click.option("--json", "into", type=click.Path(path_type=Path), help="Write it there, too.")
@click.option("--part", "parts", type=click.Choice(_PARTS), multiple=True, default=_PARTS)
def main(into: Path | None, parts: Sequence[str], **sources: Path | None) -> None:
    """Say which methods of the vendors' SDKs are served, and which tests and examples pass."""
    logs.configure(json_lines=True)
    given = {vendor: source.resolve() for vendor, source in sources.items() if source}
    rows = _called() if _METHODS in parts else []
    suites = _tested(given) if _TESTS in parts else {}
    played_ = _played(given) if _EXAMPLES in parts else []
    for line in (*table(rows), *counted(suites), *played(played_)):
        click.echo(line)
    if into is not None:
        before: dict[str, Any] = json.loads(into.read_text()) if into.exists() else {}
        now = merged(before, told(rows, suites, played_))
        into.write_text(json.dumps(now, indent=1) + "\n")
    _complain(rows, suites, played_)


def _called() -> list[Row]:
    """Each method of each client."""
    with house() as at:
        return [
            row
            for client in clients(at)
            for row in tried(client, TABLES[client[0]], NOT_TRIED, partial(helped, at))
        ]


def _tested(sources: Mapping[str, Path]) -> dict[str, Suite]:
    """The tests of the vendors that have any."""
    suites: dict[str, Suite] = {}
    for sdk in RESOURCES:
        if sdk in sources:
            with house() as at:
                suites[sdk] = run(sdk, sources[sdk], at)
    return suites


def _played(sources: Mapping[str, Path]) -> list[Example]:
    """The vendors' examples, with a model that does what it is asked."""
    with house(make) as at, at.worker():
        return [one for vendor in sources for one in examples(vendor, sources[vendor], at)]


def _complain(rows: Sequence[Row], suites: Mapping[str, Suite], played_: Sequence[Example]) -> None:
    """Say last what must not be, and fail."""
    wrong = [f"{row.sdk} {row.method}: {row.why}" for row in rows if row.outcome == FAILED]
    failures = [(sdk, said) for sdk, suite in suites.items() for said in suite.failures]
    failures += [(one.vendor, one.why) for one in played_ if one.outcome == FAILED]
    wrong += [
        f"{whose}: not in tools/conformance/explained.py: {said}"
        for whose, said in failures
        if because(said) is None
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
