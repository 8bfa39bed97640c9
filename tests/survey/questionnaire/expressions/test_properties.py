"""No text and no environment makes the expression language fail."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.questionnaire.expressions.expression import Expression, compile_expression
from survey.questionnaire.expressions.faults import ExpressionError
from survey.questionnaire.expressions.functions import FUNCTIONS
from survey.questionnaire.expressions.lexer import KEYWORDS
from survey.questionnaire.expressions.syntax import parse
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import LIMIT, Environment
from tests.support.random_expressions import NAMES, THIS, Maker, drawn_environment

WORDS = [
    *(f"${{{name}}}" for name in NAMES), *FUNCTIONS, *KEYWORDS, *"()[],.+-*/=<>'\"", "!=", "<=",
    "1", "0.5", "'a'", "\n", "ế", "\ud800", "$", "date('2026-02-30')",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(), max_size=3_000)
LIKELY_TEXT = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
ANY_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.fractions()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(), max_size=5)
    | st.dates()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=4,
)


def compiled(text: str) -> Expression | None:
    try:
        return compile_expression(text, NAMES, this=THIS, wanted=None, rows=True)
    except ExpressionError as error:
        faults = error.faults
    assert faults
    assert all(1 <= fault.column <= len(text) + 1 for fault in faults)
    assert all(fault.message % dict(fault.values) for fault in faults)
    return None


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_an_expression_or_its_faults(text):
    with contextlib.suppress(ExpressionError):
        parse(text)

    compiled(text)


@settings(max_examples=500, deadline=None)
@given(LIKELY_TEXT)
def test_words_in_any_order_are_an_expression_or_its_faults(text):
    expression = compiled(text)

    if expression:
        expression.evaluate(Environment({}))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.dictionaries(st.sampled_from(list(NAMES)), ANY_VALUE), ANY_VALUE)
def test_no_environment_makes_an_expression_fail(seed, values, this):
    random = Random(seed)
    kind = random.choice(list(Type))
    text = Maker(random).expression(kind, 4)
    expression = compile_expression(text, NAMES, this=THIS, wanted=kind, rows=True)

    for environment in (Environment(values, this=this), drawn_environment(random)):
        assert is_of(kind, expression.evaluate(environment))


def is_of(kind: Type, value: object) -> bool:
    """Tell whether a value is empty or of its type, and within its bounds."""
    if value is None:
        return True
    if kind is Type.NUMBER:
        return isinstance(value, Fraction) and max(abs(value.numerator), value.denominator) <= LIMIT
    python = {Type.BOOLEAN: bool, Type.DATE: date, Type.CHOICES: tuple}.get(kind, str)
    return isinstance(value, python)


@pytest.mark.parametrize(
    "value", [1.5, Decimal("NaN"), datetime(2026, 1, 1, tzinfo=UTC), "1", b"1", [], True]
)
def test_a_value_of_another_type_is_empty(value):
    expression = compile_expression("answered(${nu1})", NAMES)

    assert expression.evaluate(Environment({"nu1": value})) is False


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "x" * 10_240,
        "'" + "''" * 5_000,
        "not " * 499 + "1",
        "-" * 2_000,
        "[" * 2_000,
        "if(" * 600,
        "1 or " * 300 + "1",
        "'a' + " * 300 + "1",
        "9" * 2_000,
        "0." + "0" * 1_990,
        "((1)" * 500,
        "${" * 1_000,
        "\u0301" * 2_000,
        "\ud800" * 2_000,
        "\x00" * 1_000_000,
        "concat(" + "'x'," * 400 + "'x')",
        "min(" + ",".join(["min(1)"] * 250) + ")",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_hostile_text_is_refused_at_once(text):
    started = time.perf_counter()

    with pytest.raises(ExpressionError):
        compile_expression(text, NAMES, wanted=Type.BOOLEAN)

    assert time.perf_counter() - started < 0.5


def test_the_costliest_expression_is_evaluated_at_once():
    product = "*".join(["${nu1}"] * 199)
    expression = compile_expression(f"{product} > 0", NAMES)
    numbers = tuple(Fraction(10**60 - n, 10**60 - 2 * n - 1) for n in range(1_000))
    total = compile_expression("sum(${nu1s}) + mean(${nu1s})", NAMES, wanted=Type.NUMBER)
    started = time.perf_counter()

    assert expression.evaluate(Environment({"nu1": numbers[1]})) is False
    assert total.evaluate(Environment({"nu1s": numbers})) is None
    assert time.perf_counter() - started < 0.5


def test_an_expression_says_what_it_uses():
    text = "${nu1} > 1 and missing(${ch1}, 'refused') and . > 1 and today() > ${da1}"

    expression = compile_expression(text, NAMES, this=THIS)

    assert expression.references == {"nu1", "ch1", "da1"}
    assert expression.uses_this
    assert expression.uses_today
    assert not expression.uses_rows
    assert not expression.is_constant
    assert compile_expression("1 + 1 = 2", {}).is_constant
    assert not compile_expression("today() > date('2026-01-01')", {}).is_constant
    assert compile_expression("position() = 1", {}, rows=True).uses_rows
    assert compile_expression("unit() = 'a'", {}, rows=True).type is Type.BOOLEAN
