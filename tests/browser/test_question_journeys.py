"""Whole forms in a real browser: with the keyboard alone, and without any script."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.model.ballot import Ballot
from tests.factories import World
from tests.support.visitor import Visitor

ANSWERS = {
    "dong_y": "2026-1", "doi_tuong": "dn", "ten_dn": "Dệt may", "truc_tuyen": "yes",
    "kenh": ["web", "dt"], "kenh_tot": "web", "lan": "2", "que": "21", "tinh": "01", "xa": "0102",
    "gioi_thieu": "9", "sao": "4", "mat": "5", "uu_tien": ["b", "a", "c"],
    "deu1": "5", "deu2": "4", "deu3": "kb", "tuoi": "40", "ngay_cho": "2.5",
    "chia1": "50", "chia2": "30", "chia3": "20", "ngay": "2026-03-02", "tu_nam": "2020",
    "gop_y": "Ít giấy tờ hơn", "so_ho_so": "AB1234",
}  # fmt: skip
UNIT = {"diem": "3", "bang1": "5", "bang2": "4", "gap": "yes", "cuoc": "7"}


def only_ballot(session: Session) -> dict[str, object]:
    session.rollback()
    (ballot,) = session.scalars(select(Ballot)).all()
    content: dict[str, object] = json.loads(ballot.answers)
    return content


@pytest.fixture
def plain(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    context = browser.new_context(base_url=live_server, java_script_enabled=False)
    yield context.new_page()
    context.close()


def press_until(page: Page, selector: str, key: str = "Tab") -> None:
    """Press a key until an element has the focus, as one who cannot use a mouse does."""
    for _ in range(150):
        if page.locator(selector).first.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"the keyboard does not reach {selector}")


class Keyboard:
    """Answers with keys alone."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page

    def choose(self, name: str, steps: int = 0) -> None:
        """Reach a group of radio buttons, take its first, and go some steps on."""
        press_until(self.page, f'[name="{name}"]')
        self.page.keyboard.press("Space")
        for _ in range(steps):
            self.page.keyboard.press("ArrowDown")

    def tick(self, selector: str) -> None:
        press_until(self.page, selector)
        self.page.keyboard.press("Space")

    def type(self, selector: str, text: str) -> None:
        press_until(self.page, selector)
        self.page.keyboard.type(text)

    def press(self, name: str) -> None:
        press_until(self.page, f'main button:has-text("{name}"):visible >> nth=-1')
        self.page.keyboard.press("Enter")


