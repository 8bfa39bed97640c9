"""The staff navigation: what each role finds where."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for

from survey.errors import N_
from survey.model.account import Role
from survey.web.auth import current_account
from survey.web.i18n import gettext

ADMINISTRATOR, ANALYST, MANAGER = Role.ADMINISTRATOR, Role.ANALYST, Role.SURVEY_MANAGER

PAGES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    (N_("Trang chính"), "administration.home", frozenset(Role)),
    (N_("Bộ câu hỏi"), "design.questionnaires", frozenset({MANAGER, ANALYST})),
    (N_("Đợt điều tra"), "fieldwork.campaigns", frozenset({MANAGER, ANALYST})),
    (N_("Bộ tiêu chí và điểm"), "scoring.frameworks", frozenset({MANAGER, ANALYST})),
    (N_("Kết quả"), "results.campaigns", frozenset({ANALYST})),
    (N_("Tài khoản"), "administration.accounts", frozenset({ADMINISTRATOR})),
    (N_("Nhật ký"), "administration.audit_log", frozenset({ADMINISTRATOR})),
)


@dataclass(frozen=True)
class NavigationLink:
    """One entry of the navigation."""

    label: str
    url: str
    is_current: bool


def navigation() -> list[NavigationLink]:
    """Return the entries that the signed-in account may open."""
    account = current_account()
    if account is None:
        return []
    return [
        NavigationLink(gettext(label), url_for(endpoint), _is_current(endpoint))
        for label, endpoint, roles in PAGES
        if account.roles & {role.value for role in roles}
    ]


def _is_current(endpoint: str) -> bool:
    if request.endpoint == endpoint:
        return True
    feature = endpoint.split(".", maxsplit=1)[0]
    return feature != "administration" and request.blueprint == feature


def init_app(app: Flask) -> None:
    """Give the staff layout its navigation."""
    app.context_processor(lambda: {"navigation": navigation()})
