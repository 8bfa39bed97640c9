"""When the network or the server is away: what was filled in is kept, sent again, and not lost."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.model.ballot import Ballot
from tests.support.visitor import Visitor

KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("xhh", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("pending", { keyPath: "url" });
  opening.onsuccess = () => {
    const all = opening.result.transaction("pending").objectStore("pending").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(JSON.stringify(all.result)); };
  };
})"""
AGE = """(hours) => new Promise((resolve) => {
  const opening = indexedDB.open("xhh", 1);
  opening.onsuccess = () => {
    const store = opening.result.transaction("pending", "readwrite").objectStore("pending");
    const all = store.getAll();
    all.onsuccess = () => {
      for (const one of all.result) store.put({ ...one, at: Date.now() - hours * 3600000 });
      store.transaction.oncomplete = () => { opening.result.close(); resolve(); };
    };
  };
})"""
PENDING = "Chưa xác nhận được"


def kept(page: Page) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(page.evaluate(KEPT))
    return found


def cut(page: Page) -> None:
    """Take the network away for whatever is sent to a form."""
    page.route("**/page/*", lambda route: route.abort())
    page.route("**/check", lambda route: route.abort())


def mend(page: Page) -> None:
    page.unroute("**/page/*")
    page.unroute("**/check")


def test_what_is_not_confirmed_is_kept_and_sent_when_the_server_is_back(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    cut(visitor.page)

    visitor.go_on()
    expect(visitor.page.get_by_role("status").filter(has_text=PENDING)).to_be_visible()
    (parcel,) = kept(visitor.page)
    assert "q_dong_y=2026-1" in str(parcel["body"])
    mend(visitor.page)

    visitor.is_at("thang")
    assert kept(visitor.page) == []
    expect(visitor.page.get_by_text(PENDING)).to_have_count(0)
    visitor.page.go_back()
    visitor.is_at("chon")
    assert visitor.chosen("q_dong_y") == ["2026-1"]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
        {"status": 200, "content_type": "text/html", "body": "<h1>Wi-Fi của khách sạn</h1>"},
        {"status": 200, "content_type": "application/json", "body": "{}"},
    ],
    ids=["a broken proxy", "another page", "no page"],
)
def test_an_answer_that_is_not_ours_confirms_nothing(
    visitor: Visitor, answer: dict[str, object]
) -> None:
    visitor.start()
    visitor.fill_required()
    visitor.page.route("**/page/*", lambda route: route.fulfill(**answer))  # type: ignore[arg-type]

    visitor.go_on()

    expect(visitor.page.get_by_text(PENDING)).to_be_visible()
    visitor.page.unroute("**/page/*")
    visitor.is_at("thang")


def test_the_ballot_is_stored_once_however_often_it_is_sent(
    visitor: Visitor, session: Session
) -> None:
    visitor.start()
    visitor.answer_what_is_required()
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has it, the answer is lost on the way
        route.abort()

    visitor.page.route("**/check", lose_the_first)
    receipt = visitor.hand_in()

    assert lost == [200]
    assert receipt
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Ballot)) == 1


def test_what_was_kept_survives_a_reload(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    page = visitor.page
    cut(page)
    visitor.go_on()
    expect(page.get_by_text(PENDING)).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    mend_at_reload = page.url

    page.unroute("**/page/*")
    page.route("**/page/*", abort_posts)
    page.goto(mend_at_reload)
    expect(page.get_by_text(PENDING)).to_be_visible()
    page.unroute("**/page/*")

    visitor.is_at("thang")
    assert kept(page) == []


def abort_posts(route: Route) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def test_the_door_sends_what_was_kept_and_shows_nobody_what_it_says(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    page = visitor.page
    cut(page)
    visitor.go_on()
    expect(page.get_by_text(PENDING)).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    mend(page)
    page.route("**/page/*", abort_posts)
    page.goto(visitor.world.url)
    page.unroute("**/page/*")

    expect(page.get_by_text("nay đã gửi xong")).to_be_visible()

    assert page.url.endswith(visitor.world.url)
    assert kept(page) == []


def test_nothing_older_than_a_day_is_sent(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    page = visitor.page
    cut(page)
    visitor.go_on()
    expect(page.get_by_text(PENDING)).to_be_visible()
    page.evaluate(AGE, 25)
    page.on("dialog", lambda dialog: dialog.accept())
    mend(page)
    page.route("**/page/*", abort_posts)

    page.goto(visitor.world.url)
    page.wait_for_timeout(500)

    assert kept(page) == []
    expect(page.get_by_text(PENDING)).to_have_count(0)


def test_a_shared_device_keeps_nothing_and_still_sends_again(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(visitor.world.url)
    page.get_by_label("Đây là máy dùng chung").check()
    page.fill("#code", visitor.code)
    visitor.button("Mở phiếu").click()
    visitor.button("Bắt đầu trả lời").click()
    visitor.is_at("chon")
    visitor.fill_required()
    cut(page)

    visitor.go_on()
    expect(page.get_by_text(PENDING)).to_be_visible()
    assert kept(page) == []
    mend(page)

    visitor.is_at("thang")


def test_a_second_press_sends_what_is_there_by_then(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    page = visitor.page
    cut(page)
    visitor.go_on()
    expect(page.get_by_text(PENDING)).to_be_visible()
    visitor.tick("q_doi_tuong", "khac")
    page.wait_for_timeout(1600)
    visitor.go_on()
    page.wait_for_timeout(300)
    (parcel,) = kept(page)
    mend(page)

    visitor.is_at("thang")
    assert "q_doi_tuong=khac" in str(parcel["body"])
    page.go_back()
    visitor.is_at("chon")
    assert visitor.chosen("q_doi_tuong") == ["khac"]


def test_leaving_is_questioned_only_while_something_is_not_confirmed(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    page = visitor.page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == []
    visitor.fill_required()
    cut(page)
    visitor.go_on()
    expect(page.get_by_text(PENDING)).to_be_visible()
    mend(page)
    page.route("**/page/*", abort_posts)

    page.reload()

    assert asked == ["beforeunload"]
