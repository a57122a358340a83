"""`make conformance`: call each method of the vendors' SDKs, run their tests, and write it down.

What it finds goes into `benchmarks/conformance.json`, from which `make docs` writes the page. It
fails where a method fails, or a test for a reason that nobody has written down.
"""

import json
from functools import partial
from pathlib import Path

import click

from conformance.calls import NOT_TRIED, TABLES, helped
from conformance.clients import FAILED, Row, clients, tried
from conformance.explained import because
from conformance.house import house
from conformance.suites import Suite, run
from conformance.telling import counted, table, told
from seedbed.kit import logs


@click.command()
@click.option("--openai", type=click.Path(path_type=Path, exists=True), help="Its unpacked source.")
@click.option("--anthropic", type=click.Path(path_type=Path, exists=True), help="The same of it.")
@click.option("--json", "into", type=click.Path(path_type=Path), help="Write it there, too.")
def main(openai: Path | None, anthropic: Path | None, into: Path | None) -> None:
    """Say which methods of the vendors' SDKs are served here, and which tests of theirs pass."""
    logs.configure(json_lines=True)
    rows: list[Row] = []
    suites: dict[str, Suite] = {}
    with house() as at:
        for client in clients(at):
            rows += tried(client, TABLES[client[0]], NOT_TRIED, partial(helped, at))
    for sdk, source in (("openai", openai), ("anthropic", anthropic)):
        if source is not None:
            with house() as at:
                suites[sdk] = run(sdk, source.resolve(), at)
    for line in (*table(rows), *counted(suites)):
        click.echo(line)
    if into is not None:
        into.write_text(json.dumps(told(rows, suites), indent=1) + "\n")
    _complain(rows, suites)


def _complain(rows: list[Row], suites: dict[str, Suite]) -> None:
    """Say last what must not be, and fail."""
    wrong = [f"{row.sdk} {row.method}: {row.why}" for row in rows if row.outcome == FAILED]
    for sdk, suite in suites.items():
        new = [said for said in suite.failures if because(said) is None]
        wrong += [f"{sdk}: not in tools/conformance/explained.py: {said}" for said in new]
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
