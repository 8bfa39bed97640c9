"""What the log calls the actions of every room, in words."""

from __future__ import annotations

from survey.errors import N_
from survey.web.i18n import gettext

ACTIONS = {
    "account.signed_in": N_("Đăng nhập"),
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
    "run.made": N_("Tính kết quả"),
}


def action_name(action: str) -> str:
    """Return an action in the language of the request; one without words keeps its code."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action
