"""The pages of the results room, as an analyst sees them."""

from __future__ import annotations

from tests.support.ministry import ten_departments
from tests.support.pages import text

HOME = "/staff/results/"


def test_an_analyst_goes_from_the_list_to_a_run_and_one_unit(session, login, at):
    ten_departments(session)
    analyst = login("analyst")

    listed = analyst.document(HOME)
    assert "Điều tra thử" in text(listed)
    answer = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả")
    assert answer.status_code == 303
    shown = text(analyst.document(answer.location))

    assert "Khối CUC" in shown
    assert "Cục Bưu điện Trung ương" in shown
    assert analyst.get(f"{answer.location}/blocks/CUC/units/CVT").status_code == 200
    picture = analyst.get(f"{answer.location}/blocks/CUC/chart.svg")
    assert picture.mimetype == "image/svg+xml"
