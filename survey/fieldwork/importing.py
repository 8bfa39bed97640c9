"""Answers that were collected elsewhere, brought into the ballot box: all of a file or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from survey import audit
from survey.ballotbox.ballots import Sheet
from survey.ballotbox.bulk import put_many
from survey.ballotbox.matrix import rated_units
from survey.clock import local_date
from survey.dataset.tabular import Table, read_table
from survey.db import IntegrityFailure, Session, transaction
from survey.errors import (
    N_,
    ClosedError,
    ConflictError,
    FrozenError,
    ImportFileError,
    Problem,
)
from survey.fieldwork import mapping as mappings
from survey.fieldwork import queries, rows
from survey.fieldwork.mapping import Plan, Source
from survey.fieldwork.rows import Frame, Place, StratumFrame
from survey.model.ballot import BallotImport
from survey.model.campaign import Campaign, CampaignGroup, Cluster, Sampling, Stratum
from survey.questionnaire.canonical import dumps
from survey.questionnaire.document import Missing
from survey.questionnaire.parse import parse

TWICE = N_("Tệp này đã được nhập vào đợt điều tra. Mỗi tệp chỉ nhập một lần.")
Counts = dict[tuple[int, int | None], int]


@dataclass(frozen=True)
class ImportReport:
    """What a file brought: its rows, its ballots, the ballots by stratum, and what was odd.

    `dropped` counts answers by question that the other answers of their ballot leave out,
    `warned` counts ballots by the warning that they were taken in spite of.
    """

    file_name: str
    rows: int
    ballots: int
    strata: dict[str, int]
    dropped: Mapping[str, int]
    warned: Mapping[str, int]


def import_responses(
    session: Session,
    campaign: Campaign,
    file_name: str,
    data: bytes,
    mapping: Any,
    *,
    actor: str,
    at: datetime,
) -> ImportReport:
    """Put every answer of a file into the ballot box, and say what came in.

    Allowed from the opening time until results are computed. Raises `ImportFileError` naming row,
    column and value of everything wrong, `ConflictError` for a file that was imported before,
    `ClosedError` before the opening, `FrozenError` once there are results.
    """
    plan = mappings.parse(mapping)
    _make_sure_open(session, campaign, at)
    frame = _frame(session, campaign, plan.group, at)
    session.rollback()  # no lock is held while the file is read
    mappings.check(plan, frame.document, _all_units(frame))
    table = read_table(file_name, data)
    file_hash = fingerprint(table, plan)
    _make_sure_new(session, campaign, file_hash)
    session.rollback()
    brought = rows.read(table, plan, frame)
    sheets = brought.sheets
    with transaction(session):
        session.refresh(campaign, with_for_update=True)
        _make_sure_open(session, campaign, at)
        _make_sure_new(session, campaign, file_hash)
        _make_sure_there_is_room(_frame(session, campaign, plan.group, at), sheets)
        _remember(session, campaign, file_hash, len(sheets))
        put_many(session, sheets, day=local_date(at))
        audit.record(
            session,
            actor=actor,
            at=at,
            action="responses.imported",
            thing=campaign.code,
            file=file_name[:200],
            file_hash=file_hash,
            ballots=len(sheets),
            dropped=sum(brought.dropped.values()),
            warned=sum(brought.warned.values()),
        )
    return ImportReport(
        file_name=file_name,
        rows=len(table.rows),
        ballots=len(sheets),
        strata=_by_stratum(frame, sheets),
        dropped=brought.dropped,
        warned=brought.warned,
    )


def fingerprint(table: Table, plan: Plan) -> str:
    """Return what stays the same for the same answers, whatever bytes a file writes them in."""
    answers = [[*key, _plain(source)] for key, source in sorted(plan.answers.items())]
    found = hashlib.sha256(_bytes({**asdict(plan), "answers": answers}))
    for values in (table.header, *(row.values for row in table.rows)):
        found.update(_bytes(values))
    return found.hexdigest()


def _plain(source: Source) -> dict[str, Any]:
    """Return where an answer comes from; a stated reason is not the code of the same letters."""
    table = {
        text: {"missing": said.value} if isinstance(said, Missing) else said
        for text, said in (source.table or {}).items()
    }
    return {**asdict(source), "table": None if source.table is None else table}


def _bytes(value: Any) -> bytes:
    return dumps(value).encode("utf-8", "surrogatepass") + b"\n"


def _make_sure_open(session: Session, campaign: Campaign, at: datetime) -> None:
    if campaign.launched_at is None or at < campaign.opens_at:
        raise ClosedError(
            N_("Đợt điều tra chưa phát động hoặc chưa đến giờ mở nên chưa nhận phiếu.")
        )
    if queries.has_run(session, campaign):
        raise FrozenError(N_("Đợt điều tra đã có kết quả tính nên không nhận thêm phiếu."))


def _make_sure_new(session: Session, campaign: Campaign, file_hash: str) -> None:
    if session.get(BallotImport, (campaign.id, file_hash)) is not None:
        raise ConflictError(TWICE)


def _remember(session: Session, campaign: Campaign, file_hash: str, ballots: int) -> None:
    session.add(BallotImport(campaign_id=campaign.id, file_hash=file_hash, ballots=ballots))
    try:
        session.flush()
    except IntegrityFailure as error:
        raise ConflictError(TWICE) from error


def _frame(session: Session, campaign: Campaign, group_code: str, at: datetime) -> Frame:
    """Return the group's part of the campaign as plain values."""
    listed = queries.groups(session, campaign)
    group = next((g for g in listed if g.group.code == group_code), None)
    if group is None:
        message = N_("Đợt điều tra không có nhóm “%(value)s”; có: %(known)s.")
        values = {"value": group_code, "known": ", ".join(g.group.code for g in listed)}
        raise ImportFileError([Problem("group", "group", message, values)], mappings.INVALID)
    taken = _taken(session, campaign, at)
    return Frame(
        campaign_id=campaign.id,
        version_id=group.version_id,
        group=group.group.code,
        document=parse(group.version.document),
        today=local_date(at),
        is_clustered=group.sampling == Sampling.CLUSTER,
        strata={
            stratum.code: StratumFrame(
                units=tuple(unit.code for unit in rated_units(session, campaign, stratum)),
                place=_stratum_place(group, stratum, taken),
                clusters={c.code: _cluster_place(stratum, c, taken) for c in clusters},
            )
            for stratum, clusters in queries.sample_of(session, group)
        },
    )


