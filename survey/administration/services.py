"""What the administration room changes: accounts, their roles, passwords and sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.administration import passwords, queries
from survey.administration.organisation import (
    BlockEntry,
    OrganisationFile,
    SuccessionEntry,
    read_organisation,
)
from survey.db import IntegrityFailure, transaction
from survey.definition import Bilingual, Reader
from survey.errors import N_, ConflictError, InvalidError, NotFoundError, Problem
from survey.model.account import Account, AccountRole, LoginSession, Role
from survey.model.framework import RespondentGroup
from survey.model.organisation import Block, Unit, UnitSuccession
from survey.web import auth

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
FIRST_LOGIN = "admin"
NOBODY = "–"  # acts before anybody is signed in

Entry = TypeVar("Entry", RespondentGroup, Block, Unit)


def sign_in(session: Session, login: str, password: str, *, at: datetime) -> str | None:
    """Return the token of a new session, None when login and password do not belong together."""
    login = login_of(login)
    account = queries.account_by_login(session, login)
    known = account is not None and account.is_active
    account_id = account.id if account and known else 0
    stored = account.password_hash if account and known else None
    session.rollback()  # holds no lock while the slow hash is computed
    if not passwords.matches(stored, password):
        return None
    with transaction(session):
        session.execute(delete(LoginSession).where(LoginSession.created_at < at - auth.LONGEST))
        token = auth.start_session(session, account_id, at=at)
        audit.record(session, actor=login, at=at, action="account.signed_in", thing=login)
    return token


def login_of(typed: str) -> str:
    """Return the login that somebody meant, no longer than one can be."""
    return typed.strip().casefold()[:64]


def note_refused(session: Session, login: str, *, at: datetime) -> None:
    """Record that somebody tried to sign in and could not: who it was is not known."""
    with transaction(session):
        audit.record(session, actor=NOBODY, at=at, action="account.refused", thing=login_of(login))


def sign_out(session: Session) -> None:
    """End the session that this browser brought along, if any."""
    with transaction(session):
        auth.end_current_session(session)


def is_own_password(session: Session, account_id: int, password: str) -> bool:
    """Tell whether somebody signed in knows their password, before a change that matters."""
    stored = _account(session, account_id).password_hash
    session.rollback()
    return passwords.matches(stored, password)


def change_password(
    session: Session, account_id: int, new: str, *, actor: str, at: datetime
) -> str:
    """Give an account the password its owner chose; return the token of its one new session."""
    problem = passwords.problem_with(new, actor)
    if problem is not None:
        raise InvalidError([problem])
    stored = passwords.hash_of(new)  # before the transaction, because it takes long on purpose
    with transaction(session):
        account = _account(session, account_id)
        account.password_hash, account.must_change_password = stored, False
        auth.end_sessions(session, account_id)
        token = auth.start_session(session, account_id, at=at)
        audit.record(session, actor=actor, at=at, action="account.password_changed", thing=actor)
    return token


def create_account(
    session: Session,
    login: str,
    display_name: str,
    roles: Iterable[Role],
    *,
    actor: str,
    at: datetime,
) -> str:
    """Create an account and return its one-time password, which is shown once and kept nowhere."""
    login, display_name, held = login.strip().casefold(), display_name.strip(), set(roles)
    problems = _problems(login, display_name, held)
    if problems:
        raise InvalidError(problems)
    password = passwords.one_time_password()
    account = Account(
        login=login,
        display_name=display_name,
        password_hash=passwords.hash_of(password),
        must_change_password=True,
        is_active=True,
        created_at=at,
    )
    with transaction(session):
        if queries.account_by_login(session, login) is not None:
            message = N_("Tên đăng nhập này đã có người dùng.")
            raise InvalidError([Problem("login", "taken", message)])
        session.add(account)
        session.flush()
        session.add_all(AccountRole(account_id=account.id, role=role) for role in held)
        names = sorted(role.value for role in held)
        audit.record(
            session, actor=actor, at=at, action="account.created", thing=login, roles=names
        )
    return password


def _problems(login: str, display_name: str, roles: set[Role]) -> list[Problem]:
    found = []
    if not LOGIN.fullmatch(login):
        message = N_(
            "Tên đăng nhập gồm 2 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang"
            " hoặc gạch dưới, bắt đầu bằng chữ hoặc số."
        )
        found.append(Problem("login", "login", message))
    if not 1 <= len(display_name) <= 300:
        found.append(Problem("display_name", "name", N_("Nhập họ tên, tối đa 300 ký tự.")))
    if not roles:
        found.append(Problem("roles", "roles", N_("Chọn ít nhất một vai trò.")))
    return found


def change_account(
    session: Session,
    account_id: int,
    roles: Iterable[Role],
    *,
    is_active: bool,
    actor: str,
    at: datetime,
) -> None:
    """Set an account's roles and whether it may sign in; its open sessions end at a change."""
    wanted = set(roles)
    if not wanted:
        raise InvalidError([Problem("roles", "roles", N_("Chọn ít nhất một vai trò."))])
    with transaction(session):
        queries.hold_accounts(session)
        account = _account(session, account_id)
        before = queries.account_line(session, account_id)
        if set(before.roles) == wanted and before.is_active == is_active:
            return
        if not is_active or Role.ADMINISTRATOR not in wanted:
            _keep_an_administrator(session, account_id)
        account.is_active = is_active
        session.execute(delete(AccountRole).where(AccountRole.account_id == account_id))
        session.add_all(AccountRole(account_id=account_id, role=role) for role in wanted)
        auth.end_sessions(session, account_id)
        audit.record(
            session,
            actor=actor,
            at=at,
            action="account.changed",
            thing=account.login,
            roles=sorted(role.value for role in wanted),
            roles_before=sorted(role.value for role in before.roles),
            is_active=is_active,
        )


