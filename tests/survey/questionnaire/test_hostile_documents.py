"""Documents made to hurt are refused in no time, and told why."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager

import pytest

from survey.errors import DocumentError
from survey.questionnaire import canonical
from survey.questionnaire.parse import parse
from survey.questionnaire.pipes import filled
from survey.questionnaire.reader import MAX_PROBLEMS
from tests.support.questions import around, choices, faults, interview, question, section


@contextmanager
def within(seconds):
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


def codes_of(raw):
    return {code for _, code in faults(raw)}


def test_five_thousand_questions_are_too_many():
    raw = around(
        *(
            section(*(question(f"q{n}a{m}", "integer") for m in range(100)), code=f"s{n}")
            for n in range(50)
        )
    )

    with within(3):
        assert codes_of(raw) == {"too-many"}


def test_ten_thousand_choices_are_too_many_in_a_question_and_allowed_in_a_list():
    many = [{"code": f"c{n}", "label": {"vi": str(n)}} for n in range(10_000)]

    with within(3):
        assert "too-many" in codes_of(around(question("q", "single", choices=many)))
        assert not faults(around(question("q", "single", list="l"), lists={"l": many}))


def test_a_list_has_an_end():
    many = [{"code": f"c{n}", "label": {"vi": "x"}} for n in range(20_001)]

    with within(3):
        assert "too-many" in codes_of(around(question("q", "single", list="l"), lists={"l": many}))


def test_a_hundred_questions_on_one_long_list_with_conditions_take_no_time():
    many = [{"code": f"c{n}", "label": {"vi": "x"}} for n in range(10_000)]
    asked = [question(f"q{n}", "single", list="l", show="answered(${q0})" if n else None)
             for n in range(100)]  # fmt: skip
    asked = [{k: v for k, v in one.items() if v is not None} for one in asked]

    with within(4):
        assert not faults(around(*asked, lists={"l": many}))


@pytest.mark.parametrize(
    "that",
    [
        "x" * 10_000,
        "(" * 10_000,
        "not " * 2_500 + "true",
        "-" * 1_999 + "1 = 1",
        "'" + "a" * 10_000,
        "${a} = 1 and " * 800 + "true",
        "[" * 1_000,
        "\x00",
        "\ud800 = 1",
    ],
)
def test_expressions_of_ten_thousand_characters_are_refused(that):
    with within(1):
        assert faults(around(question("a", "integer"), question("q", "text", show=that)))


def test_thousands_of_expressions_are_too_many():
    checks = [{"that": "${q} = 1", "message": {"vi": "x"}}] * 50
    checks = [check | {"code": f"k{n}"} for n, check in enumerate(checks)]
    raw = around(
        *(section(*(question(f"q{s}x{n}", "integer", checks=[c | {"that": "true"} for c in checks])
                    for n in range(10)), code=f"s{s}") for s in range(12))
    )  # fmt: skip

    with within(3):
        assert "too-many" in codes_of(raw)


def test_conditions_with_many_combinations_do_not_stop_the_parser():
    lists = [question(f"m{n}", "multiple", choices=choices(*"abcdefgh")) for n in range(4)]
    long = " and ".join(f"count_selected(${{m{n}}}) > 9" for n in (0, 1)) + " and true" * 150
    heavy = [question(f"q{n}", "text", show=long) for n in range(200)]
    small = [question(f"i{n}", "integer", minimum=0, maximum=69) for n in range(2)]
    heavy += [question(f"r{n}", "text", show="(${i0} + ${i1}) > 500" + " and true" * 150)
              for n in range(200)]  # fmt: skip

    with within(10):
        faults(around(section(*lists, *small, code="a"), section(*heavy, code="b")))


def test_questions_that_all_wait_for_each_other_are_told_in_time():
    names = [f"q{n}" for n in range(400)]
    that = " or ".join(f"answered(${{{name}}})" for name in names[:70])
    raw = around(*(question(name, "text", show=that) for name in names))

    with within(5):
        assert "cycle" in codes_of(raw)


def test_problems_have_an_end():
    raw = around(question("q", "text")) | {f"k{n}": 1 for n in range(50_000)}

    with within(2), pytest.raises(DocumentError) as refused:
        parse(raw)

    assert len(refused.value.problems) == MAX_PROBLEMS


def test_duplicate_names_are_refused_wherever_they_stand():
    item = {"code": "a", "text": {"vi": "x"}}
    scale = choices("1", "2")
    both = around(question("a", "integer"), question("q", "battery", choices=scale, items=[item]))
    sections = around(section(question("b", "text")), section(question("c", "text")))
    uids = around(question("d", "text", uid="u"), question("e", "text", uid="u"))

    assert ("questions", "repeated") in faults(both)
    assert ("sections", "repeated") in faults(sections)
    assert ("uid", "repeated") in faults(uids)


@pytest.mark.parametrize(
    "code",
    ["", "1a", "A", "a-b", "a__b", "_a", "a_", "a.b", "a b", "á", "__class__", "a" * 65, 5, None,
     "q;drop table", "${a}", "\x00"],
)  # fmt: skip
def test_codes_that_are_no_names_are_refused(code):
    assert "code" in codes_of(around(question(code, "text")))


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: {"a": x}])
def test_deep_nesting_is_refused(wrap):
    deep = 1
    for _ in range(200):
        deep = wrap(deep)

    with within(1), pytest.raises(DocumentError):
        canonical.loads(json.dumps(around(question("q", "text")) | {"intro": deep}))
    with within(1), pytest.raises(DocumentError):
        parse(around(question("q", "text")) | {"intro": deep})


KINDS = (
    "single", "multiple", "battery", "matrix", "rating", "ranking", "cascade", "decimal",
    "constant_sum", "text", "date", "consent", "hidden", "calculated",
)  # fmt: skip
KEYS = (
    "code", "kind", "text", "help", "about", "required", "missing", "show", "checks", "uid",
    "choices", "scale", "list", "order", "filter", "appearance", "items", "minimum", "maximum",
    "decimals", "total", "measure", "least", "most", "max_length", "min_length", "pattern",
    "precision", "earliest", "latest", "version", "source", "value",
)  # fmt: skip
VALUES = (
    None, True, 0, -1, 1.5, 10**30, "", "x", [], [[]], {}, {"vi": 1}, [None], "\x00", "💥" * 99,
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_any_value_under_any_key_is_a_document_or_a_list_of_problems(key):
    for kind in KINDS:
        for value in VALUES:
            faults(around(question("q", kind) | {key: value}))


@pytest.mark.parametrize(
    "key", ["title", "intro", "questions", "show", "repeat", "checks", "order"]
)
@pytest.mark.parametrize("value", [None, True, 1.5, "x", [], [1], {}, {"vi": 1}, {"count": 1}])
def test_any_value_under_any_key_of_a_section_is_judged(key, value):
    faults(around(section(question("q", "text"), code="s") | {key: value}))


@pytest.mark.parametrize("value", ["1e999999999", "1e-999999999", "Infinity", "NaN", "0x10", "1_0"])
def test_numbers_that_would_fill_memory_are_refused(value):
    assert "number" in codes_of(around(question("q", "decimal", minimum=value)))
    assert "number" in codes_of(around(question("q", "decimal", maximum=value)))
    worth = choices("a", "b", coefficient=value)
    assert "coefficient" in codes_of(around(question("q", "single", choices=worth)))


def test_a_language_without_plural_rules_is_no_trouble():
    text = {"vi": "${n, plural, other {# x}}", "qq": "${n, plural, one {# y} other {# z}}"}
    raw = around(question("n", "integer"), question("q", "text", text=text), languages=["vi", "qq"])
    found = interview(raw, {("n", ""): "1"})
    part = found.parts[0]

    assert filled(text, "qq", found, part.section, part.row) == "1 z"
