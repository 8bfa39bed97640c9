"""What the fieldwork room changes: a campaign is made, launched, given codes, closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey import audit
from survey.ballotbox import codes, keys
from survey.config import Settings
from survey.db import transaction
from survey.errors import N_, ClosedError, ConflictError, FrozenError, InvalidError, Problem
from survey.fieldwork import checking, definition, queries
from survey.fieldwork.checking import Catalogue
from survey.fieldwork.definition import Definition, GroupLine
from survey.model.ballot import Credential
from survey.model.campaign import (
    Anonymity,
    Campaign,
    CampaignGroup,
    Cluster,
    Rating,
    Sampling,
    Stratum,
)
from survey.model.questionnaire import QuestionLeaf

MAX_CODES = 500_000
LENGTHS = (codes.TYPED_LENGTH, codes.LINK_LENGTH)


@dataclass(frozen=True)
class IssuedCode:
    """A code and whom it is for; it leaves the platform once and is kept nowhere."""

    group: str
    stratum: str
    label: str
    cluster: str
    code: str


def create_campaign(session: Session, raw: Any, *, actor: str, at: datetime) -> Campaign:
    """Store the campaign that a definition describes, and return it.

    Raises `InvalidError` with every problem and its place; then nothing is stored.
    """
    wanted = definition.parse(raw)
    with transaction(session):
        known = queries.catalogue(session, wanted)
        problems = checking.problems(wanted, known)
        if problems:
            raise InvalidError(problems, definition.INVALID)
        campaign = _store(session, wanted, known)
        audit.record(
            session,
            actor=actor,
            at=at,
            action="campaign.created",
            thing=campaign.code,
            anonymity=campaign.anonymity.value,
            groups=[group.group for group in wanted.groups],
        )
    return campaign


def _store(session: Session, wanted: Definition, known: Catalogue) -> Campaign:
    assert known.period_id is not None  # noqa: S101 -- checked with the rest
    campaign = Campaign(
        code=wanted.code,
        title=wanted.title,
        title_en=wanted.title_en,
        period_id=known.period_id,
        opens_at=wanted.opens_at,
        closes_at=wanted.closes_at,
        anonymity=wanted.anonymity,
        launched_at=None,
        is_generated=wanted.is_generated,
    )
    session.add(campaign)
    session.flush()
    for group in wanted.groups:
        _store_group(session, campaign, group, known)
    return campaign


def _store_group(session: Session, campaign: Campaign, group: GroupLine, known: Catalogue) -> None:
    version_id, _ = known.versions[str(group.questionnaire)]
    group_id = known.groups[group.group]
    ids = {"campaign_id": campaign.id, "group_id": group_id}
    session.add(CampaignGroup(**ids, version_id=version_id, sampling=group.sampling))
    session.flush()
    session.add_all(
        Rating(**ids, block_id=known.blocks[rating.block], scope=rating.scope)
        for rating in group.ratings
    )
    for feed in group.feeds:
        leaf = known.leaves[str(feed.framework)][feed.leaf]
        if (version_id, group_id, leaf.id) not in known.fed:
            tied = {"version_id": version_id, "group_id": group_id, "leaf_id": leaf.id}
            session.add(QuestionLeaf(**tied, question=feed.question, weight=feed.weight))
    for line in group.strata:
        stratum = Stratum(
            **ids,
            code=line.code,
            label=line.label,
            unit_id=None if line.unit is None else known.units[line.unit][0],
            population_size=line.population_size,
            sampled=line.sampled,
        )
        session.add(stratum)
        session.flush()
        session.add_all(
            Cluster(
                stratum_id=stratum.id,
                code=cluster.code,
                label=cluster.label,
                population_size=cluster.population_size,
            )
            for cluster in line.clusters
        )


def launch(
    session: Session, settings: Settings, campaign: Campaign, *, actor: str, at: datetime
) -> None:
    """Launch a campaign: from now on its anonymity and its design are fixed."""
    with transaction(session):
        held = _held(session, campaign)
        make_sure_of_launch(held)
        if held.anonymity == Anonymity.CODE:
            keys.make_key(settings, held.code)
        held.launched_at = at
        audit.record(
            session,
            actor=actor,
            at=at,
            action="campaign.launched",
            thing=held.code,
            anonymity=held.anonymity.value,
        )


def make_sure_of_launch(campaign: Campaign) -> None:
    """Refuse to launch a campaign a second time."""
    if campaign.launched_at is not None:
        raise FrozenError(N_("Đợt điều tra đã được phát động, thiết kế không đổi được nữa."))


def close(session: Session, campaign: Campaign, *, actor: str, at: datetime) -> None:
    """Close an open campaign now; ballots under way finish first, later ones are refused."""
    with transaction(session):
        held = _held(session, campaign)
        make_sure_of_closing(held, at)
        planned = held.closes_at
        held.closes_at = at
        audit.record(
            session,
            actor=actor,
            at=at,
            action="campaign.closed",
            thing=held.code,
            planned=planned.isoformat(),
        )


def make_sure_of_closing(campaign: Campaign, at: datetime) -> None:
    """Refuse to close a campaign that does not take answers."""
    state = queries.state_of(campaign, at)
    if state == queries.State.CLOSED:
        raise ConflictError(N_("Đợt điều tra đã đóng trước đó."))
    if state != queries.State.OPEN or at <= campaign.opens_at:
        raise ConflictError(N_("Đợt điều tra chưa mở nên chưa thể đóng."))


def issue_codes(
    session: Session,
    settings: Settings,
    campaign: Campaign,
    *,
    actor: str,
    at: datetime,
    length: int = codes.TYPED_LENGTH,
    per_cluster: int | None = None,
) -> list[IssuedCode]:
    """Make a code for every sampled person and return the codes, this once.

    People whose answers were imported before have their ballot and get none.

    The ballot box keeps a keyed hash of each, written in one transaction in the order of the
    hashes, so that the order of the rows says nothing about the order of the list. In a cluster
    sample every cluster gets `per_cluster` codes, at most one for each of its people.
    """
    if length not in LENGTHS:
        message = N_("Mã dài %(short)s hoặc %(long)s ký tự.")
        values = {"short": LENGTHS[0], "long": LENGTHS[1]}
        raise InvalidError([Problem("length", "length", message, values)])
    with transaction(session):
        held = _held(session, campaign)
        _make_sure_of_codes(session, held, at)
        key = keys.make_key(settings, held.code)
        places = list(_places(session, held, per_cluster))
        if not places:
            raise ConflictError(N_("Mọi người trong mẫu đã có phiếu nên không còn mã nào để cấp."))
        if len(places) > MAX_CODES:
            message = N_("Đợt điều tra cần quá %(limit)s mã.")
            raise InvalidError([Problem("strata", "too-many", message, {"limit": MAX_CODES})])
        made = _distinct_codes(len(places), length)
        tagged = [
            (codes.tag_of(key, code), place) for code, place in zip(made, places, strict=True)
        ]
        tagged.sort(key=itemgetter(0))
        session.execute(insert(Credential), [_credential(held, *entry) for entry in tagged])
        audit.record(
            session,
            actor=actor,
            at=at,
            action="codes.issued",
            thing=held.code,
            count=len(made),
        )
    return [
        IssuedCode(place.group, place.stratum, place.label, place.cluster, code)
        for place, code in zip(places, made, strict=True)
    ]


def _make_sure_of_codes(session: Session, campaign: Campaign, at: datetime) -> None:
    state = queries.state_of(campaign, at)
    if campaign.anonymity != Anonymity.CODE:
        raise ConflictError(N_("Đợt điều tra theo liên kết mở không dùng mã."))
    if state == queries.State.PREPARED:
        raise ConflictError(N_("Hãy phát động đợt điều tra trước khi cấp mã."))
    if state == queries.State.CLOSED:
        raise ClosedError(N_("Đợt điều tra đã đóng, không cấp mã được nữa."))
    if queries.codes_issued(session, campaign):
        raise FrozenError(N_("Mã của đợt điều tra này đã được cấp. Mỗi đợt chỉ cấp mã một lần."))


@dataclass(frozen=True)
class _Place:
    """Where a sampled person belongs."""

    group: str
    stratum: str
    label: str
    cluster: str
    stratum_id: int
    cluster_id: int | None


def _credential(campaign: Campaign, tag: bytes, place: _Place) -> dict[str, object]:
    return {
        "tag": tag,
        "campaign_id": campaign.id,
        "stratum_id": place.stratum_id,
        "cluster_id": place.cluster_id,
    }


def _places(session: Session, campaign: Campaign, per_cluster: int | None) -> Iterator[_Place]:
    """Yield one place for every sampled person without a ballot in the box."""
    ballots = queries.ballots_by_place(session, campaign)
    for group in queries.groups(session, campaign):
        for stratum, clusters in queries.sample_of(session, group):
            if group.sampling != Sampling.CLUSTER:
                place = _Place(group.group.code, stratum.code, stratum.label, "", stratum.id, None)
                yield from [place] * (stratum.sampled - ballots.get((stratum.id, None), 0))
                continue
            for cluster in clusters:
                place = _place_in(cluster, stratum, group)
                answered = ballots.get((stratum.id, cluster.id), 0)
                yield from [place] * _people(cluster, answered, per_cluster)


def _place_in(cluster: Cluster, stratum: Stratum, group: CampaignGroup) -> _Place:
    label = f"{stratum.label} – {cluster.label}"
    return _Place(group.group.code, stratum.code, label, cluster.code, stratum.id, cluster.id)


def _people(cluster: Cluster, answered: int, per_cluster: int | None) -> int:
    if per_cluster is None or not 1 <= per_cluster <= MAX_CODES:
        message = N_("Đợt điều tra có mẫu cụm: cần số mã cho mỗi cụm.")
        raise InvalidError([Problem("per_cluster", "per-cluster", message)])
    if cluster.population_size is None:
        return per_cluster
    return min(per_cluster, cluster.population_size - answered)


def _distinct_codes(count: int, length: int) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < count:
        made[codes.new_code(length)] = None
    return list(made)


def _held(session: Session, campaign: Campaign) -> Campaign:
    """Return the campaign as it is stored now, held until the commit."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.id == campaign.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
