"""Small modules, thin views, short functions, shallow nesting."""

from __future__ import annotations

import ast
import statistics
import tomllib
from pathlib import Path

import pytest

from tests.support.source import Module, body_lines, modules

EXCEPTIONS = tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text("utf-8"))
LIMITS = {"module": 400, "view": 25, "body": 50, "nesting": 3}
VERBS = {"route", "get", "post", "put", "delete"}
BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match)


def code() -> list[Module]:
    """Return the modules whose size we choose: migrations are as long as what they change."""
    return [m for m in modules() if not m.name.startswith("survey.migrations.versions")]


def measure_modules() -> dict[str, int]:
    return {m.place: len(m.text.splitlines()) for m in code()}


def measure_views() -> dict[str, int]:
    return {
        f"{m.place}::{f.name}": body_lines(f)
        for m in code()
        if m.path.name == "views.py"
        for f in m.functions()
        if any(is_route(decorator) for decorator in f.decorator_list)
    }


def measure_bodies() -> dict[str, int]:
    return {f"{m.place}::{f.name}": body_lines(f) for m in code() for f in m.functions()}


def measure_nesting() -> dict[str, int]:
    return {f"{m.place}::{f.name}": depth(f.body) for m in code() for f in m.functions()}


def is_route(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in VERBS


def depth(statements: list[ast.stmt]) -> int:
    """Return how deep blocks lie in blocks; an `elif` is no deeper than its `if`."""
    return max((depth_of(s) for s in statements), default=0)


def depth_of(statement: ast.stmt) -> int:
    if not isinstance(statement, BLOCKS):
        return 0
    inner = [depth(s) for s in blocks_of(statement)]
    if isinstance(statement, ast.If) and len(statement.orelse) == 1:
        chained = statement.orelse[0]
        if isinstance(chained, ast.If):
            return max(1 + depth(statement.body), depth_of(chained))
    return 1 + max(inner, default=0)


def blocks_of(statement: ast.stmt) -> list[list[ast.stmt]]:
    found = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
    found += [handler.body for handler in getattr(statement, "handlers", [])]
    found += [case.body for case in getattr(statement, "cases", [])]
    return found


MEASURES = {
    "module": measure_modules,
    "view": measure_views,
    "body": measure_bodies,
    "nesting": measure_nesting,
}


@pytest.mark.parametrize("kind", MEASURES)
def test_nothing_is_larger_than_agreed(kind):
    agreed = EXCEPTIONS[kind]
    wrong = [
        f"{name}: {size}, at most {agreed.get(name, LIMITS[kind])}"
        for name, size in MEASURES[kind]().items()
        if size > agreed.get(name, LIMITS[kind])
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", MEASURES)
def test_the_list_of_exceptions_only_shrinks(kind):
    sizes = MEASURES[kind]()
    spare = [
        f"{name}: now {sizes.get(name, 'gone')}, excepted at {size}"
        for name, size in EXCEPTIONS[kind].items()
        if sizes.get(name, 0) < size or size <= LIMITS[kind]
    ]

    assert not spare, "lower or remove these in exceptions.toml:\n" + "\n".join(spare)


def test_functions_are_short_as_a_rule():
    sizes = sorted(measure_bodies().values())

    assert statistics.median(sizes) <= 8
    assert sizes[int(len(sizes) * 0.9)] <= 30
