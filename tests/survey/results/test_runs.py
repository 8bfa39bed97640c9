"""Runs are refused while ballots may come, never change, and can be repeated to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from survey.cli import main
from survey.dataset import store
from survey.errors import ConflictError, InvalidError, NotFoundError
from survey.model.framework import Pooling
from survey.results.services import make_run, recompute, reproduce
from tests.support.campaigns import SmallCampaign, run_result
from tests.support.ministry import ten_departments
from tests.support.pages import text


@pytest.fixture
def small(session):
    small = SmallCampaign(session, ["A", "B"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "B"}}, 6)
    small.ballots("CANBO", {"A": {"c1": "C"}, "B": {"c1": "B"}}, 3)
    return small


@pytest.fixture
def run(small, settings, at):
    return make_run(small.session, settings, small.campaign, actor="an", at=at, seed=7)


def test_a_run_repeats_to_the_last_byte(session, settings, at):
    small = ten_departments(session, per_unit=3)

    run = make_run(session, settings, small.campaign, actor="an", at=at, seed=7)

    assert recompute(settings, run) == run.result
    reproduce(settings, run)


def test_two_runs_of_the_same_box_are_the_same(small, run, settings, at):
    again = make_run(
        small.session, settings, small.campaign, actor="binh", at=at + timedelta(days=1), seed=7
    )

    assert again.id != run.id
    assert again.result_hash == run.result_hash


def test_a_fresh_process_repeats_a_run(run, settings, session):
    run_id, result_hash = str(run.id), run.result_hash
    session.commit()
    settled = {
        "XHH_INSTANCE": str(settings.instance),
        "XHH_DATABASE_URL": settings.database_url,
        "XHH_UNSAFE_DATABASE": "true",
        "PYTHONHASHSEED": "12345",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from survey.cli import main; main()", "reproduce", run_id],
        env=settled,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert result_hash in done.stdout


@pytest.mark.parametrize("verb", ["UPDATE run SET seed = 8", "DELETE FROM run"])
def test_the_database_refuses_to_change_a_run(run, session, verb):
    session.commit()

    with pytest.raises(DBAPIError):
        session.execute(sql(verb))
    session.rollback()


def test_a_changed_dataset_is_noticed(run, settings):
    path = store.path_of(settings, run.dataset_hash)
    dataset = store.load(settings, run.dataset_hash)
    dataset.groups[0].rows.loc[0, "c1"] = 4
    vars(dataset).pop("hash", None)
    forged = store.save(settings, dataset)
    path.write_bytes(forged.read_bytes())

    with pytest.raises(ConflictError, match="đã bị thay đổi"):
        reproduce(settings, run)


@pytest.mark.parametrize("content", [b"", b"PAR1 not really", b"\x00" * 4096])
def test_a_damaged_dataset_file_is_noticed(run, settings, content):
    store.path_of(settings, run.dataset_hash).write_bytes(content)

    with pytest.raises(ConflictError, match="đã bị thay đổi hoặc hỏng"):
        reproduce(settings, run)


def test_a_lost_dataset_is_named(run, settings):
    store.path_of(settings, run.dataset_hash).unlink()

    with pytest.raises(NotFoundError, match=run.dataset_hash):
        reproduce(settings, run)


def test_an_open_campaign_is_refused_with_a_page(session, login, at):
    small = SmallCampaign(session, ["A"], closes_at=at + timedelta(days=3))
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}}, 6)
    analyst = login("analyst")

    shown = analyst.get("/staff/results/campaigns/XHH-2025")
    assert "Đợt điều tra chưa đóng" in shown.text
    assert "Tính kết quả" not in shown.text
    token = analyst.document("/staff/results/").find(".//{*}input[@name='csrf_token']")
    answer = analyst.post(
        "/staff/results/campaigns/XHH-2025/run", data={"csrf_token": token.get("value")}
    )

    assert answer.status_code == 409
    assert "Đợt điều tra còn nhận phiếu" in answer.text


def test_an_empty_box_is_refused(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.launch()

    with pytest.raises(ConflictError, match="không nhận được phiếu nào"):
        make_run(session, settings, small.campaign, actor="an", at=at, seed=0)


def test_a_block_without_framework_is_named(small, settings, at):
    small.session.execute(sql("DELETE FROM period_framework"))

    with pytest.raises(InvalidError) as caught:
        make_run(small.session, settings, small.campaign, actor="an", at=at, seed=0)

    assert [(p.place, p.code) for p in caught.value.problems] == [("CUC", "no-framework")]


def test_a_question_without_coefficients_is_named(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"}, coefficients={"A": None, "B": None})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}}, 6)

    with pytest.raises(InvalidError) as caught:
        make_run(session, settings, small.campaign, actor="an", at=at, seed=0)

    assert [(p.place, p.code) for p in caught.value.problems] == [("CANBO/1.1", "question")]


def test_groups_with_other_questions_cannot_be_pooled(session, settings, at):
    small = SmallCampaign(session, ["A"], pooling=Pooling.POOLED)
    small.leaf("1.1", "10")
    for group, question in (("MOT", "c1"), ("HAI", "c2")):
        small.group(group, {question: "1.1"})
        small.stratum(group)
    for group, question in (("MOT", "c1"), ("HAI", "c2")):
        small.ballots(group, {"A": {question: "A"}}, 6)

    with pytest.raises(InvalidError) as caught:
        make_run(session, settings, small.campaign, actor="an", at=at, seed=0)

    assert "1.1" in caught.value.problems[0].place


def test_the_newest_run_is_reported_again_unless_a_new_one_is_asked_for(
    run, settings, session, monkeypatch, tmp_path
):
    session.commit()
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")

    arguments = ["report", "--campaign", "XHH-2025", "--out", str(tmp_path / "out")]
    first = CliRunner().invoke(main, arguments)
    second = CliRunner().invoke(main, [*arguments, "--new"])

    assert str(run.id) in first.output
    assert second.exit_code == 0, second.output
    assert str(run.id) not in second.output


def test_an_unknown_campaign_or_run_is_named(settings, session, monkeypatch, tmp_path):
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")

    report = CliRunner().invoke(main, ["report", "--campaign", "KHONG-CO", "--out", str(tmp_path)])
    repeated = CliRunner().invoke(main, ["reproduce", "khong-phai-ma"])

    assert (report.exit_code, repeated.exit_code) == (1, 1)
    assert "KHONG-CO" in report.output
    assert "khong-phai-ma" in repeated.output


def test_pages_of_what_is_not_there_are_404(run, login):
    analyst = login("analyst")
    start = f"/staff/results/runs/{run.id}"

    for path in (
        "/staff/results/campaigns/KHONG-CO",
        "/staff/results/runs/00000000-0000-4000-8000-000000000000",
        f"{start}/blocks/X",
        f"{start}/blocks/X/chart.svg",
        f"{start}/blocks/CUC/units/X",
        f"{start}/files/secret.txt",
    ):
        assert analyst.get(path).status_code == 404, path


def test_importing_the_application_loads_no_numeric_library():
    code = (
        "import sys, survey.app\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'matplotlib', 'pyarrow', 'openpyxl', 'xlsxwriter'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"loaded with every page: {done.stderr}"


def test_the_result_says_what_it_was_made_from(run):
    result = json.loads(run.result)

    assert result["hashes"]["dataset"] == run.dataset_hash
    assert result["hashes"]["inputs"] == run.inputs_hash
    assert result["hashes"]["schemes"] == run.scheme_hash
    assert result["seed"] == run.seed == 7
    assert result["software"]["version"] == run.software_version
    assert result["blocks"][0]["options"]["rounding"] == "half_up"


def test_the_method_note_names_every_option_in_force(run, login):
    page = text(login("analyst").document(f"/staff/results/runs/{run.id}"))

    for words in (
        "Tính trung bình hệ số trong từng nhóm",
        "Không tính vào điểm và không vào mẫu số.",
        "Bỏ nhóm đó và chia lại trọng số",
        "Bỏ tiêu chí khỏi điểm tối đa",
        "về đơn vị của chính mình không được tính",
        "Từ 5 trở lên thì làm tròn lên, 2 chữ số thập phân.",
        "hạng sau bỏ cách (1, 2, 2, 4)",
        "dưới 5 phiếu",
        "Hạng so sánh giá trị chưa làm tròn.",
    ):
        assert words in page


def test_what_came_back_from_small_strata_is_told_only_by_group(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    for code, sampled in (("LON", 200), ("VUA", 30), ("NHO", 29), ("BE", 12)):
        small.stratum("CANBO", code, sampled=sampled)
    for code in ("LON", "VUA", "NHO", "BE"):
        small.ballots(code, {"A": {"c1": "A"}}, 7)
        small.ballots(code, {"A": {"c1": "B"}}, 2, channel="open")

    (group,) = run_result(small, settings, at)["groups"]

    told = {s["code"]: (s["received"], s["received_open"]) for s in group["strata"]}
    assert told == {"LON": (7, 2), "VUA": (7, 2), "NHO": (None, None), "BE": (None, None)}
    assert (group["sent"], group["received"], group["received_open"]) == (271, 28, 8)
