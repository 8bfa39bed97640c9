"""A document walked without the web, from files, by the command."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from survey.cli import main
from survey.errors import AnswerError
from survey.questionnaire.answer_file import answers_in
from survey.questionnaire.document import Missing
from tests.support.questions import around, choices, parsed, question, section
from tests.support.scenarios import read_small, small_documents

DOCUMENT = around(
    section(
        question("k", "single", choices=choices("web", "quay"), text={"vi": "Kênh?", "en": "Way?"}),
        question("t", "integer", missing=["refused"], checks=[
            {"that": ". < 100", "severity": "warning",
             "message": {"vi": "Đúng ${t}?", "en": "Is ${t} right?"}},
            {"that": ". < 200", "message": {"vi": "Quá lớn", "en": "Too much"}},
        ]),
        code="p1",
    ),
    section(question("m", "yes_no", about="units", text={"vi": "${k} ở ${unit}?"}), code="p2",
            show="${k} = 'web'"),
)  # fmt: skip


BALLOT = (
    '{"answers":{"k":"web","t":"42"},"missing":{"blank":["m/B"]},"units":{"A":{"m":"yes"},"B":{}}}'
)


@pytest.fixture
def walk(tmp_path):
    def run(answers, *options, document=DOCUMENT, raw=None):
        (tmp_path / "d.json").write_text(json.dumps(document), "utf-8")
        (tmp_path / "a.json").write_text(raw or json.dumps(answers), "utf-8")
        command = ["questionnaire", "walk", str(tmp_path / "d.json")]
        return CliRunner().invoke(main, [*command, "--answers", str(tmp_path / "a.json"), *options])

    return run


def test_the_path_and_the_ballot_are_printed(walk):
    answers = {"answers": {"k": "web", "t": 42}, "units": {"A": {"m": "yes"}, "B": {}}}

    done = walk(answers, "--lang", "en")

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "1. [p1] p1",
        "   k: Way?",
        "      web (en)",
        "   t: t?",
        "      42",
        "2. [p2] p2",
        "   m: web (en) ở …?",
        "      A: Yes",
        "      B: (blank)",
        BALLOT,
    ]


def test_units_may_be_named_on_the_line(walk):
    done = walk({"answers": {"k": "web"}}, "--units", "X,Y")

    assert '"units":{"X":{},"Y":{}}' in done.stdout


def test_every_error_is_printed_with_its_place(walk):
    answers = {"answers": {"k": "x", "t": "250", "zz": "1"}}

    done = walk(answers, "--lang", "en")

    assert done.exit_code == 1
    assert {line.partition(":")[0] for line in done.stderr.splitlines()} >= {"k", "t", "zz"}
    assert "Too much" in done.stderr
    assert "{" not in done.stdout


def test_a_warning_says_how_it_is_confirmed(walk):
    asked = walk({"answers": {"t": "150"}})
    confirmed = walk({"answers": {"t": "150"}, "confirmed": ["t:check1"]})

    assert asked.exit_code == 1
    assert "t: Đúng 150?" in asked.stderr
    assert '"confirmed": ["t:check1"]' in asked.stderr
    assert confirmed.exit_code == 0


def test_a_reason_may_be_stated(walk):
    done = walk({"answers": {"k": "quay", "t": {"missing": "refused"}}})

    assert '"missing":{"refused":["t"]}' in done.stdout
    assert "(refused)" in done.stdout


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ('{"answers": {"t": 1.5}}', "answers.t: Decimal numbers must be written as texts"),
        ('{"answers": {"t": true}}', "answers.t: An answer must be"),
        ('{"answers": {"t": {"missing": "blank"}}}', "answers.t: An answer must be"),
        ('{"answers": {"t": "1", "t": "2"}}', "t"),
        ('{"answers": {"t": NaN}}', "NaN"),
        ('{"surprise": 1}', "surprise"),
        ('{"answers": []}', "answers"),
        ('{"groups": {"p1": {}}}', "groups.p1"),
        ('{"missing": {"lost": ["t"]}}', "missing.lost"),
        ('{"seed": -1}', "seed"),
        ('{"today": "1/2/2026"}', "today"),
        ("[]", "object"),
        ("{", "JSON"),
    ],
)
def test_a_file_that_holds_no_answers_is_refused(walk, monkeypatch, raw, said):
    monkeypatch.setenv("XHH_LANG", "en")

    done = walk(None, raw=raw)

    assert done.exit_code == 1
    assert said in done.stderr


def test_a_document_that_does_not_parse_is_told(walk):
    done = walk({}, document={**DOCUMENT, "title": 5})

    assert done.exit_code == 1
    assert "title" in done.stderr


def test_values_of_a_ballot_that_follow_are_found_again():
    document = parsed(
        question("door", "hidden", source="channel"),
        question("n", "integer"),
        question("t", "calculated", value="${n} + 1"),
    )

    given = answers_in(document, {"answers": {"door": "code", "n": 1, "t": "99"}})

    assert given.raw == {("n", ""): "1"}
    assert given.context.sources == {"channel": "code"}


def test_every_shape_of_an_answer_is_read():
    document = parsed(question("a", "text"))
    file = {
        "answers": {"a": "x", "b": 5, "c": ["u", 7], "d": None, "e": {"missing": "dont_know"}},
        "units": {"U": {"f": "1"}},
        "groups": {"g": [{"h": "1"}, {"h": "2"}]},
        "missing": {"refused": ["i", "j/U"], "not_asked": ["k"]},
    }

    assert answers_in(document, file).raw == {
        ("a", ""): "x",
        ("b", ""): "5",
        ("c", ""): ("u", "7"),
        ("e", ""): Missing.DONT_KNOW,
        ("f", "U"): "1",
        ("h", "@1"): "1",
        ("h", "@2"): "2",
        ("i", ""): Missing.REFUSED,
        ("j", "U"): Missing.REFUSED,
    }
    with pytest.raises(AnswerError):
        answers_in(document, {"units": []})


@pytest.mark.parametrize("path", small_documents()[:6], ids=lambda path: path.stem)
def test_the_small_documents_walk(walk, path):
    small = read_small(path)
    ballot = next((s["then"]["ballot"] for s in small["scenarios"] if "ballot" in s["then"]), None)

    if ballot is not None:
        assert walk(ballot, document=small["document"]).exit_code == 0
