"""Many at once: one code, one form, one page, and never more than one ballot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.model.ballot import Ballot, Spent
from tests.factories import World, make_world
from tests.support.client import CheckedClient
from tests.support.respondent import RECEIPT, Respondent

AT_ONCE = 50


@pytest.fixture
def world(session: Session, settings: Settings, at: object) -> World:
    return make_world(session, settings)


def prepared(client: CheckedClient, world: World) -> tuple[Respondent, dict[str, str]]:
    """Fill in a form and return what its last button posts."""
    me = Respondent(client, world)
    me.open()
    me.answer("self", {"q_post": "1"})
    return me, me.hidden()


def all_at_once(posts: list[Callable[[], int]]) -> Counter[int]:
    barrier = Barrier(len(posts))

    def run(post: Callable[[], int]) -> int:
        barrier.wait(30)
        return post()

    with ThreadPoolExecutor(len(posts)) as pool:
        return Counter(pool.map(run, posts))


def stored(session: Session) -> tuple[int, int]:
    session.rollback()
    ballots = session.scalar(select(func.count()).select_from(Ballot)) or 0
    spent = session.scalar(select(func.count()).select_from(Spent)) or 0
    return ballots, spent


def test_fifty_posts_of_one_form_store_one_ballot_and_all_get_the_receipt(
    app: Flask, client: CheckedClient, session: Session, world: World
) -> None:
    me, posted = prepared(client, world)

    def post() -> int:
        response = app.test_client(use_cookies=False).post(me.at("check"), data=posted)
        assert RECEIPT.search(response.text)
        return response.status_code

    answers = all_at_once([post] * AT_ONCE)

    assert answers == {200: AT_ONCE}
    assert stored(session) == (1, 1)


def test_many_devices_with_one_code_store_one_ballot(
    make_client: Callable[[], CheckedClient], session: Session, world: World
) -> None:
    me, posted = prepared(make_client(), world)
    devices = [Respondent(make_client(), world) for _ in range(AT_ONCE)]
    for device in devices:
        device.open()

    answers = all_at_once(
        [lambda d=d: d.client.post(d.at("check"), data=posted).status_code for d in devices]
    )

    assert me.url == devices[0].url
    assert answers == {303: AT_ONCE}
    assert stored(session) == (1, 1)


def test_pages_saved_at_once_in_two_tabs_are_both_kept(
    app: Flask, client: CheckedClient, world: World
) -> None:
    me = Respondent(client, world)
    me.open()

    def save(path: str, answers: dict[str, str]) -> Callable[[], int]:
        hidden = me.hidden(f"page/{path}")

        def post() -> int:
            own = app.test_client(use_cookies=False)
            return own.post(me.at(f"page/{path}"), data=hidden | answers).status_code

        return post

    answers = all_at_once(
        [
            save("units", {"q_c1__U2": "A"}),
            save("self", {"q_post": "2"}),
            save("end", {"q_comment": "cả hai"}),
        ]
    )

    assert answers == {200: 3}
    summary = client.get(me.at("check")).text
    for said in ("Đơn vị 2:</span> Tốt (vi)", "Công chức (vi)", "cả hai"):
        assert said in summary


def test_the_same_page_saved_at_once_with_other_answers_loses_none_unseen(
    app: Flask, client: CheckedClient, world: World
) -> None:
    me = Respondent(client, world)
    me.open()
    hidden = me.hidden("page/self")

    def save(value: str) -> int:
        own = app.test_client(use_cookies=False)
        return own.post(me.at("page/self"), data=hidden | {"q_post": value}).status_code

    answers = all_at_once([lambda: save("1"), lambda: save("2")])

    assert answers == {200: 1, 409: 1}
