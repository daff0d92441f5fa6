"""`make shape`: prints the sizes of functions and files of each package, and the ones that stand out. Never fails."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGES = ("cango_ops", "sites", "compute", "treasury", "tests")
LONG_FUNCTION, LONG_FILE = 35, 300
AIM = "aim: function median 8, p95 35 lines; file p95 300 lines"


class Piece(NamedTuple):
    """A file or a function and its lines."""

    lines: int
    where: str


def sources(package: str) -> list[Path]:
    found = (CHECKOUT / package).rglob("*.py")
    return sorted(path for path in found if "migrations" not in path.parts and path.stat().st_size)


def functions(path: Path) -> Iterator[Piece]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield Piece(node.end_lineno - node.lineno + 1, f"{path.relative_to(CHECKOUT)}:{node.lineno} {node.name}")


def p95(sizes: list[int]) -> float:
    return quantiles(sizes, n=20)[-1] if len(sizes) > 1 else sizes[0]


def report(package: str) -> Iterator[str]:
    paths = sources(package)
    files = [Piece(len(path.read_text().splitlines()), str(path.relative_to(CHECKOUT))) for path in paths]
    pieces = [piece for path in paths for piece in functions(path)]
    for name, sizes in (("files", [file.lines for file in files]), ("functions", [piece.lines for piece in pieces])):
        if sizes:
            row = f"{len(sizes):5} median {median(sizes):5.0f}  p95 {p95(sizes):5.0f}  max {max(sizes):5}"
            yield f"{package:10} {name:10} {row}"
    long = [file for file in files if file.lines > LONG_FILE] + [f for f in pieces if f.lines > LONG_FUNCTION]
    for piece in sorted(long, reverse=True)[:10]:
        yield f"    {piece.lines:5} lines  {piece.where}"


def main() -> None:
    print(AIM)
    for package in PACKAGES:
        for line in report(package):
            print(line)


if __name__ == "__main__":
    main()
