"""Write the generated parts of the docs, or with `--check` see that they are true.

A generated part stands between `<!-- made: NAME -->` and `<!-- end -->`.
"""

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import click

from seedbed.api import problems
from seedbed.api.job_body import JobBody, ResumeBody
from seedbed.api.openai import wire
from seedbed.cli.main import group
from seedbed.core import errors
from seedbed.core.scene.form import scene_schema

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "seedbed"
PART = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def main() -> int:
    """Rewrite, or check."""
    check = "--check" in sys.argv
    stale: list[str] = []
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text()
        made = PART.sub(lambda m: f"{m[1]}{PARTS[m[2]]()}\n{m[3]}", text)
        if made != text:
            stale.append(f"{path.relative_to(ROOT)} is not what `make docs` writes")
            if not check:
                path.write_text(made)
    stale = stale if check else []
    stale += [*_broken_links(), *_unnamed_fields()]
    for line in stale:
        print(line)
    return int(bool(stale))


def _errors() -> str:
    tree = (errors.__doc__ or "").split("\n\n")[1]
    rows = ["```", *(line.removeprefix("    ") for line in tree.splitlines()), "```", ""]
    rows += ["| code | status | class | when |", "|---|--:|---|---|"]
    for name in re.findall(r"^\W*(\w+)", tree, re.MULTILINE):
        kind: type[errors.SeedbedError] = getattr(errors, name)
        status = next(problems.STATUS[k] for k in kind.__mro__ if k in problems.STATUS)
        status = "" if issubclass(kind, errors.SetupIncomplete) else status
        when = (kind.__doc__ or "").splitlines()[0]
        rows.append(f"| `{kind.code}` | {status} | `{kind.__name__}` | {when} |")
    return "\n".join(rows)


def _settings() -> str:
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    body = _class(SOURCE / "settings.py", "Settings").body
    for line, after in pairwise(body):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            default = ast.unparse(line.value) if line.value else "~/.seedbed"
            rows.append(f"| `{line.target.id}` | `{default}` | {_said(after)} |")
    return "\n".join(rows)


def _class(path: Path, name: str) -> ast.ClassDef:
    nodes = ast.walk(ast.parse(path.read_text()))
    return next(node for node in nodes if isinstance(node, ast.ClassDef) and node.name == name)


def _said(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return " ".join(str(node.value.value).split())
    raise SystemExit(f"line {node.lineno} of settings.py: a setting is followed by what it is")


def _commands() -> str:
    return "\n\n".join(_helps(group, "seedbed"))


def _helps(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, max_content_width=96, terminal_width=96)
    yield f"## `{name}`\n\n```\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            if inner is not None:
                yield from _helps(inner, f"{name} {word}")


def _events() -> str:
    rows = ["| event | level | facts | told by |", "|---|---|---|---|"]
    found = sorted({row for path in SOURCE.rglob("*.py") for row in _told(path)})
    return "\n".join([*rows, *found])


def _told(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="log"), attr=level),
                args=[ast.Constant(value=event)],
                keywords=keywords,
            ):
                facts = dict.fromkeys(keyword.arg for keyword in keywords if keyword.arg)
                place = path.relative_to(SOURCE)
                yield f"| `{event}` | {level} | {', '.join(facts)} | `{place}` |"
            case _:
                pass


def _broken_links() -> Iterator[str]:
    for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        for target in LINK.findall(path.read_text()):
            if not (path.parent / target).exists():
                yield f"{path.relative_to(ROOT)} points to {target}, which is not there"


def _unnamed_fields() -> Iterator[str]:
    page = (DOCS / "reference" / "http.md").read_text()
    calls = wire.ChatBody, wire.CompletionBody, wire.EmbeddingBody, wire.RerankBody
    for body in (*calls, JobBody, ResumeBody):
        for field in body.__struct_fields__:
            if f"`{field}`" not in page:
                yield f"docs/reference/http.md does not name the field {field!r}"


