"""What the log calls the actions of every room, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.errors import N_
from survey.web.i18n import gettext

ACTIONS = {
    "account.signed_in": N_("Đăng nhập"),
    "account.refused": N_("Đăng nhập không thành công"),
    "account.created": N_("Tạo tài khoản"),
    "account.changed": N_("Đổi vai trò hoặc trạng thái tài khoản"),
    "account.password_changed": N_("Đổi mật khẩu"),
    "account.password_reset": N_("Cấp mật khẩu dùng một lần"),
    "organisation.loaded": N_("Nạp cơ cấu tổ chức"),
    "framework.loaded": N_("Nạp bộ tiêu chí"),
    "points.imported": N_("Nhập điểm"),
    "history.imported": N_("Nhập chỉ số các năm trước"),
    "questionnaire.published": N_("Ban hành bộ câu hỏi"),
    "campaign.created": N_("Tạo đợt điều tra"),
    "campaign.launched": N_("Mở đợt điều tra"),
    "campaign.closed": N_("Đóng đợt điều tra"),
    "codes.issued": N_("Cấp mã phiếu"),
    "responses.imported": N_("Nhập phiếu từ tệp"),
    "results.run": N_("Tính kết quả"),
    "ballots.generated": N_("Tạo phiếu mô phỏng"),
}

DETAILS = {
    "applies_to": N_("áp dụng"),
    "blocks": N_("số khối"),
    "ballots": N_("số phiếu"),
    "checksum": N_("mã kiểm"),
    "closes_at": N_("đóng lúc"),
    "codes": N_("số mã"),
    "decision": N_("quyết định"),
    "file": N_("tệp"),
    "groups": N_("số nhóm"),
    "is_active": N_("được đăng nhập"),
    "leaves": N_("số tiêu chí"),
    "replaced": N_("thay"),
    "roles": N_("vai trò"),
    "roles_before": N_("vai trò trước"),
    "rows": N_("số dòng"),
    "seed": N_("số gieo"),
    "sha256": N_("mã kiểm"),
    "successions": N_("kế thừa"),
    "units": N_("số đơn vị"),
}


def details_text(details: Mapping[str, Any]) -> str:
    """Return the details of an event as one line; empty ones are left out."""
    parts = []
    for name, value in sorted(details.items()):
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, bool):
            shown = gettext(N_("Có") if value else N_("Không"))
        if shown not in {"", None}:
            label = gettext(DETAILS[name]) if name in DETAILS else name
            parts.append(f"{label}: {shown}")
    return "; ".join(parts)


def action_name(action: str) -> str:
    """Return an action in the language of the request; one without words keeps its code."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action
