"""Staff accounts for tests, signed in as people do it."""

from __future__ import annotations

from argon2 import PasswordHasher
from flask import url_for
from sqlalchemy.orm import Session

from survey.clock import now
from survey.model.account import Account, AccountRole, Role
from tests.support.client import CheckedClient

PASSWORD = "đúng mật khẩu này"
# As weak as the algorithm allows: the strength is not what these tests are about.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def make_account(session: Session, *roles: str, login: str | None = None) -> Account:
    """Return a stored account with these roles, ready to sign in with `PASSWORD`."""
    account = Account(
        login=login or "_".join(sorted(roles)) or "nobody",
        display_name="Nguyễn Thị Thử Nghiệm",
        password_hash=QUICK.hash(PASSWORD),
        must_change_password=False,
        is_active=True,
        created_at=now(),
    )
    session.add(account)
    session.flush()
    session.add_all(AccountRole(account_id=account.id, role=Role(role)) for role in roles)
    session.commit()
    return account


def sign_in(client: CheckedClient, session: Session, *roles: str) -> CheckedClient:
    """Return the browser, signed in through the sign-in page as a new account."""
    account = make_account(session, *roles)
    with client.application.test_request_context():
        page = url_for("administration.sign_in")
    response = client.submit(page, {"login": account.login, "password": PASSWORD})
    assert response.status_code == 303, f"signing in failed: {response.status}"
    return client
