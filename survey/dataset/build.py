"""From the ballots of a campaign to its dataset."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import is_intact
from survey.dataset.piles import Content, Pile, Place, piles
from survey.dataset.record import Dataset
from survey.errors import N_, InvalidError, Problem
from survey.model.ballot import Ballot
from survey.model.campaign import Campaign
from survey.model.organisation import Unit

Take = Callable[[Pile, Place, Content], bool]  # False for a ballot that does not fit


def build(session: Session, campaign: Campaign) -> Dataset:
    """Return the dataset of everything in a campaign's ballot box.

    Raises `InvalidError` when a stored ballot no longer has its digest or does not fit the
    campaign, naming how many, and when there are more ballots than people.
    """
    units = known_units(session)
    numbers = {unit: number for number, unit in enumerate(units)}
    groups = list(piles(session, campaign))
    each_ballot(session, campaign, groups, lambda group, *ballot: group.put(*ballot, numbers))
    data = tuple(group.laid_out(units) for group in groups)
    refuse(problem for group in groups for problem in group.misfits())
    return Dataset(campaign.code, campaign.is_generated, data)


def known_units(session: Session) -> list[str]:
    """Return the code of every unit, in the order of their numbers."""
    return sorted(session.scalars(select(Unit.code)))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `InvalidError` if there is any problem."""
    found = list(problems)
    if found:
        raise InvalidError(found, N_("Không lập được bộ dữ liệu từ hòm phiếu."))


def each_ballot(session: Session, campaign: Campaign, groups: Sequence[Pile], take: Take) -> None:
    """Hand every ballot to its group; raises `InvalidError` if one is damaged or does not fit."""
    of_stratum = {stratum: group for group in groups for stratum in group.strata}
    broken = foreign = 0
    stored = select(Ballot).where(Ballot.campaign_id == campaign.id)
    for ballot in session.scalars(stored.execution_options(yield_per=5000)):
        if not is_intact(ballot):
            broken += 1
            continue
        group = of_stratum.get(ballot.stratum_id)
        if group is None or not _taken(ballot, group, take):
            foreign += 1
    refuse(_damage(broken, foreign))


def _damage(broken: int, foreign: int) -> Iterator[Problem]:
    if broken:
        text = N_(
            "%(count)s phiếu không còn khớp với mã kiểm tra lúc nộp: dữ liệu đã bị sửa hoặc hỏng."
            " Hãy khôi phục từ bản sao lưu."
        )
        yield Problem("ballot", "broken", text, {"count": broken})
    if foreign:
        text = N_("%(count)s phiếu không khớp với cấu hình của đợt điều tra.")
        yield Problem("ballot", "foreign", text, {"count": foreign})


def _taken(ballot: Ballot, group: Pile, take: Take) -> bool:
    """Hand a ballot to its group, False if it does not fit."""
    place = group.place(ballot.stratum_id, ballot.cluster_id, ballot.channel)
    if place is None or ballot.version_id != group.version_id:
        return False
    # The digest was right, so this is the canonical text that was checked when it came in.
    return take(group, place, json.loads(ballot.answers))
