"""The main job in a real browser: a respondent answers, the campaign closes, an analyst reads.

With SCREENSHOTS=docs/screenshots the pictures of the documentation are taken on the way.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import now
from survey.config import Settings
from survey.db import Database
from survey.demo.build import Demonstration, build
from survey.model.ballot import Ballot
from survey.model.campaign import Campaign
from survey.model.result import Run
from tests.support.databases import SQLiteCopies, settings_for

WIDTHS = (360, 1280)
PASSWORD = "bốn chữ không liên quan"


@pytest.fixture(scope="module")
def built(
    sqlite_copies: SQLiteCopies, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Demonstration]:
    """The demonstration, built once, in a folder that each test copies."""
    folder = tmp_path_factory.mktemp("demonstration")
    settings = settings_for(folder, sqlite_copies.copy(folder))
    database = Database(settings)
    with database.session() as session:
        demonstration = build(session, settings, actor="test", at=now())
    database.dispose()
    return folder, demonstration


@pytest.fixture
def demonstration(built: tuple[Path, Demonstration]) -> Demonstration:
    return built[1]


@pytest.fixture
def settings(built: tuple[Path, Demonstration], tmp_path: Path) -> Settings:
    shutil.copytree(built[0], tmp_path, dirs_exist_ok=True)
    return settings_for(tmp_path, f"sqlite:///{tmp_path / 'xhh.sqlite'}")


def picture(page: Page, name: str, height: int = 1100) -> None:
    """Take the pictures of a page when they are asked for."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    before = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        path = Path(folder) / f"{name}-{width}.png"
        page.screenshot(
            path=path, clip={"x": 0, "y": 0, "width": width, "height": height}, full_page=True
        )
    if before:
        page.set_viewport_size(before)


def sign_in(page: Page, demonstration: Demonstration, login: str) -> None:
    """Sign in with a one-time password and choose an own one."""
    password = next(door.password for door in demonstration.accounts if door.login == login)
    page.goto("/staff/sign-in")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_label("Mật khẩu đang dùng").fill(password)
    page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu mới").fill(PASSWORD)
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trang chính")


def answer(page: Page, address: str, code: str, *, pictures: bool = False) -> str:
    """Answer the whole form with the keyboardless minimum and return the receipt."""
    page.goto(address)
    page.get_by_label("Nhập mã trên thư mời").fill(code.lower())
    if pictures:
        picture(page, "door")
    page.get_by_role("button", name="Mở phiếu").click()
    page.get_by_role("button", name="Bắt đầu trả lời").click()
    page.wait_for_url("**/page/*")
    first = True
    while "/page/" in page.url:
        for row in page.locator("fieldset:not(:has(fieldset))").all():
            row.get_by_role("radio").first.check(force=True)
        if first and pictures:
            picture(page, "form")
        first = False
        here = page.url
        page.get_by_role("button", name="Tiếp tục").locator("visible=true").last.click()
        page.wait_for_url(lambda url: url != here)  # noqa: B023 -- waited for at once
    if pictures:
        picture(page, "check")
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nhận phiếu")
    return page.locator(".receipt-reference").inner_text()


def ballots(session: Session, campaign: str) -> int:
    query = select(Ballot.id).join(Campaign).where(Campaign.code == campaign)
    found = len(session.scalars(query).all())
    session.rollback()  # a reader may not hold the application up
    return found


@pytest.mark.timeout(300)
def test_a_respondents_answers_become_an_analysts_intervals(
    page: Page, session: Session, demonstration: Demonstration, tmp_path: Path
) -> None:
    trial = demonstration.trial
    before = ballots(session, trial)
    for codes in demonstration.samples.values():
        receipt = answer(page, f"/q/{trial}", codes[0], pictures=before == ballots(session, trial))
        assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", receipt)
    assert ballots(session, trial) == before + len(demonstration.samples)

    sign_in(page, demonstration, "quanly")
    page.goto(f"/staff/fieldwork/campaigns/{trial}")
    picture(page, "campaign")
    page.get_by_role("link", name="Đóng sớm").click()
    page.get_by_role("button", name="Đóng ngay").click()
    page.context.clear_cookies()

    sign_in(page, demonstration, "phantich")
    page.goto(f"/staff/results/campaigns/{trial}")
    page.get_by_role("button", name="Tính kết quả").first.click()
    expect(page.get_by_text("Số liệu mô phỏng").first).to_be_visible()
    picture(page, "results", height=2000)

    newest = select(Run).join(Campaign).where(Campaign.code == trial)
    run = json.loads(session.scalars(newest).one().result)
    session.rollback()
    first = next(u for u in run["blocks"][0]["units"] if u["rank"] == 1)
    row = page.get_by_role("row").filter(has_text=first["name"]["vi"]).first
    assert re.search(r"\d+,\d+ – \d+,\d+", row.inner_text()), "the analyst reads an interval"

    with page.expect_download() as download:
        page.get_by_role("link", name="results.xlsx").click()
    download.value.save_as(tmp_path / "results.xlsx")
    workbook = load_workbook(tmp_path / "results.xlsx")
    numbers = [
        cell.value
        for sheet in workbook
        for cells in sheet.iter_rows()
        for cell in cells
        if cell.data_type == "n" and cell.value is not None
    ]
    assert len(numbers) > 100
    assert not any(c.data_type == "f" for s in workbook for cells in s.iter_rows() for c in cells)


@pytest.mark.timeout(120)
def test_a_phone_without_javascript_can_answer_everything(
    browser: Browser, live_server: str, session: Session, demonstration: Demonstration
) -> None:
    context = browser.new_context(
        base_url=live_server,
        java_script_enabled=False,
        viewport={"width": 360, "height": 640},
        has_touch=True,
    )
    before = ballots(session, demonstration.trial)

    answer(
        context.new_page(),
        f"/q/{demonstration.trial}",
        next(iter(demonstration.samples.values()))[1],
    )

    assert ballots(session, demonstration.trial) == before + 1
    context.close()


@pytest.mark.timeout(120)
def test_a_link_carries_its_code_behind_the_hash_and_leaves_no_trace(
    page: Page, demonstration: Demonstration
) -> None:
    code = next(iter(demonstration.samples.values()))[2]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/q/{demonstration.trial}#{code}")
    page.wait_for_url("**/intro")
    page.go_back()

    assert not any(code in url for url in asked)
    assert code not in page.url
    assert code not in page.content()
