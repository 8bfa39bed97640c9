"""Codes and imports share the sample: together they never bring more ballots than people."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import Sheet, put
from survey.ballotbox.codes import tag_of
from survey.ballotbox.keys import read_key
from survey.config import Settings
from survey.db import transaction
from survey.errors import ConflictError, ImportFileError
from survey.fieldwork import queries
from survey.fieldwork.services import IssuedCode, close, issue_codes
from survey.model.ballot import Channel
from survey.model.campaign import Campaign
from survey.results.services import make_run
from tests.support.fieldwork import AT, BY, WIDE, bring, definition, launched_campaign, stored

CLUSTERS: dict[str, Any] = {
    "group": "DAN",
    "stratum": {"value": "T"},
    "cluster": {"column": "Xã"},
    "unit": {"value": "A"},
    "count": "Số phiếu",
    "answers": {"c1": {"column": "Câu"}},
}


def file_of(count: int) -> str:
    return f"B1,C1,Góp ý,Số phiếu\nA,A,,{count}\n"


def file_of_clusters(one: int, two: int) -> str:
    return f"Xã,Câu,Số phiếu\nX1,A,{one}\nX2,A,{two}\n"


@pytest.fixture
def census(session: Session, settings: Settings) -> Campaign:
    """A launched census of six people of unit A."""
    group = definition()["groups"][0] | {"sampling": "census"}
    group["strata"] = [group["strata"][0] | {"population_size": 6, "sampled": 6}]
    return launched_campaign(session, settings, groups=[group])


def vote(session: Session, settings: Settings, campaign: Campaign, issued: IssuedCode) -> None:
    group = queries.groups(session, campaign)[0]
    stratum = queries.sample_of(session, group)[0][0]
    sheet = Sheet(
        id=uuid.uuid4().bytes,
        campaign_id=campaign.id,
        stratum_id=stratum.id,
        cluster_id=None,
        version_id=group.version_id,
        channel=Channel.CODE,
        content={"answers": {}, "units": {"B": {"c1": "A"}, "C": {"c1": "A"}}},
    )
    with transaction(session):
        tag = tag_of(read_key(settings, campaign.code), issued.code)
        put(session, sheet, day=AT.date(), tag=tag)


def test_an_import_leaves_room_for_every_unspent_code_until_the_closing(
    session: Session, settings: Settings, census: Campaign
) -> None:
    issued = issue_codes(session, settings, census, **BY)
    for one in issued[:2]:
        vote(session, settings, census, one)

    with pytest.raises(ImportFileError) as refused:
        bring(session, census, file_of(4), WIDE)
    (problem,) = refused.value.problems
    assert (problem.place, problem.code, problem.values) == ("A", "room", {"count": 4, "room": 0})
    assert "mỗi mã chưa dùng giữ một chỗ" in problem.message

    close(session, census, **BY)
    bring(session, census, file_of(4), WIDE)
    assert len(stored(session)) == 6
    assert make_run(session, settings, census, **BY, seed=1).campaign_id == census.id


def test_a_full_sample_takes_nothing_more_after_the_closing(
    session: Session, settings: Settings, census: Campaign
) -> None:
    for one in issue_codes(session, settings, census, **BY)[:3]:
        vote(session, settings, census, one)
    close(session, census, **BY)

    with pytest.raises(ImportFileError) as refused:
        bring(session, census, file_of(4), WIDE)

    (problem,) = refused.value.problems
    assert problem.values == {"count": 4, "room": 3}
    assert "mã chưa dùng" not in problem.message


def test_who_was_imported_before_gets_no_code(
    session: Session, settings: Settings, census: Campaign
) -> None:
    bring(session, census, file_of(4), WIDE)

    assert len(issue_codes(session, settings, census, **BY)) == 2


def test_a_sample_imported_whole_gets_no_codes(
    session: Session, settings: Settings, census: Campaign
) -> None:
    bring(session, census, file_of(6), WIDE)

    with pytest.raises(ConflictError, match="không còn mã nào"):
        issue_codes(session, settings, census, **BY)


def test_codes_hold_the_room_of_a_cluster_too(session: Session, settings: Settings) -> None:
    campaign = launched_campaign(session, settings)
    issue_codes(session, settings, campaign, per_cluster=5, **BY)

    with pytest.raises(ImportFileError) as refused:
        bring(session, campaign, file_of_clusters(4, 100), CLUSTERS)
    (problem,) = refused.value.problems
    assert (problem.place, problem.values) == ("T/X1", {"count": 4, "room": 3})

    close(session, campaign, **BY)
    assert bring(session, campaign, file_of_clusters(8, 100), CLUSTERS).ballots == 108


def test_a_cluster_gets_codes_for_those_who_were_not_imported(
    session: Session, settings: Settings
) -> None:
    campaign = launched_campaign(session, settings)
    bring(session, campaign, file_of_clusters(6, 3), CLUSTERS)

    issued = issue_codes(session, settings, campaign, per_cluster=5, **BY)

    codes = Counter(one.cluster for one in issued if one.cluster)
    assert codes == {"X1": 2, "X2": 5}
