"""Print the shape of the house, for people to look at; nothing fails here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
MOST = 10


def main() -> None:
    """Measure and print."""
    files = sorted(SOURCE.rglob("*.py"))
    trees = {path: ast.parse(path.read_text()) for path in files}
    lengths = {path: len(path.read_text().splitlines()) for path in files}
    middle = sorted(lengths.values())[len(lengths) // 2]
    print(f"{len(files)} files, {sum(lengths.values()):,} lines, median {middle}\n")
    _print("longest files (look again at 300)", {str(_short(p)): n for p, n in lengths.items()})
    _print("longest functions, in lines", dict(_functions(trees)))
    loops = _loops(trees)
    print(f"import loops: {len(loops)}")
    for loop in loops:
        print(f"  {' -> '.join(loop)}")
    print()
    print("suppressions")
    for path in [*files, *sorted((ROOT / "tests").rglob("*.py"))]:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if found := re.search(r"# (noqa|type: ignore|pyright: ignore).*", line):
                print(f"  {_short(path)}:{number}  {found.group()}")


def _short(path: Path) -> Path:
    return path.relative_to(ROOT)


def _print(title: str, sizes: dict[str, int]) -> None:
    print(title)
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:MOST]:
        print(f"  {size:5}  {name}")
    print()


def _functions(trees: dict[Path, ast.Module]) -> Iterator[tuple[str, int]]:
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{_short(path)}:{node.lineno} {node.name}", length


def _loops(trees: dict[Path, ast.Module]) -> list[list[str]]:
    """Every loop of imports, those made inside functions included, each from its first name."""
    edges = {_module(path): _imports(tree) for path, tree in trees.items()}
    edges = {name: sorted(found & edges.keys()) for name, found in edges.items()}
    loops: set[tuple[str, ...]] = set()

    def follow(name: str, path: list[str]) -> None:
        for target in edges[name]:
            if target in path:
                loop = path[path.index(target) :]
                first = loop.index(min(loop))
                loops.add((*loop[first:], *loop[:first]))
            elif target > path[0]:
                follow(target, [*path, target])

    for name in edges:
        follow(name, [name])
    return [list(loop) for loop in sorted(loops)]


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


if __name__ == "__main__":
    main()
