"""Staff accounts, their roles and their sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import Key, Model, Name, enum_type


class Role(StrEnum):
    """What an account may do."""

    SURVEY_MANAGER = "survey_manager"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Account(Model):
    """A member of staff who signs in."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("login"),)

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(64))
    display_name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class AccountRole(Model):
    """A role that an account holds."""

    __tablename__ = "account_role"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"), primary_key=True)


class LoginSession(Model):
    """A signed-in browser, known by the hash of its token."""

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
