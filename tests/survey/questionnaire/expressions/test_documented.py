"""Every example of the documentation has the value that stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

import pytest

from survey.questionnaire.expressions.expression import compile_expression
from survey.questionnaire.expressions.faults import ExpressionError
from survey.questionnaire.expressions.functions import FUNCTIONS, REASONS
from survey.questionnaire.expressions.lexer import DIGITS, KEYWORDS, MAX_CHARACTERS
from survey.questionnaire.expressions.syntax import COMPARISONS, MAX_DEPTH, MAX_NODES
from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.expressions.values import LONGEST, Environment, Value, text_of
from tests.support.expressions import value
from tests.support.source import ROOT

TEXT = (ROOT / "docs" / "expressions.md").read_text("utf-8")
CODE = re.compile(r"`([^`]+)`|–")
TODAY = date(2026, 3, 2)


def rows() -> Iterator[dict[str, str]]:
    """Yield the rows of every table, by the names of their columns."""
    names: list[str] = []
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            names = []
        elif not names:
            names = cells
        elif not set(line) <= set("|-"):
            assert len(cells) == len(names), line
            yield dict(zip(names, cells, strict=True))


def bare(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


@cache
def declared() -> Mapping[str, Variable]:
    found = {}
    for row in (row for row in rows() if "Codes" in row):
        name = bare(row["Name"]).removeprefix("${").removesuffix("}")
        kind = Type(row["Type"].removeprefix("list of "))
        codes = tuple(CODE.findall(row["Codes"])) or None
        found[name] = Variable(name, kind, codes, row["Type"].startswith("list"))
    return found


def example_environment() -> Environment:
    values: dict[str, Value] = {}
    missing = {}
    for (name, variable), row in zip(
        declared().items(), (row for row in rows() if "Codes" in row), strict=True
    ):
        given = [code or None for code in CODE.findall(row["Value"])]
        if row["Value"] in REASONS:
            missing[name] = row["Value"]
        elif variable.is_list:
            values[name] = tuple(value(variable.type, code) for code in given)
        elif variable.type is Type.CHOICES:
            values[name] = tuple(given)
        elif given:
            plain = given[0] == "true" if variable.type is Type.BOOLEAN else given[0]
            values[name] = value(variable.type, plain)
    this = values.pop(".")
    return Environment(values, missing, this, TODAY, "so-xd", 2)


def compiled(text: str, wanted: Type | None = None):
    return compile_expression(text, declared(), this=declared()["."], wanted=wanted, rows=True)


def written(kind: Type, found: Value) -> str:
    if found is None:
        return "empty"
    return f"`'{found}'`" if kind is Type.TEXT else f"`{text_of(found)}`"


EXAMPLES = [row for row in rows() if "Example" in row]
REFUSED = [row for row in rows() if row.get("Refused")]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row["Example"])
def test_an_example_gives_what_is_written(row):
    expression = compiled(bare(row["Example"]))

    assert written(expression.type, expression.evaluate(example_environment())) == row["Gives"]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["Code"])
def test_an_example_of_a_fault_is_refused(row):
    with pytest.raises(ExpressionError) as caught:
        compiled(bare(row["Refused"]), Type.BOOLEAN)

    assert [fault.code for fault in caught.value.faults] == [bare(row["Code"])]


def test_every_function_and_operator_is_explained_with_an_example_of_it():
    functions = {}
    for row in EXAMPLES:
        if "Function" in row:
            functions[bare(row["Function"]).partition("(")[0]] = row["Example"]
    operators = {bare(row["Operator"]) for row in EXAMPLES if "Operator" in row}

    assert set(functions) == set(FUNCTIONS)
    assert all(f"{name}(" in example for name, example in functions.items())
    assert operators == {*COMPARISONS, *KEYWORDS, *"+-*/"} - {"true", "false"}


def test_limits_and_reasons_are_those_of_the_code():
    assert f"at most {MAX_CHARACTERS:,} characters, {MAX_NODES} parts, and {MAX_DEPTH} levels" in (
        TEXT
    )
    assert f"more than {LONGEST:,} characters" in TEXT
    assert f"at most {DIGITS} digits" in TEXT
    assert all(f"`{reason}`" in TEXT for reason in REASONS)