def _keep_an_administrator(session: Session, account_id: int) -> None:
    if queries.active_administrators(session) == {account_id}:
        raise ConflictError(
            N_(
                "Đây là quản trị viên cuối cùng còn hoạt động."
                " Hãy giao vai trò này cho người khác trước."
            )
        )


def reset_password(session: Session, account_id: int, *, actor: str, at: datetime) -> str:
    """Give an account a one-time password, end its sessions, and return the password."""
    password = passwords.one_time_password()
    stored = passwords.hash_of(password)
    with transaction(session):
        account = _account(session, account_id)
        account.password_hash, account.must_change_password = stored, True
        auth.end_sessions(session, account_id)
        audit.record(
            session, actor=actor, at=at, action="account.password_reset", thing=account.login
        )
    return password


def ensure_administrator(session: Session, *, at: datetime) -> str | None:
    """Make the first administrator and return its one-time password; None where accounts exist."""
    if queries.has_accounts(session):
        return None
    name, roles = "Quản trị viên", {Role.ADMINISTRATOR}
    try:
        return create_account(session, FIRST_LOGIN, name, roles, actor="first-start", at=at)
    except (IntegrityFailure, InvalidError):
        return None  # another process that starts at the same moment was faster


def account_id_of(session: Session, login: str) -> int:
    """Return the key of the account with this login."""
    account = queries.account_by_login(session, login.strip().casefold())
    if account is None:
        raise NotFoundError(N_("Không có tài khoản “%(login)s”."), login=login)
    return account.id


def _account(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFoundError
    return account


def load_organisation(session: Session, raw: Any, *, actor: str, at: datetime) -> None:
    """Store an organisation file: new entries are added, known ones brought up to date."""
    reader = Reader()
    file = read_organisation(raw, reader)
    with transaction(session):
        if not reader.problems:
            _check_against_stored(session, file, reader)
        reader.finish()
        for position, group in enumerate(file.groups, 1):
            _store(session, RespondentGroup, group.code, group.name, position=position)
        for position, block in enumerate(file.blocks, 1):
            _store_block(session, block, position)
        for entry in file.successions:
            _store_succession(session, entry)
        audit.record(
            session,
            actor=actor,
            at=at,
            action="organisation.loaded",
            thing=", ".join(block.code for block in file.blocks) or "–",
            groups=len(file.groups),
            blocks=len(file.blocks),
            units=len(list(file.units())),
            successions=len(file.successions),
        )


def _check_against_stored(session: Session, file: OrganisationFile, reader: Reader) -> None:
    stored = queries.block_of_units(session)
    for block in file.blocks:
        for unit in block.units:
            before = stored.get(unit.code, block.code)
            if before != block.code:
                message = N_(
                    "Đơn vị “%(unit)s” đã thuộc khối “%(block)s”. Hãy khai đơn vị mới"
                    " với mã khác và ghi quan hệ kế thừa."
                )
                reader.wrong(unit.place, "other-block", message, unit=unit.code, block=before)
    known = {*stored, *(unit.code for unit in file.units())}
    for entry in file.successions:
        for code in (entry.predecessor, entry.successor):
            if code not in known:
                message = N_("Không có đơn vị nào mang mã “%(unit)s”.")
                reader.wrong(entry.place, "unknown-unit", message, unit=code)


def _store_block(session: Session, entry: BlockEntry, position: int) -> None:
    validity = {"valid_from": entry.valid_from, "valid_to": entry.valid_to}
    block = _store(session, Block, entry.code, entry.name, position=position, **validity)
    for number, unit in enumerate(entry.units, 1):
        values = {"is_ranked": unit.is_ranked, "block_id": block.id, "position": number}
        validity = {"valid_from": unit.valid_from, "valid_to": unit.valid_to}
        _store(session, Unit, unit.code, unit.name, **values, **validity)


def _store_succession(session: Session, entry: SuccessionEntry) -> None:
    keys = [
        session.scalars(select(Unit.id).where(Unit.code == code)).one()
        for code in (entry.predecessor, entry.successor)
    ]
    succession = session.get(UnitSuccession, tuple(keys))
    if succession is None:
        succession = UnitSuccession(predecessor_id=keys[0], successor_id=keys[1])
        session.add(succession)
    succession.took_effect_on, succession.decision = entry.took_effect_on, entry.decision


def _store(
    session: Session, kind: type[Entry], code: str, name: Bilingual, **values: object
) -> Entry:
    row = session.scalars(select(kind).where(kind.code == code)).one_or_none()
    if row is None:
        row = kind(code=code, name=name.vi, name_en=name.en, **values)
        session.add(row)
    row.name, row.name_en = name.vi, name.en
    for column, value in values.items():
        setattr(row, column, value)
    session.flush()
    return row
