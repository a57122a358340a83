"""`make conformance`: call each method of the vendors' SDKs, run their tests, and write it down.

What it finds goes into `benchmarks/conformance.json`, from which `make docs` writes the page.
"""

import json
from pathlib import Path

import click

from conformance.calls import NOT_TRIED, TABLES
from conformance.clients import FAILED, Row, clients, tried
from conformance.house import house
from conformance.older import generations
from conformance.suites import Suite, run
from conformance.telling import table, told
from seedbed.kit import logs


@click.command()
@click.option("--openai", type=click.Path(path_type=Path, exists=True), help="A checkout of it.")
@click.option("--anthropic", type=click.Path(path_type=Path, exists=True), help="A checkout of it.")
@click.option("--older", type=click.Path(path_type=Path, exists=True), help="Older ones by name.")
@click.option("--json", "into", type=click.Path(path_type=Path), help="Write it there, too.")
def main(
    openai: Path | None, anthropic: Path | None, older: Path | None, into: Path | None
) -> None:
    """Say which methods of the vendors' SDKs are served here, and which tests of theirs pass."""
    logs.configure(json_lines=True)
    rows: list[Row] = []
    suites: dict[str, Suite] = {}
    with house() as at:
        for client in clients(at):
            rows += tried(client, TABLES[client[0]], NOT_TRIED)
        before = list(generations(older, at)) if older else []
    for sdk, checkout in (("openai", openai), ("anthropic", anthropic)):
        if checkout is not None:
            with house() as at:
                suites[sdk] = run(sdk, checkout.resolve(), at)
    _show(rows, suites)
    for each in before:
        click.echo(f"{each['sdk']} {each['version']}  {', '.join(each['done'])}")
    if into is not None:
        found = told(rows, suites, before)
        into.write_text(json.dumps(found, indent=1) + "\n")
    if any(row.outcome == FAILED for row in rows):
        raise SystemExit(1)


def _show(rows: list[Row], suites: dict[str, Suite]) -> None:
    for line in table(rows):
        click.echo(line)
    for sdk, suite in suites.items():
        for resource, counts in sorted(suite.counts.items()):
            click.echo(f"{sdk} suite  {resource}  {dict(counts)}")
        for reason, count in suite.failures.items():
            click.echo(f"{sdk} suite  {count} failed  {reason}")


if __name__ == "__main__":
    main()
