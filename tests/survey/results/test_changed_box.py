"""A box that fills while a run is computed: the run is refused, and nothing of it is stored."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from survey.errors import ConflictError
from survey.model.ballot import Ballot
from survey.model.result import Run
from survey.results.services import make_run
from tests.support.campaigns import SmallCampaign


def test_ballots_that_come_while_computing_give_no_run(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "B"}}, 6)
    session.commit()
    (late,) = small.ballots("CANBO", {"A": {"c1": "A"}}, channel="import")
    session.expunge(late)
    session.commit()

    @event.listens_for(session, "after_commit", once=True)
    def _meanwhile(_):
        """An import's own transaction, between the dataset and the run."""
        with Session(session.get_bind()) as other:
            other.add(late)
            other.commit()

    with pytest.raises(ConflictError, match="Hãy tính lại"):
        make_run(session, settings, small.campaign, actor="an", at=at, seed=0)

    assert session.scalar(select(func.count()).select_from(Run)) == 0
    assert session.scalar(select(func.count()).select_from(Ballot)) == 7
