from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from survey.ballotbox.counts import STEP, coarse, withheld
from survey.config import Settings
from survey.results.queries import told
from tests.factories import CLOSES, make_world
from tests.support.client import CheckedClient
from tests.support.respondent import Respondent


def test_a_count_moves_only_when_a_whole_step_came_in() -> None:
    assert [coarse(n) for n in (0, 4, 5, 9, 10)] == [0, 0, 5, 5, 10]


def test_analysts_read_exact_counts_only_of_closed_campaigns(
    session: Session, settings: Settings
) -> None:
    campaign = make_world(session, settings).campaign

    assert told(campaign, 7, CLOSES - timedelta(seconds=1)) == STEP
    assert told(campaign, 7, CLOSES) == 7


def test_watching_the_analysts_page_does_not_tell_when_somebody_answers(
    login: Callable[..., CheckedClient],
    make_client: Callable[[], CheckedClient],
    session: Session,
    settings: Settings,
    at: object,
) -> None:
    world = make_world(session, settings)
    analyst, respondent = login("analyst"), make_client()
    page = f"/staff/results/campaigns/{world.campaign.code}"
    before = analyst.get(page).text

    me = Respondent(respondent, world)
    me.open()
    me.answer("self", {"q_post": "1"})
    me.hand_in()

    assert analyst.get(page).text == before


def test_small_strata_are_withheld_and_never_one_alone() -> None:
    assert withheld([29, 30, 12]) == [True, False, True]
    assert withheld([30, 50, 31]) == [False, False, False]
    assert withheld([100, 18, 40]) == [False, True, True]
    assert withheld([18]) == [True]
    assert withheld([]) == []
