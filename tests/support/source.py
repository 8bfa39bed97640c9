"""The project's own source text, read but not run: what the rules of the house are tested on."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"


@dataclass(frozen=True)
class Module:
    """One Python file of ours."""

    path: Path
    name: str

    @cached_property
    def text(self) -> str:
        """Return the source."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree."""
        return ast.parse(self.text, str(self.path))

    @property
    def place(self) -> str:
        """Return the path from the project's root."""
        return self.path.relative_to(ROOT).as_posix()

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield line and full dotted name of everything imported, at any depth."""
        yield from self._imports_in(self.tree)

    def late_imports(self) -> Iterator[tuple[int, str]]:
        """Yield those of the imports that wait until a function is called."""
        for function in self.functions():
            yield from self._imports_in(function)

    def _imports_in(self, tree: ast.AST) -> Iterator[tuple[int, str]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        parts = package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, node.module] if node.module else parts)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@lru_cache
def modules() -> tuple[Module, ...]:
    """Return the modules of `survey`, `analysis` and `wsgi`, sorted by name."""
    paths = [ROOT / "wsgi.py", *(ROOT / "survey").rglob("*.py"), *(ROOT / "analysis").rglob("*.py")]
    return tuple(sorted((Module(p, _name(p)) for p in paths if p.exists()), key=lambda m: m.name))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@lru_cache
def templates() -> tuple[Path, ...]:
    """Return every template, sorted."""
    return tuple(sorted(p for p in TEMPLATES.rglob("*") if p.is_file()))


@lru_cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that git keeps, or would keep at the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return tuple(p for p in (ROOT / name for name in sorted(names) if name) if p.is_file())


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function's body has, without its docstring."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