@dataclass(frozen=True)
class _Taken:
    """How much of the room is gone: to ballots, and to codes that may still bring one."""

    ballots: Counts
    unspent: Counts

    def place(self, stratum_id: int, cluster_id: int | None, size: int | None) -> Place:
        """Return a stratum or cluster of this size with the room that is left."""
        if size is None:
            return Place(stratum_id, cluster_id, None)
        held = self.unspent.get((stratum_id, cluster_id), 0)
        room = size - self.ballots.get((stratum_id, cluster_id), 0) - held
        return Place(stratum_id, cluster_id, max(0, room), is_held=held > 0)


def _taken(session: Session, campaign: Campaign, at: datetime) -> _Taken:
    ballots = queries.ballots_by_place(session, campaign)
    takes_codes = queries.state_of(campaign, at) != queries.State.CLOSED
    return _Taken(ballots, queries.unspent_by_place(session, campaign) if takes_codes else {})


def _stratum_place(group: CampaignGroup, stratum: Stratum, taken: _Taken) -> Place:
    is_clustered = group.sampling == Sampling.CLUSTER
    return taken.place(stratum.id, None, None if is_clustered else stratum.sampled)


def _cluster_place(stratum: Stratum, cluster: Cluster, taken: _Taken) -> Place:
    return taken.place(stratum.id, cluster.id, cluster.population_size)


def _all_units(frame: Frame) -> list[str]:
    return list(dict.fromkeys(u for stratum in frame.strata.values() for u in stratum.units))


def _make_sure_there_is_room(frame: Frame, sheets: Sequence[Sheet]) -> None:
    """Refuse if ballots came in while the file was read, so that people would count twice."""
    counts = Counter((sheet.stratum_id, sheet.cluster_id) for sheet in sheets)
    problems = list(rows.overfull(frame, counts))
    if problems:
        raise ImportFileError(problems)


def _by_stratum(frame: Frame, sheets: Sequence[Sheet]) -> dict[str, int]:
    codes = {stratum.place.stratum_id: code for code, stratum in frame.strata.items()}
    return dict(Counter(codes[sheet.stratum_id] for sheet in sheets))