def _scene() -> str:
    """Every record of a Scene with its fields, as its JSON schema tells them."""
    shapes = cast("dict[str, Any]", scene_schema()["$defs"])
    parts: list[str] = []
    for name, shape in shapes.items():
        rows = [f"### {name}", "", shape["description"], "", "| field | what may stand there |"]
        rows.append("|---|---|")
        for field, told in shape["properties"].items():
            needed = " (needed)" if field in shape["required"] else ""
            rows.append(f"| `{field}`{needed} | {_may_be(told)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def _may_be(told: dict[str, Any]) -> str:
    """A JSON schema of a field, in words."""
    match told:
        case {"anyOf": each}:
            return " or ".join(_may_be(one) for one in each)
        case {"$ref": ref}:
            name = ref.split("/")[-1]
            return f"[{name}](#{name.lower()})"
        case {"enum": each}:
            return ", ".join(f"`{one}`" for one in each)
        case {"type": "array", "items": one}:
            most = f", {told['maxItems']} at most" if "maxItems" in told else ""
            return f"list of {_may_be(one)}{most}"
        case {"type": kind, "minimum": least, "maximum": most}:
            return f"{kind} from {least} to {most}"
        case {"type": kind, "maxLength": most}:
            return f"{kind} of {most:,} characters at most"
        case {"type": kind, "pattern": pattern}:
            return f"{kind} like `{pattern.removeprefix('^(?:').removesuffix(')$')}`"
        case _:
            return str(told["type"])


def _figures() -> str:
    """What was last measured, from `benchmarks`; a file there is what a command wrote."""
    told = json.loads((ROOT / "benchmarks" / "engines.json").read_text())
    rows = ["| figure | streams | bare | ours | kept |", "|---|--:|--:|--:|--:|"]
    for row in told["runs"]["rows"]:
        name = f"engines.{row['engine']}.{row['workload']}"
        bare, ours = row["bare_tokens_per_cpu_second"], row["ours_tokens_per_cpu_second"]
        rows.append(f"| `{name}` | {row['streams']} | {bare} | {ours} | {row['kept']:.3f} |")
    runs = told["runs"]
    told_of = f"{runs['model']}, {runs['turns']} turns, {told['machine']}, {runs['on']}."
    return "\n".join([*rows, "", told_of])


def _gateway() -> str:
    """What the gateway cost in the last run, a column for each who was measured beside it."""
    return _columns("gateway")


def _jobs() -> str:
    """What jobs cost and what kills did to them in the last run, beside dbos."""
    return _columns("jobs")


def _serving() -> str:
    """What an answer cost in the last run, beside the engines' own servers."""
    return _columns("serving")


def _media() -> str:
    """What pictures and films cost in the last run, beside the libraries alone."""
    measured = (ROOT / "benchmarks" / "media.json").exists()
    return _columns("media") if measured else "Not measured yet: `make bench` does."


def _doors() -> str:
    """What each vendor's door cost in the last run, beside OpenAI's."""
    measured = (ROOT / "benchmarks" / "doors.json").exists()
    return _columns("doors") if measured else "Not measured yet: `make bench` does."


def _columns(of: str) -> str:
    told = json.loads((ROOT / "benchmarks" / f"{of}.json").read_text())
    runs, names = told["runs"], told["runs"]["targets"]
    rows = [f"| | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    rows += [f"| {' | '.join(line)} |" for line in runs["table"]]
    rows += ["", "| figure | |", "|---|--:|"]
    for name, figure in told["figures"].items():
        rows.append(f"| `{name}` | {'none' if figure is None else f'{figure:g}'} |")
    rows += ["", *(f"- {sentence}" for sentence in runs["losses"])]
    return "\n".join([*rows, "", f"{runs['rounds']} rounds, {told['machine']}, {runs['on']}."])


def _conformance() -> str:
    """What the vendors' SDKs and their own tests found in the last run."""
    told = json.loads((ROOT / "benchmarks" / "conformance.json").read_text())
    rows: list[str] = []
    for sdk, resources in told["methods"].items():
        outcomes = list(next(iter(resources.values())))
        rows += [f"### `{sdk}`", "", f"| resource | {' | '.join(outcomes)} |"]
        rows += [f"|---|{'--:|' * len(outcomes)}"]
        total = {one: sum(counts[one] for counts in resources.values()) for one in outcomes}
        for name, counts in [*resources.items(), ("all", total)]:
            rows.append(f"| {name} | {' | '.join(str(counts[one] or '') for one in outcomes)} |")
        rows.append("")
    rows += ["| method | outcome | why |", "|---|---|---|"]
    for other in told["others"]:
        rows.append(
            f"| `{other['sdk']}` `{other['method']}` | {other['outcome']} | {other['why']} |"
        )
    return "\n".join([*rows, "", *_suites(told), *_examples(told)])


def _suites(told: dict[str, Any]) -> Iterator[str]:
    """What the vendors' own tests found."""
    for sdk, resources in told["suites"].items():
        yield from (f"### The tests of `{sdk}`", "", "| resource | passed | failed | skipped |")
        yield "|---|--:|--:|--:|"
        for name, counts in sorted(resources.items()):
            outcomes = (str(counts.get(one, "")) for one in ("passed", "failed", "skipped"))
            yield f"| {name} | {' | '.join(outcomes)} |"
        yield from ("", "| failed | because |", "|--:|---|")
        for because, count in told["failures"][sdk].items():
            yield f"| {count} | {because} |"
        yield ""


def _examples(told: dict[str, Any]) -> Iterator[str]:
    """What came of the vendors' own examples."""
    for vendor, programs in told.get("examples", {}).items():
        passed = sum(one["outcome"] == "passed" for one in programs.values())
        yield from (f"### The examples of `{vendor}`: {passed} of {len(programs)} passed", "")
        yield from ("| program | outcome | why |", "|---|---|---|")
        for file, one in programs.items():
            yield f"| `{file}` | {one['outcome']} | {one['why']} |"
        yield ""


PARTS: dict[str, Callable[[], str]] = {
    "errors": _errors,
    "settings": _settings,
    "commands": _commands,
    "events": _events,
    "scene": _scene,
    "figures": _figures,
    "gateway": _gateway,
    "doors": _doors,
    "jobs": _jobs,
    "media": _media,
    "serving": _serving,
    "conformance": _conformance,
}

if __name__ == "__main__":
    sys.exit(main())
