"""The log: newest first, by pages, filtered; and nobody changes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DatabaseError

from survey import audit
from survey.administration import queries
from survey.administration.queries import EventFilter
from tests.support.pages import elements, parse, text

PAGE = "/staff/administration/log"
START = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # 2 March, 00:30 in Hà Nội


@pytest.fixture
def events(session):
    for number in range(120):
        audit.record(
            session,
            actor="an" if number % 2 else "binh",
            at=START + timedelta(minutes=number),
            action="campaign.created" if number % 3 else "thing.unheard_of",
            thing=f"XHH-{number:03d}",
            rows=number,
        )
    session.commit()


def rows_of(response):
    table = elements(parse(response.text)[0], "tbody")[0]
    return [text(row) for row in elements(table, "tr")]


def test_the_newest_events_come_first_fifty_a_page(login, session, events):
    client = login("administrator")
    first, last = client.get(PAGE), client.get(f"{PAGE}?page=3")

    assert len(rows_of(first)) == 50
    assert "administrator" in rows_of(first)[0]  # signing in, just now
    assert "XHH-119" in rows_of(first)[1]
    assert "XHH-000" in rows_of(last)[-1]
    assert "121 sự việc" in first.text


def test_the_filter_narrows_and_is_kept_on_the_way_to_the_next_page(login, events):
    client = login("administrator")

    found = client.get(f"{PAGE}?actor=an&action=campaign.created")

    assert len(rows_of(found)) == 40
    assert all(" an Tạo đợt điều tra" in row for row in rows_of(found))
    more = client.get(f"{PAGE}?actor=an")
    links = [e.get("href") for e in elements(parse(more.text)[0], "a") if e.get("rel") == "next"]
    assert links == [f"{PAGE}?actor=an&page=2"]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (EventFilter(thing="xhh-00"), 10),
        (EventFilter(thing="%"), 0),
        (EventFilter(thing="_"), 0),
        (EventFilter(actor="' OR 1=1 --"), 0),
        (EventFilter(first_day=START.date() + timedelta(days=1)), 120),
        (EventFilter(last_day=START.date()), 0),
        (EventFilter(first_day=START.date() + timedelta(days=2)), 0),
    ],
)
def test_days_are_days_in_vietnam_and_signs_are_only_signs(session, events, wanted, count):
    assert queries.event_page(session, wanted, 1).total == count


@pytest.mark.parametrize("query", ["page=0", "page=-5", "page=x", "page=99999999999999999999"])
def test_a_page_that_is_not_there_is_the_nearest_one(login, events, query):
    assert rows_of(login("administrator").get(f"{PAGE}?{query}"))


@pytest.mark.parametrize("query", ["from=yesterday", "to=31/12/2026", "actor=%00", "thing=%F0%9F"])
def test_a_filter_that_says_nothing_is_no_error_of_ours(login, query):
    assert login("administrator").get(f"{PAGE}?{query}").status_code in {200, 404}


def test_an_action_has_words_and_an_unknown_one_its_code(login, events):
    page = login("administrator").get(f"{PAGE}?lang=en").text

    assert "Create a campaign" in page
    assert "thing.unheard_of" in page
    assert "rows: 119" in page


def test_an_empty_log_says_so(login):
    page = login("administrator").get(f"{PAGE}?actor=khong-co").text

    assert "Không có sự việc nào khớp với bộ lọc." in page


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"]
)
def test_the_database_refuses_to_change_the_log(session, events, statement):
    with pytest.raises(DatabaseError):
        session.execute(sql(statement))
    session.rollback()
