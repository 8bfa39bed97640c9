"""The framework file: stored whole with its rules, or refused with every reason."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from survey.administration.services import load_organisation
from survey.clock import now
from survey.errors import InvalidError
from survey.model.audit import AuditEvent
from survey.model.framework import (
    Framework,
    GroupWeight,
    Leaf,
    LeafExemption,
    Mode,
    Period,
    PeriodFramework,
    Rounding,
)
from survey.scoring import queries
from survey.scoring.services import load_framework
from tests.factories import make_world
from tests.support.definitions import FRAMEWORK, ORGANISATION, changed, put, remove

PAGE = "/staff/scoring/"
CRITERIA = ("fields", 0, "criteria")
SURVEY = (*CRITERIA, 1, "leaves", 0)
WEIGHTS = "fields[1].criteria[2].leaves[1].group_weights"


@pytest.fixture
def organisation(session):
    load_organisation(session, ORGANISATION, actor="an", at=now())


def load(session, *changes):
    return load_framework(session, changed(FRAMEWORK, *changes), actor="an", at=now())


def upload(client, raw):
    data = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return client.submit(PAGE, {"file": (io.BytesIO(data), "khung.json")})


def test_everything_in_the_file_is_stored(session, organisation):
    framework = load(session)

    assert (framework.decision_no, framework.decision_date) == ("1/QĐ-THU", date(2025, 12, 28))
    leaves = queries.leaves_of(session, framework.id)
    assert [(leaf.code, leaf.mode, leaf.level, str(leaf.max_points)) for leaf in leaves] == [
        ("1.1", Mode.APPRAISED, "criterion", "2"),
        ("1.2.1", Mode.SURVEY, "subcriterion", "1.50"),
        ("1.2.2", Mode.EXTERNAL, "subcriterion", "0.5"),
    ]
    weights = session.scalars(select(GroupWeight.weight)).all()
    assert sorted(weights) == [Decimal("0.4"), Decimal("0.6")]
    exemption = session.scalars(select(LeafExemption)).one()
    assert (exemption.reason, exemption.approved_by) == ("Không được giao việc này", "Ban X")
    assert session.scalars(select(Period.year)).all() == [2026]
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "framework.loaded")).one()
    assert event.details["applies_to"] == ["2026/CUC"]


def test_options_that_a_file_leaves_out_have_their_usual_values(session, organisation):
    framework = load(session)

    assert (framework.min_valid, framework.decimals, framework.rounding) == (5, 2, Rounding.HALF_UP)
    assert framework.exclude_self is True
    assert framework.rank_precision is None


def test_options_are_stored_as_the_file_says(session, organisation):
    options = {"rounding": "down", "decimals": 3, "rank_precision": 2, "exclude_self": False}

    framework = load(session, put(options, "options"))

    assert (framework.rounding, framework.decimals) == (Rounding.DOWN, 3)
    assert (framework.rank_precision, framework.exclude_self) == (2, False)


def test_the_total_may_be_any_and_is_shown_by_mode(session, organisation):
    line = queries.framework_line(session, load(session).id)

    assert line.total == 4
    assert line.by_mode == {
        Mode.APPRAISED: 2,
        Mode.SURVEY: Decimal("1.5"),
        Mode.EXTERNAL: Decimal("0.5"),
    }


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (remove("version"), "version"),
        (put("1", "version"), "version"),
        (put(True, "version"), "version"),
        (remove("decision"), "decision.no"),
        (put("", "decision", "no"), "decision.no"),
        (put("28/12/2025", "decision", "date"), "decision.date"),
        (put("average", "options", "pooling"), "options.pooling"),
        (put(["by_group"], "options", "pooling"), "options.pooling"),
        (put(0, "options", "min_valid"), "options.min_valid"),
        (put(101, "options", "blank_percent"), "options.blank_percent"),
        (put(9, "options", "min_valid"), "options.min_valid_points"),
        (put(7, "options", "decimals"), "options.decimals"),
        (put(1.5, "options", "decimals"), "options.decimals"),
        (put("yes", "options", "exclude_self"), "options.exclude_self"),
        (put(1, "options", "colour"), "options"),
        (put([], "fields"), "fields"),
        (put("1", *CRITERIA, 0, "leaves"), "fields[1].criteria[1].leaves"),
        (put("survey", *CRITERIA, 1, "mode"), "fields[1].criteria[2]"),
        (remove(*CRITERIA, 0, "mode"), "fields[1].criteria[1].mode"),
        (put("other", *CRITERIA, 0, "mode"), "fields[1].criteria[1].mode"),
        (put(2, *CRITERIA, 0, "max_points"), "fields[1].criteria[1].max_points"),
        (put("2,5", *CRITERIA, 0, "max_points"), "fields[1].criteria[1].max_points"),
        (put("-1", *CRITERIA, 0, "max_points"), "fields[1].criteria[1].max_points"),
        (put("0.0", *CRITERIA, 0, "max_points"), "fields[1].criteria[1].max_points"),
        (put("1e9", *CRITERIA, 0, "max_points"), "fields[1].criteria[1].max_points"),
        (put("1.2.1", *CRITERIA, 0, "code"), "leaves"),
        (put("1.1", *CRITERIA, 1, "code"), "criteria"),
        (put("0.5", *SURVEY, "group_weights", "NB"), WEIGHTS),
        (put("0.60000001", *SURVEY, "group_weights", "NB"), WEIGHTS),
        (put({}, *SURVEY, "group_weights"), WEIGHTS),
        (put({"XX": "1"}, *SURVEY, "group_weights"), WEIGHTS),
        (put({"NB": "1"}, *CRITERIA, 0, "group_weights"), "fields[1].criteria[1].group_weights"),
        (put("9.9", "exemptions", 0, "leaf"), "exemptions[1].leaf"),
        (put("Z", "exemptions", 0, "unit"), "exemptions[1].unit"),
        (put("CUC", "exemptions", 0, "block"), "exemptions[1]"),
        (remove("exemptions", 0, "unit"), "exemptions[1]"),
        (put(" ", "exemptions", 0, "reason"), "exemptions[1].reason"),
        (remove("exemptions", 0, "approved_by"), "exemptions[1].approved_by"),
        (put("Z", "applies_to", 0, "block"), "applies_to[1].block"),
        (put(1899, "applies_to", 0, "year"), "applies_to[1].year"),
        (remove("applies_to", 0, "year"), "applies_to[1].year"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_nothing_is_stored(
    session, organisation, change, place
):
    with pytest.raises(InvalidError) as raised:
        load(session, change)

    assert place in {problem.place for problem in raised.value.problems}
    assert session.scalar(select(func.count()).select_from(Framework)) == 0
    assert session.scalar(select(func.count()).select_from(Period)) == 0


def test_every_mistake_is_named_at_once(session, organisation):
    with pytest.raises(InvalidError) as raised:
        load(session, put("Z", "exemptions", 0, "unit"), put("Y", "applies_to", 0, "block"))

    assert len(raised.value.problems) == 2


def test_a_version_is_stored_once_and_the_next_one_takes_its_place(session, organisation):
    load(session)
    with pytest.raises(InvalidError) as raised:
        load(session)
    assert raised.value.problems[0].code == "taken"

    second = load(session, put(2, "version"))

    assert session.scalars(select(PeriodFramework.framework_id)).all() == [second.id]
    assert [line.framework.version for line in queries.framework_lines(session)] == [2, 1]


def test_after_a_launch_the_rules_of_the_year_are_fixed(session, settings):
    make_world(session, settings)
    weights = put({"NB": "1"}, *SURVEY, "group_weights")
    of_world = (weights, put("U3", "exemptions", 0, "unit"))
    load(session, *of_world, put([{"year": 2026, "block": "K"}], "applies_to"))

    later = (put([{"year": 2026, "block": "K"}], "applies_to"), put(2, "version"))
    with pytest.raises(InvalidError) as raised:
        load(session, *of_world, *later)

    assert [problem.code for problem in raised.value.problems] == ["launched"]


def test_the_page_takes_a_file_and_shows_tree_rules_and_exemptions(login, session, organisation):
    client = login("survey_manager")
    assert "Chưa có bộ tiêu chí nào" in client.get(PAGE).text

    response = upload(client, FRAMEWORK)

    assert response.status_code == 303
    page = client.get(response.location).text
    for shown in (
        "Quyết định số 1/QĐ-THU, 28/12/2025",
        "Chỉ đạo, điều hành",
        "1.2.1",
        "Nội bộ: 0,6",
        "làm tròn nửa lên, 2 chữ số thập phân, chỉ khi công bố",
        "Không được giao việc này",
        "Ban X",
        "Khối cục",
    ):
        assert shown in page
    english = client.get(f"{response.location}?lang=en").text
    assert "half up, 2 decimals, in published figures alone" in english
    assert "Staff: 0.6" in english
    assert "Departments" in english
    assert "Bộ tiêu chí thử (en)" in client.get(PAGE).text


@pytest.mark.parametrize("option", [
    {"pooling": "pooled"}, {"dont_know": "middle"}, {"blank": "invalidate_ballot"},
    {"below_min": "manual"}, {"no_usable_group": "zero"}, {"exclude_self": False},
    {"rounding": "half_even"}, {"rank_precision": 2}, {"tie_rule": "dense"},
])  # fmt: skip
def test_every_option_is_shown_in_words(session, organisation, app, option):
    from survey.scoring.words import rules_of

    usual, other = load(session), load(session, put(2, "version"), put(option, "options"))

    with app.test_request_context():
        before, after = rules_of(usual), rules_of(other)
    assert len([1 for one, two in zip(before, after, strict=True) if one != two]) == 1


def test_a_refused_file_shows_every_problem_with_its_place(login, organisation):
    raw = changed(FRAMEWORK, put("Z", "exemptions", 0, "unit"), put("Y", "applies_to", 0, "block"))

    response = upload(login("survey_manager"), raw)

    assert response.status_code == 422
    assert "exemptions[1].unit" in response.text
    assert "applies_to[1].block" in response.text


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"null", b"[]", b'"x"', b"{}"])
def test_a_file_that_is_no_framework_is_refused(login, data):
    assert upload(login("survey_manager"), data).status_code == 422


def test_a_framework_file_that_is_no_object_has_one_problem(login):
    assert "Tệp chưa được nhận: 1 chỗ cần sửa" in upload(login("survey_manager"), b"[1]").text


def test_analysts_read_and_do_not_load(login, session, organisation):
    key = load(session).id
    client = login("analyst")

    assert "Nạp bộ tiêu chí" not in client.get(PAGE).text
    assert client.get(f"{PAGE}frameworks/{key}").status_code == 200
    assert client.get(f"{PAGE}frameworks/99999").status_code == 404


def copy_of(row, **changes):
    """Return another row that says the same but for the changes."""
    columns = [column.key for column in row.__table__.columns if column.key != "id"]
    return type(row)(**{key: getattr(row, key) for key in columns} | changes)


def leaf_of(session):
    return session.scalars(select(Leaf).where(Leaf.code == "1.2.1")).one()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"min_valid": 0}, "minimums"),
        ({"min_valid_points": 4}, "minimums"),
        ({"blank_percent": 101}, "blank_percent"),
        ({"decimals": 7}, "decimals"),
        ({"rank_precision": 9}, "ranks"),
    ],
)
def test_the_database_refuses_rules_that_make_no_sense(session, organisation, change, constraint):
    session.add(copy_of(load(session), version=99, **change))

    with pytest.raises(IntegrityError, match=f"ck_framework_{constraint}"):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("points", [0, -1])
def test_the_database_refuses_a_leaf_without_points(session, organisation, points):
    load(session)
    session.add(copy_of(leaf_of(session), code="9.9", max_points=Decimal(points)))

    with pytest.raises(IntegrityError, match="ck_leaf_max_points_positive"):
        session.flush()
    session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE framework SET min_valid = 1, min_valid_points = 1",
        "UPDATE leaf SET max_points = '99'",
        "UPDATE leaf SET mode = 'external'",
        "UPDATE criterion SET name = 'x'",
        "UPDATE field SET name = 'x'",
        "UPDATE group_weight SET weight = '0'",
        "UPDATE leaf_exemption SET reason = 'x'",
        "UPDATE period SET year = 1999",
        "DELETE FROM leaf_exemption",
        "DELETE FROM group_weight",
    ],
)
def test_the_database_refuses_to_change_a_framework_that_is_loaded(
    session, organisation, backend, statement
):
    load(session)
    session.commit()

    wanted = "permission denied" if backend == "postgresql" else "never changed or deleted"
    with pytest.raises(DBAPIError, match=wanted):
        session.execute(text(statement))
    session.rollback()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"reason": "", "approved_by": "X", "unit_id": 1}, "explained"),
        ({"reason": "X", "approved_by": "", "unit_id": 1}, "explained"),
        ({"reason": "X", "approved_by": "X"}, "block_or_unit"),
        ({"reason": "X", "approved_by": "X", "unit_id": 1, "block_id": 1}, "block_or_unit"),
    ],
)
def test_the_database_refuses_an_exemption_without_reason_or_with_two_subjects(
    session, organisation, values, constraint
):
    load(session)
    session.add(LeafExemption(leaf_id=leaf_of(session).id, **values))

    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
    session.rollback()


def test_the_database_refuses_a_weight_above_one(session, organisation):
    load(session)
    known = session.scalars(select(GroupWeight)).first()
    other = session.scalars(select(Leaf.id).where(Leaf.code != "1.2.1")).first()
    session.add(copy_of(known, leaf_id=other, weight=Decimal("1.1")))

    with pytest.raises(IntegrityError, match="weight_share"):
        session.flush()
    session.rollback()