@pytest.mark.timeout(300)
def test_the_keyboard_alone_answers_every_kind(visitor: Visitor, session: Session) -> None:
    page, keys = visitor.page, Keyboard(visitor)
    page.goto(visitor.world.url)
    keys.type("#code", visitor.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/intro")
    keys.press("Bắt đầu trả lời")
    visitor.is_at("chon")

    keys.tick("#q_dong_y")
    keys.choose("q_doi_tuong", 1)
    keys.type("#q_ten_dn", "Dệt may")
    keys.choose("q_truc_tuyen")
    keys.tick('[name="q_kenh"][value="web"]')
    keys.tick('[name="q_kenh"][value="dt"]')
    expect(page.locator("#q_kenh_tot")).to_be_visible()
    expect(page.locator('[name="q_kenh_tot"]')).to_have_count(2)
    keys.choose("q_kenh_tot")
    press_until(page, "#q_lan")
    page.keyboard.type("Hai")
    keys.type("#q_que", "da nang")
    page.keyboard.press("Enter")
    keys.type("#q_tinh", "ha noi")
    page.keyboard.press("Enter")
    expect(page.locator("#q_xa")).to_be_visible()
    press_until(page, "#q_xa")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    keys.press("Tiếp tục")
    visitor.is_at("thang")

    keys.choose("q_gioi_thieu", 9)
    keys.choose("q_sao", 3)
    keys.choose("q_mat", 4)
    for unit in ("U2", "U3"):
        keys.choose(f"q_diem__{unit}", 2)
    for code, rank in zip("abc", "213", strict=True):
        press_until(page, f'[name="q_uu_tien--{code}"]')
        page.keyboard.type(rank)
    for item, steps in (("deu1", 0), ("deu2", 1), ("deu3", 5)):
        keys.choose(f"q_{item}", steps)
    for item, steps in (("bang1", 0), ("bang2", 1), ("gap", 0)):
        for unit in ("U2", "U3"):
            keys.choose(f"q_{item}__{unit}", steps)
    keys.press("Tiếp tục")
    visitor.is_at("so")

    keys.type("#q_tuoi", "40")
    keys.type("#q_ngay_cho", "2,5")
    for unit in ("U2", "U3"):
        keys.type(f"#q_cuoc__{unit}", "7")
    for item, points in (("chia1", "50"), ("chia2", "30"), ("chia3", "20")):
        keys.type(f"#q_{item}", points)
    for part, number in (("day", "2"), ("month", "3"), ("year", "2026")):
        keys.type(f'[name="q_ngay--{part}"]', number)
    keys.type('[name="q_tu_nam--year"]', "2020")
    keys.press("Tiếp tục")
    visitor.is_at("chu")

    keys.type("#q_gop_y", "Ít giấy tờ hơn")
    keys.type("#q_so_ho_so", "AB1234")
    keys.press("Tiếp tục")
    visitor.is_at("check")
    keys.press("Gửi phiếu")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nhận phiếu")

    content = only_ballot(session)
    assert content["answers"] == ANSWERS
    assert content["units"] == {"U2": UNIT, "U3": UNIT}


@pytest.mark.timeout(300)
def test_without_a_script_every_kind_is_answered(
    plain: Page, world: World, session: Session
) -> None:
    visitor = Visitor(plain, world)
    visitor.start()

    visitor.fill_required()
    visitor.tick("q_doi_tuong", "dn")
    visitor.tick("q_kenh", "web")
    visitor.tick("q_kenh", "dt")
    plain.select_option("#q_lan", "2")
    plain.select_option("#q_que", "21")
    plain.select_option("#q_tinh", "01")
    visitor.button("Cập nhật các câu bên dưới").click()
    plain.fill("#q_ten_dn", "Dệt may")
    visitor.tick("q_kenh_tot", "web")
    plain.select_option("#q_xa", "0102")
    visitor.go_on()
    visitor.is_at("thang")

    for name, value in (("gioi_thieu", "9"), ("sao", "4"), ("mat", "5")):
        visitor.tick(f"q_{name}", value)
    for code, rank in zip("abc", "213", strict=True):
        plain.select_option(f'[name="q_uu_tien--{code}"]', rank)
    for name, value in (("deu1", "5"), ("deu2", "4"), ("deu3", "kb")):
        visitor.tick(f"q_{name}", value)
    for unit in ("U2", "U3"):
        for name in ("diem", "bang1", "bang2", "gap"):
            visitor.tick(f"q_{name}__{unit}", UNIT[name])
    visitor.go_on()
    visitor.is_at("so")

    fields = {"tuoi": "40", "ngay_cho": "2,5", "chia1": "50", "chia2": "30", "chia3": "20"}
    fields |= {"cuoc__U2": "7", "cuoc__U3": "7", "tu_nam--year": "2020"}
    fields |= {"ngay--day": "2", "ngay--month": "3", "ngay--year": "2026"}
    for name, text in fields.items():
        plain.fill(f'[name="q_{name}"]', text)
    visitor.go_on()
    visitor.is_at("chu")

    plain.fill("#q_gop_y", "Ít giấy tờ hơn")
    plain.fill("#q_so_ho_so", "AB1234")
    visitor.go_on()
    visitor.is_at("check")
    visitor.hand_in()

    content = only_ballot(session)
    assert content["answers"] == ANSWERS
    assert content["units"] == {"U2": UNIT, "U3": UNIT}


def test_without_a_script_back_shows_the_earlier_answers(plain: Page, world: World) -> None:
    visitor = Visitor(plain, world)
    visitor.start()
    visitor.fill_required()
    visitor.go_on()
    visitor.is_at("thang")

    plain.go_back()

    visitor.is_at("chon")
    expect(plain.locator("#q_dong_y")).to_be_checked()
    visitor.go_on()
    visitor.is_at("thang")


def test_without_a_script_a_page_changes_its_language_and_keeps_what_was_typed(
    plain: Page, world: World
) -> None:
    visitor = Visitor(plain, world)
    visitor.start()
    plain.goto(visitor.at("chu"))
    plain.fill("#q_gop_y", "Giữ lại nhé")

    visitor.button("English").click()

    expect(plain.get_by_label("What should be improved first?")).to_have_value("Giữ lại nhé")


@pytest.mark.timeout(120)
def test_a_whole_form_needs_no_cookie(browser: Browser, live_server: str, world: World) -> None:
    context = browser.new_context(base_url=live_server)
    page = context.new_page()
    page.route("**/*", _without_cookies)
    visitor = Visitor(page, world)
    page.goto(world.url)
    page.fill("#code", visitor.code)
    visitor.button("Mở phiếu").click()
    visitor.button("Bắt đầu trả lời").click()
    visitor.is_at("chon")
    visitor.fill_required()
    visitor.go_on()
    visitor.is_at("thang")
    visitor.button("Quay lại").click()
    visitor.is_at("chon")
    expect(page.locator("#q_dong_y")).to_be_checked()
    for code in ("thang", "so"):
        visitor.go_on()
        visitor.is_at(code)
    page.fill("#q_tuoi", "40")
    for code in ("chu", "check"):
        visitor.go_on()
        visitor.is_at(code)
    page.locator('[id="at:q_tuoi"]').click()
    visitor.is_at("so")
    for code in ("chu", "check"):
        visitor.go_on()
        visitor.is_at(code)

    assert visitor.hand_in()
    context.close()


def _without_cookies(route) -> None:  # type: ignore[no-untyped-def]
    headers = {k: v for k, v in route.request.headers.items() if k != "cookie"}
    route.continue_(headers={**headers, "cookie": ""})
