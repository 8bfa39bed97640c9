"""The small language in which the cases name variables and domains."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

FIVE = {"1": 0.0, "2": 0.25, "3": 0.5, "4": 0.75, "5": 1.0}
_OPERATIONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.And: operator.and_,
    ast.Or: operator.or_,
}


@dataclass(frozen=True)
class Variable:
    """A column of the frame by its name, and the rows of its domain, if any."""

    frame: pd.DataFrame
    name: str
    where: np.ndarray | None


def evaluate(frame: pd.DataFrame, text: str) -> Any:
    """Value of an expression of columns, numbers and quoted texts."""
    return _value(frame, ast.parse(text.strip(), mode="eval").body)


def _value(frame: pd.DataFrame, node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(frame, node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        both = _value(frame, node.left), _value(frame, node.right)
        return _OPERATIONS[type(node.op)](*both)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATIONS:
        both = _value(frame, node.left), _value(frame, node.comparators[0])
        return _OPERATIONS[type(node.ops[0])](*both)
    if isinstance(node, ast.BoolOp):
        found = _value(frame, node.values[0])
        for each in node.values[1:]:
            found = _OPERATIONS[type(node.op)](found, _value(frame, each))
        return found
    raise ValueError(f"cannot read the expression {ast.unparse(node)!r}")


def names_in(text: str) -> list[str]:
    """Columns that an expression reads."""
    return [node.id for node in ast.walk(ast.parse(text.strip())) if isinstance(node, ast.Name)]


def plain(text: str) -> str:
    """A name without the remarks in brackets, or after a comma, that follow it."""
    return re.sub(r"\s*\(.*\)\s*$", "", text).split(", ")[0].strip()


def domain(frame: pd.DataFrame, text: str) -> np.ndarray:
    """(R,) rows for which a condition holds."""
    return np.asarray(evaluate(frame, text), dtype=np.bool_)


def score(column: pd.Series, coefficients: Mapping[str, float]) -> pd.Series:
    """Coefficients of answer codes, missing where there is no answer."""
    return column.map({int(code): float(value) for code, value in coefficients.items()})


def variable(
    frame: pd.DataFrame, text: str, coefficients: Mapping[str, float] | None = None
) -> Variable:
    """Read "[name =] variable [in column level] [where condition]" into a column."""
    where = None
    if " where " in text:
        text, condition = text.split(" where ")
        where = domain(frame, condition)
    inside = re.fullmatch(r"(.*) in (\w+) (\w+)", text)
    if inside:
        text, column, level = inside.groups()
        where = (frame[column].astype(str) == level).to_numpy()
    named = re.fullmatch(r"\s*(\w+) = (.*)", text)
    name, body = named.groups() if named else ("", text)
    body = plain(body)
    if body in frame.columns and not name:
        return Variable(frame, body, where)
    name = name or "y"
    return Variable(frame.assign(**{name: _column(frame, body, coefficients)}), name, where)


def _column(
    frame: pd.DataFrame, body: str, coefficients: Mapping[str, float] | None
) -> "pd.Series[Any]":
    if body.startswith("coefficient of "):
        return score(frame[body.removeprefix("coefficient of ")], coefficients or FIVE)
    body = body.removeprefix("1 if ")
    known = frame[names_in(body)].notna().all(axis=1)
    return evaluate(frame, body).astype(float).where(known)
