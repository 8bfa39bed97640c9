"""What staff may post in the administration room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, PasswordField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length
from wtforms.widgets import CheckboxInput

from survey.administration.queries import AccountLine, EventFilter
from survey.errors import N_
from survey.model.account import Role
from survey.web.forms import StaffForm

ROLE_NAMES = {
    Role.SURVEY_MANAGER: N_("Quản lý điều tra"),
    Role.ANALYST: N_("Phân tích kết quả"),
    Role.ADMINISTRATOR: N_("Quản trị hệ thống"),
}
OWN_PASSWORD = N_("Mật khẩu của bạn")
OWN_PASSWORD_HINT = N_("Nhập lại mật khẩu bạn đang dùng để xác nhận thay đổi này.")
OWN_PASSWORD_NEEDED = N_("Nhập mật khẩu của bạn để xác nhận.")


class SignInForm(StaffForm):
    """Login and password."""

    login = StringField(
        N_("Tên đăng nhập"),
        validators=[DataRequired(N_("Nhập tên đăng nhập.")), Length(max=200)],
    )
    password = PasswordField(
        N_("Mật khẩu"), validators=[InputRequired(N_("Nhập mật khẩu.")), Length(max=1000)]
    )


class PasswordForm(StaffForm):
    """The password in use and the new one, twice."""

    own_password = PasswordField(
        N_("Mật khẩu đang dùng"),
        description=N_("Nếu mới nhận tài khoản, đây là mật khẩu dùng một lần bạn được cấp."),
        validators=[InputRequired(N_("Nhập mật khẩu đang dùng.")), Length(max=1000)],
    )
    new = PasswordField(
        N_("Mật khẩu mới"),
        description=N_("Từ 12 đến 128 ký tự. Vài từ tiếng Việt không liên quan là đủ mạnh."),
        validators=[InputRequired(N_("Nhập mật khẩu mới.")), Length(max=1000)],
    )
    again = PasswordField(
        N_("Nhập lại mật khẩu mới"),
        validators=[
            InputRequired(N_("Nhập lại mật khẩu mới.")),
            EqualTo("new", N_("Hai lần nhập mật khẩu mới chưa giống nhau.")),
        ],
    )


def _roles() -> SelectMultipleField:
    return SelectMultipleField(
        N_("Vai trò"),
        choices=[SelectChoice(role.value, label) for role, label in ROLE_NAMES.items()],
        option_widget=CheckboxInput(),
        render_kw={"class": "listed"},
        validators=[InputRequired(N_("Chọn ít nhất một vai trò."))],
    )


def _own_password() -> PasswordField:
    return PasswordField(
        OWN_PASSWORD,
        description=OWN_PASSWORD_HINT,
        validators=[InputRequired(OWN_PASSWORD_NEEDED), Length(max=1000)],
    )


class NewAccountForm(StaffForm):
    """A new account."""

    login = StringField(
        N_("Tên đăng nhập"),
        description=N_("Chữ cái không dấu, chữ số, dấu chấm, gạch ngang. Ví dụ: nguyenvan.an"),
        validators=[DataRequired(N_("Nhập tên đăng nhập.")), Length(max=200)],
    )
    display_name = StringField(
        N_("Họ và tên"), validators=[DataRequired(N_("Nhập họ tên, tối đa 300 ký tự."))]
    )
    roles = _roles()
    own_password = _own_password()


class AccountForm(StaffForm):
    """Roles and state of an account."""

    roles = _roles()
    is_active = BooleanField(
        N_("Được phép đăng nhập"),
        description=N_("Bỏ chọn để khoá tài khoản; mọi phiên đang mở sẽ kết thúc."),
    )
    own_password = _own_password()


def account_form(line: AccountLine) -> AccountForm:
    """Return the form as the account is now, whatever was posted."""
    return AccountForm(formdata=None, **stored(line))


def stored(line: AccountLine) -> dict[str, object]:
    """Return the values of an account's form as they are stored."""
    return {"roles": [role.value for role in line.roles], "is_active": line.is_active}


class ResetForm(StaffForm):
    """A new one-time password for somebody."""

    own_password = _own_password()


class OrganisationForm(StaffForm):
    """The file of blocks and units."""

    file = FileField(
        N_("Tệp cơ cấu tổ chức (JSON)"),
        validators=[FileRequired(N_("Chọn một tệp để tải lên."))],
    )


def event_filter(arguments: Mapping[str, str]) -> EventFilter:
    """Return which events a query string asks for; what cannot be read is not asked."""
    return EventFilter(
        actor=arguments.get("actor", "").strip()[:64],
        action=arguments.get("action", "")[:64],
        thing=arguments.get("thing", "").strip()[:300],
        first_day=_day(arguments.get("from", "")),
        last_day=_day(arguments.get("to", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
