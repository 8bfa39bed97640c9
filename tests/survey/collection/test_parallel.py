"""Many at once: one code, one form, one page, and never more than one ballot."""

from __future__ import annotations

import re
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

AT_ONCE = 50


@pytest.fixture
def world(session: Session, settings: Settings, at: object) -> World:
    return make_world(session, settings)


def prepared(client: CheckedClient, world: World) -> dict[str, str]:
    """Fill in a form and return what its last button posts."""
    client.submit(world.url, {"code": world.codes[0]})
    client.submit(f"{world.url}/page/self", {"q_post": "1"})
    page = client.get(f"{world.url}/check").text
    return dict(re.findall(r'name="(csrf_token|form|ballot|content)" value="([^"]*)"', page))


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
    posted = prepared(client, world)
    cookies = {c.key: c.value for c in client._cookies.values()}

    def post() -> int:
        own = app.test_client()
        for name, value in cookies.items():
            own.set_cookie(name, value)
        return own.post(f"{world.url}/check", data=posted).status_code

    answers = all_at_once([post] * AT_ONCE)

    assert answers == {303: AT_ONCE}
    assert stored(session) == (1, 1)


def test_fifty_forms_of_one_code_store_one_ballot(
    make_client: Callable[[], CheckedClient], session: Session, world: World
) -> None:
    clients = [make_client() for _ in range(AT_ONCE)]
    forms = [(client, prepared(client, world)) for client in clients]

    answers = all_at_once(
        [lambda c=c, p=p: c.post(f"{world.url}/check", data=p).status_code for c, p in forms]
    )

    assert answers == {303: 1, 409: AT_ONCE - 1}
    assert stored(session) == (1, 1)


def test_pages_saved_at_once_in_two_tabs_are_both_kept(
    app: Flask, client: CheckedClient, world: World
) -> None:
    client.submit(world.url, {"code": world.codes[0]})
    page = client.get(f"{world.url}/page/units").text
    hidden = dict(re.findall(r'name="(csrf_token|form)" value="([^"]*)"', page))
    cookies = {c.key: c.value for c in client._cookies.values()}

    def save(path: str, answers: dict[str, str]) -> Callable[[], int]:
        def post() -> int:
            own = app.test_client()
            for name, value in cookies.items():
                own.set_cookie(name, value)
            return own.post(f"{world.url}/page/{path}", data=hidden | answers).status_code

        return post

    answers = all_at_once(
        [
            save("units", {"q_c1__U2": "A"}),
            save("self", {"q_post": "2"}),
            save("end", {"q_comment": "cả hai"}),
        ]
    )

    assert answers == {303: 3}
    summary = client.get(f"{world.url}/check").text
    for said in ("Đơn vị 2:</span> Tốt (vi)", "Công chức (vi)", "cả hai"):
        assert said in summary
