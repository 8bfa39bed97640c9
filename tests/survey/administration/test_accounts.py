"""Accounts: made, changed, locked; and always somebody who can administer."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import delete, func, select

from survey.administration import queries, services
from survey.clock import now
from survey.db import transaction
from survey.errors import ConflictError, InvalidError, NotFoundError
from survey.model.account import Account, AccountRole, LoginSession, Role
from survey.model.audit import AuditEvent
from tests.support.accounts import PASSWORD, make_account
from tests.support.pages import elements, parse, text

PAGE = "/staff/administration/accounts"
ONE_TIME = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
NEW = "ba con vịt bơi ngang"


def create(session, login="binh", roles=(Role.ANALYST,), name="Trần Bình"):
    return services.create_account(session, login, name, roles, actor="an", at=now())


def one_time_password(response):
    shown = [text(element) for element in elements(parse(response.text)[0], "strong")]
    return next(found for found in shown if ONE_TIME.fullmatch(found))


def new_account(**changes):
    values = {"login": "binh", "display_name": "Trần Bình", "roles": ["analyst"]}
    return {**values, "own_password": PASSWORD, **changes}


def test_a_new_account_has_to_change_its_one_time_password(session):
    password = create(session, " Binh ")

    account = queries.account_by_login(session, "binh")
    assert ONE_TIME.fullmatch(password)
    assert (account.must_change_password, account.is_active) == (True, True)
    assert password not in account.password_hash
    assert services.sign_in(session, "binh", password, at=now())


def test_everything_wrong_with_a_new_account_is_said_at_once(session):
    with pytest.raises(InvalidError) as raised:
        create(session, "có dấu", roles=(), name=" ")

    assert [problem.place for problem in raised.value.problems] == [
        "login",
        "display_name",
        "roles",
    ]


@pytest.mark.parametrize("login", ["a", ".an", "a" * 65, "an nguyen", "an/../b", "ân", ""])
def test_logins_that_could_be_mistaken_are_refused(session, login):
    with pytest.raises(InvalidError):
        create(session, login)


def test_a_login_is_given_once_whatever_its_capitals(session):
    create(session, "binh")

    with pytest.raises(InvalidError) as raised:
        create(session, "BINH")

    assert raised.value.problems[0].code == "taken"
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_changing_roles_signs_the_account_out(session):
    password = create(session)
    services.sign_in(session, "binh", password, at=now())
    binh = services.account_id_of(session, "binh")

    roles = {Role.SURVEY_MANAGER}
    services.change_account(session, binh, roles, is_active=True, actor="an", at=now())

    assert session.scalars(select(LoginSession)).all() == []
    assert queries.account_line(session, binh).roles == (Role.SURVEY_MANAGER,)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "account.changed")).one()
    assert event.details["roles_before"] == ["analyst"]


def test_saving_an_account_unchanged_keeps_its_sessions(session):
    password = create(session)
    services.sign_in(session, "binh", password, at=now())
    binh = services.account_id_of(session, "binh")

    services.change_account(session, binh, {Role.ANALYST}, is_active=True, actor="an", at=now())

    assert len(session.scalars(select(LoginSession)).all()) == 1


def test_a_locked_account_does_not_sign_in(session):
    password = create(session)
    binh = services.account_id_of(session, "binh")

    services.change_account(session, binh, {Role.ANALYST}, is_active=False, actor="an", at=now())

    assert services.sign_in(session, "binh", password, at=now()) is None


@pytest.mark.parametrize(
    ("roles", "is_active"), [({Role.ANALYST}, True), ({Role.ADMINISTRATOR}, False)]
)
def test_the_last_administrator_stays(session, roles, is_active):
    make_account(session, "administrator", login="khoa").is_active = False
    an = make_account(session, "administrator", login="an").id

    with pytest.raises(ConflictError):
        services.change_account(session, an, roles, is_active=is_active, actor="an", at=now())

    assert queries.active_administrators(session) == {an}


@pytest.mark.parametrize(
    ("roles", "is_active"),
    [({Role.ANALYST}, True), ({Role.ADMINISTRATOR}, False), ({Role.SURVEY_MANAGER}, False)],
)
def test_two_administrators_cannot_remove_each_other_at_the_same_moment(
    database, session, roles, is_active
):
    keys = [make_account(session, "administrator", login=name).id for name in ("an", "binh")]
    session.close()
    outcomes = []
    barrier = threading.Barrier(2)

    def demote(account_id):
        with database.session() as own:
            barrier.wait()
            try:
                services.change_account(
                    own, account_id, roles, is_active=is_active, actor="x", at=now()
                )
                outcomes.append("done")
            except ConflictError:
                outcomes.append("refused")

    threads = [threading.Thread(target=demote, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]
    with database.session() as own:
        assert len(queries.active_administrators(own)) == 1


def test_a_change_waits_for_the_one_before_and_sees_what_it_did(database, session):
    keys = [make_account(session, "administrator", login=n).id for n in ("an", "binh", "chi")]
    session.close()
    outcomes = []
    more = {Role.ADMINISTRATOR, Role.ANALYST}

    def demote():
        with database.session() as own:
            services.change_account(
                own, keys[0], {Role.ANALYST}, is_active=True, actor="x", at=now()
            )
            outcomes.append(queries.active_administrators(own))

    with database.session() as first, transaction(first):
        queries.hold_accounts(first)
        thread = threading.Thread(target=demote)
        thread.start()
        thread.join(0.3)
        assert outcomes == []
        # An administrator's role is written anew: whoever waits must not take it for lost.
        first.execute(delete(AccountRole).where(AccountRole.account_id == keys[1]))
        first.execute(delete(AccountRole).where(AccountRole.account_id == keys[2]))
        first.add_all(AccountRole(account_id=keys[1], role=role) for role in more)
    thread.join()

    assert outcomes == [{keys[1]}]


def test_an_account_that_is_not_there(session):
    with pytest.raises(NotFoundError):
        services.account_id_of(session, "khong-co")
    with pytest.raises(NotFoundError):
        services.reset_password(session, 12345, actor="an", at=now())


def test_the_first_start_makes_an_administrator_once(session):
    password = services.ensure_administrator(session, at=now())

    assert services.sign_in(session, "admin", password, at=now())
    assert services.ensure_administrator(session, at=now()) is None
    roles = session.scalars(select(AccountRole.role)).all()
    assert roles == [Role.ADMINISTRATOR]


def test_the_page_makes_an_account_and_shows_its_password_once(login, make_client, session):
    client = login("administrator")

    made = client.submit(PAGE, new_account())

    password = one_time_password(made)
    assert made.headers["Cache-Control"] == "no-store"
    assert password not in client.get(PAGE).text
    browser = make_client()
    assert (
        browser.submit("/staff/sign-in", {"login": "binh", "password": password}).status_code == 303
    )
    assert browser.get("/staff/design/").location == "/staff/password"


def test_a_one_time_password_is_changed_at_once_and_then_all_pages_open(login, make_client):
    password = one_time_password(login("administrator").submit(PAGE, new_account()))
    browser = make_client()
    browser.submit("/staff/sign-in", {"login": "binh", "password": password})
    page = browser.get("/staff/password")
    assert "mật khẩu dùng một lần" in page.text

    values = {"own_password": password, "new": NEW, "again": NEW}
    changed = browser.submit("/staff/password", values)

    assert changed.location == "/staff/"
    assert browser.get("/staff/design/").status_code == 200
    again = make_client().submit("/staff/sign-in", {"login": "binh", "password": password})
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"own_password": "sai mật khẩu rồi"}, "Mật khẩu này không đúng."),
        ({"again": "một câu khác hẳn"}, "Hai lần nhập mật khẩu mới chưa giống nhau."),
        ({"new": "ngắn", "again": "ngắn"}, "Mật khẩu cần từ 12 đến 128 ký tự."),
        ({"new": "analyst 2026 nhé", "again": "analyst 2026 nhé"}, "tên đăng nhập"),
        ({"new": "password1234", "again": "password1234"}, "quá phổ biến"),
        ({"new": "", "again": ""}, "Nhập mật khẩu mới."),
    ],
)
def test_a_password_that_does_not_do_is_explained(login, changes, message):
    client = login("analyst")

    values = {"own_password": PASSWORD, "new": NEW, "again": NEW, **changes}
    response = client.submit("/staff/password", values)

    assert response.status_code == 422
    assert message in response.text


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(
    login, make_client, session
):
    client, other = login("analyst"), make_client()
    other.submit("/staff/sign-in", {"login": "analyst", "password": PASSWORD})

    client.submit("/staff/password", {"own_password": PASSWORD, "new": NEW, "again": NEW})

    assert client.get("/staff/").status_code == 200
    assert other.get("/staff/").status_code == 303


def test_guessing_the_own_password_in_an_open_session_is_stopped(login, settings):
    client = login("analyst")
    wrong = {"own_password": "sai mật khẩu rồi", "new": NEW, "again": NEW}
    for _ in range(settings.sign_in_attempts):
        client.submit("/staff/password", wrong)

    right = client.submit("/staff/password", {**wrong, "own_password": PASSWORD})

    assert right.status_code == 422
    assert "Bạn đã thử quá nhiều lần." in right.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"own_password": "sai mật khẩu rồi"}, "Mật khẩu này không đúng."),
        ({"login": "administrator"}, "Tên đăng nhập này đã có người dùng."),
        ({"login": "có dấu"}, "không dấu"),
        ({"roles": []}, "Chọn ít nhất một vai trò."),
        ({"display_name": "x" * 301}, "tối đa 300 ký tự"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_makes_nothing(login, session, changes, message):
    response = login("administrator").submit(PAGE, new_account(**changes))

    assert response.status_code == 422
    assert message in response.text
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_a_forged_role_is_refused(login, session):
    client = login("administrator")

    response = client.submit(PAGE, new_account(roles=[]), forged={"roles": ["emperor"]})

    assert response.status_code == 422
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_the_page_locks_an_account_and_ends_its_sessions(login, session):
    client, other = login("administrator"), login("analyst")
    key = services.account_id_of(session, "analyst")

    values = {"roles": ["analyst"], "own_password": PASSWORD, "is_active": []}
    response = client.submit(f"{PAGE}/{key}", values)

    assert response.status_code == 303
    assert other.get("/staff/").status_code == 303
    assert "Đã khoá" in client.get(PAGE).text


def test_the_page_tells_that_the_last_administrator_stays(login, session):
    client = login("administrator")
    key = services.account_id_of(session, "administrator")

    response = client.submit(f"{PAGE}/{key}", {"roles": ["analyst"], "own_password": PASSWORD})

    assert response.status_code == 422
    assert "quản trị viên cuối cùng" in response.text
    assert client.get(PAGE).status_code == 200


def test_the_page_issues_another_one_time_password(login, make_client, session):
    client, other = login("administrator"), login("analyst")
    key = services.account_id_of(session, "analyst")

    response = client.submit(f"{PAGE}/{key}", {"reset-own_password": PASSWORD})

    password = one_time_password(response)
    assert other.get("/staff/").status_code == 303
    browser = make_client()
    signed_in = browser.submit("/staff/sign-in", {"login": "analyst", "password": password})
    assert signed_in.status_code == 303


def test_issuing_a_password_needs_the_own_one(login, session):
    client = login("administrator")
    key = services.account_id_of(session, "administrator")

    response = client.submit(f"{PAGE}/{key}", {"reset-own_password": "sai mật khẩu rồi"})

    assert response.status_code == 422
    assert not elements(parse(response.text)[0], "strong")


def test_an_account_nobody_has_is_not_found(login):
    assert login("administrator").get(f"{PAGE}/987654").status_code == 404


def test_pages_of_accounts_are_there_in_english(login, session):
    client = login("administrator")
    key = services.account_id_of(session, "administrator")

    assert "Add an account" in client.get(f"{PAGE}?lang=en").text
    assert "Roles and access" in client.get(f"{PAGE}/{key}").text
    assert "Change password" in client.get("/staff/password").text
