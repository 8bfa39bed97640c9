"""Whatever is well typed, Python and the browser's mirror agree on it to the last digit."""

from __future__ import annotations

from random import Random

from survey.questionnaire.expressions.expression import compile_expression
from survey.questionnaire.expressions.texts import LATIN, SPACES
from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.expressions.values import Environment
from tests.support.expressions import in_node, plain
from tests.support.random_expressions import NAMES, THIS, Maker, drawn_environment

SEED = 20260302
CASES = 5_000
ENVIRONMENTS = 200
TEXT = {"t": Variable("t", Type.TEXT)}


def as_plain(environment: Environment) -> dict:
    return {
        "values": {name: plain(value) for name, value in environment.values.items()},
        "missing": dict(environment.missing),
        "this": plain(environment.this),
        "today": environment.today.isoformat(),
        "unit": environment.unit,
        "position": environment.position,
    }


def test_random_expressions_have_the_same_value_on_both_sides():
    random = Random(SEED)
    maker = Maker(random)
    environments = [drawn_environment(random) for _ in range(ENVIRONMENTS)]
    cases = []
    for number in range(CASES):
        kind = random.choice(list(Type))
        text = maker.expression(kind, random.randint(1, 4))
        expression = compile_expression(text, NAMES, this=THIS, wanted=kind, rows=True)
        cases.append((expression, environments[number % ENVIRONMENTS]))

    found = in_node([(e.as_json(), as_plain(environment)) for e, environment in cases])

    values = [plain(e.evaluate(environment)) for e, environment in cases]
    wrong = [
        f"{expression.text}: {value!r} and {mirrored!r}"
        for (expression, _), value, mirrored in zip(cases, values, found, strict=True)
        if value != mirrored
    ]
    assert not wrong, "\n".join(wrong[:20])
    assert sum(value is not None for value in values) > CASES / 2


def texts_on_both_sides(call: str, texts: list[str]) -> tuple[list, list]:
    expression = compile_expression(call, TEXT, wanted=None)
    mirrored = in_node([(expression.as_json(), {"values": {"t": text}}) for text in texts])
    return [plain(expression.evaluate(Environment({"t": text}))) for text in texts], mirrored


def test_every_latin_letter_has_the_same_small_and_capital_form():
    letters = [chr(point) for part in LATIN for point in part]
    for call in ("lower(${t})", "upper(${t})"):
        python, mirrored = texts_on_both_sides(call, letters)

        assert python == mirrored


def test_the_same_characters_are_spaces():
    texts = [f"{chr(point)}x{chr(point)}" for point in [*range(0x3100), 0xFEFF]]

    python, mirrored = texts_on_both_sides("trim(${t}) = 'x'", texts)

    assert python == mirrored
    assert sum(python) >= len(SPACES)


def test_numbers_are_written_alike():
    random = Random(SEED)
    texts = [f"{random.randint(-(10**7), 10**7)}.{random.randint(0, 10**7)}" for _ in range(2_000)]

    python, mirrored = texts_on_both_sides("text(number(${t}) / 7)", texts)

    assert python == mirrored


def test_a_text_that_outgrows_what_is_kept_is_empty_on_both_sides():
    texts = ["x" * 100_000, "x" * 100_001, "👍" * 100_000, "👍" * 100_001, "x" * 60_000]
    for call in ("answered(${t})", "answered(concat(${t}, ${t}))"):
        python, mirrored = texts_on_both_sides(call, texts)

        assert python == mirrored
