"""What the demonstration puts into the ballot box."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey import audit
from survey.ballotbox.ballots import Sheet
from survey.ballotbox.bulk import put_many
from survey.clock import local_date
from survey.db import transaction
from survey.demo import queries
from survey.demo.generate import Recipe, ballots
from survey.errors import N_, NotAllowedError
from survey.model.ballot import Channel, Spent
from survey.model.campaign import Campaign

Entry = tuple[Sheet, bytes]


def fill(
    session: Session,
    campaign: Campaign,
    tags: Iterable[bytes],
    recipe: Recipe,
    *,
    actor: str,
    at: datetime,
) -> int:
    """Spend codes on generated ballots and return how many there were."""
    if not campaign.is_generated:
        raise NotAllowedError(N_("Chỉ đợt mô phỏng mới nhận phiếu do máy sinh."))
    with transaction(session):
        entries = list(_entries(session, campaign, tags, recipe))
        session.execute(insert(Spent), [{"tag": tag} for tag in sorted(tag for _, tag in entries)])
        days = _days(campaign.opens_at, min(at, campaign.closes_at))
        for day, sheets in _spread(days, [sheet for sheet, _ in entries]).items():
            put_many(session, sheets, day=day)
        audit.record(
            session,
            actor=actor,
            at=at,
            action="ballots.generated",
            thing=campaign.code,
            ballots=len(entries),
        )
    return len(entries)


def _entries(
    session: Session, campaign: Campaign, tags: Iterable[bytes], recipe: Recipe
) -> Iterator[Entry]:
    handed = _by_stratum(tags, queries.strata_of_codes(session, campaign))
    for target in queries.targets(session, campaign):
        contents = ballots(recipe, target.document, target.place)
        for content, tag in zip(contents, handed[target.stratum_id], strict=False):
            sheet = Sheet(
                id=secrets.token_bytes(16),
                campaign_id=campaign.id,
                stratum_id=target.stratum_id,
                cluster_id=None,
                version_id=target.version_id,
                channel=Channel.CODE,
                content=content,
            )
            yield sheet, tag


def _by_stratum(tags: Iterable[bytes], strata: Mapping[bytes, int]) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {stratum_id: [] for stratum_id in strata.values()}
    for tag in tags:
        found[strata[tag]].append(tag)
    return found


def _spread(days: Sequence[date], sheets: Iterable[Sheet]) -> dict[date, list[Sheet]]:
    found: dict[date, list[Sheet]] = {day: [] for day in days}
    for sheet in sheets:
        found[secrets.choice(days)].append(sheet)
    return {day: given for day, given in found.items() if given}


def _days(opens_at: datetime, until: datetime) -> list[date]:
    first, last = local_date(opens_at), local_date(until)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
