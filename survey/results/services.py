"""Making runs and repeating them."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy.orm import Session

from survey import audit
from survey.config import Settings
from survey.db import transaction
from survey.errors import N_, ConflictError
from survey.model.campaign import Campaign
from survey.model.result import Run
from survey.questionnaire import canonical
from survey.results import queries
from survey.results.inputs import collect

MAX_SEED = 2**31 - 1


def software_version() -> str:
    """Return the version of the installed platform."""
    try:
        return version("xhh")
    except PackageNotFoundError:
        return "0"


def make_run(
    session: Session,
    settings: Settings,
    campaign: Campaign,
    *,
    actor: str,
    at: datetime,
    seed: int = 0,
) -> Run:
    """Return a new frozen run of a closed campaign.

    Raises `ConflictError` while ballots may still come in, or when none came, and `InvalidError`
    when ballots are damaged or something is missing in framework or questionnaires.
    Also refused when the box changed while the run was computed.
    """
    # Imported late, so that pages of respondents do not load the numeric libraries.
    from survey.dataset import store
    from survey.dataset.build import build
    from survey.results.compute import compute, hashes

    _refuse_unready(session, campaign, at)
    dataset = build(session, campaign)
    described = {
        "hash": dataset.hash,
        "rows": dataset.row_count,
        "ballots": dataset.ballot_count,
    }
    inputs = collect(session, campaign, described, version=software_version(), seed=seed)
    session.commit()  # nothing was changed: other writers need not wait while we compute
    store.save(settings, dataset)
    result = canonical.dumps(compute(inputs, dataset))
    run = Run(
        id=uuid.uuid4(),
        campaign_id=campaign.id,
        made_at=at,
        made_by=actor,
        dataset_hash=dataset.hash,
        scheme_hash=hashes(inputs)["schemes"],
        inputs=canonical.dumps(inputs),
        inputs_hash=hashes(inputs)["inputs"],
        software_version=inputs["software_version"],
        seed=seed,
        result=result,
        result_hash=digest(result),
        is_generated=inputs["is_generated"],
    )
    with transaction(session):
        _refuse_changed(session, campaign, dataset.ballot_count, at)
        session.add(run)
        audit.record(
            session,
            actor=actor,
            at=at,
            action="results.run",
            thing=campaign.code,
            run=str(run.id),
            dataset=dataset.hash,
        )
    return run


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def recompute(settings: Settings, run: Run) -> str:
    """Return the result that a run's stored inputs and dataset give now."""
    from survey.dataset import store
    from survey.results.compute import compute

    inputs: dict[str, Any] = json.loads(run.inputs)
    return canonical.dumps(compute(inputs, store.load(settings, run.dataset_hash)))


def release(session: Session, settings: Settings, run: Run) -> dict[str, Any]:
    """Return a run's result as it may be published after all earlier runs of its campaign."""
    from analysis.errors import AnalysisError
    from survey.dataset import store
    from survey.results.disclosure import control
    from survey.results.public import released

    hashes = {one.dataset_hash for one in queries.runs_until(session, run)}
    datasets = {hash_: store.load(settings, hash_) for hash_ in hashes}
    made = (
        (json.loads(one.inputs), datasets[one.dataset_hash])
        for one in queries.runs_until(session, run)
    )
    try:
        return released(json.loads(run.result), control(made))
    except AnalysisError as error:
        text = N_("Không tạo được tệp công bố: %(reason)s")
        raise ConflictError(text, reason=error.message) from error


def reproduce(settings: Settings, run: Run) -> None:
    """Make sure that a run's inputs and dataset still give its result, byte for byte."""
    if digest(run.result) != run.result_hash:
        raise ConflictError(N_("Kết quả đã lưu không còn khớp với mã băm của nó."))
    if canonical.digest(json.loads(run.inputs)) != run.inputs_hash:
        raise ConflictError(N_("Dữ liệu đầu vào đã lưu không còn khớp với mã băm của nó."))
    if recompute(settings, run) != run.result:
        raise ConflictError(
            N_(
                "Tính lại cho kết quả khác với kết quả đã lưu (phiên bản lúc tính: %(then)s,"
                " hiện tại: %(now)s)."
            ),
            then=run.software_version,
            now=software_version(),
        )


def _refuse_changed(session: Session, campaign: Campaign, counted: int, at: datetime) -> None:
    """Refuse a run of a box that was filled or opened again while it was computed."""
    session.refresh(campaign)
    if campaign.closes_at > at or queries.stored_ballots(session, campaign) != counted:
        raise ConflictError(
            N_("Hòm phiếu đã thay đổi trong lúc tính nên kết quả không được lưu. Hãy tính lại.")
        )


def _refuse_unready(session: Session, campaign: Campaign, at: datetime) -> None:
    if campaign.launched_at is None:
        raise ConflictError(N_("Đợt điều tra chưa được phát hành nên chưa có phiếu để tính."))
    if campaign.closes_at > at:
        raise ConflictError(
            N_(
                "Đợt điều tra còn nhận phiếu. Kết quả chỉ được tính sau khi đóng, để không ai xem"
                " trước được điểm."
            )
        )
    if queries.ballot_count(session, campaign, at) == 0:
        raise ConflictError(N_("Đợt điều tra không nhận được phiếu nào nên không có gì để tính."))
