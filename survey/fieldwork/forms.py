"""What staff may post in the fieldwork room."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional

from survey.ballotbox.codes import LINK_LENGTH, TYPED_LENGTH
from survey.errors import N_
from survey.web.forms import StaffForm


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        if text and self.data is None:
            raise ValueError(N_("Nhập một số nguyên."))


class DefinitionForm(StaffForm):
    """The file that describes a campaign."""

    file = FileField(
        N_("Tệp mô tả đợt điều tra (JSON)"),
        validators=[FileRequired(N_("Chọn tệp mô tả đợt điều tra."))],
    )


class ConfirmForm(StaffForm):
    """Nothing but a button that was meant."""


class CodesForm(StaffForm):
    """How the codes are handed over."""

    length = RadioField(
        N_("Cách đưa mã đến người trả lời"),
        choices=[
            SelectChoice(str(TYPED_LENGTH), N_("In trên thư: mã 12 ký tự, gõ tay được")),
            SelectChoice(str(LINK_LENGTH), N_("Gửi liên kết: mã 26 ký tự, khó đoán hơn nữa")),
        ],
        default=str(TYPED_LENGTH),
        validate_choice=False,
        validators=[
            InputRequired(N_("Chọn cách đưa mã.")),
            AnyOf((str(TYPED_LENGTH), str(LINK_LENGTH)), N_("Chọn cách đưa mã.")),
        ],
    )
    per_cluster = WholeNumberField(
        N_("Số mã cho mỗi cụm"),
        description=N_("Mỗi cụm nhận chừng này mã, không quá số người trong cụm."),
        validators=[Optional(), NumberRange(1, 10_000, N_("Nhập số từ 1 đến 10.000."))],
    )
    kind = RadioField(
        N_("Định dạng tệp"),
        choices=[SelectChoice("xlsx", "Excel (.xlsx)"), SelectChoice("csv", "CSV")],
        default="xlsx",
        validate_choice=False,
        validators=[
            InputRequired(N_("Chọn định dạng tệp.")),
            AnyOf(("xlsx", "csv"), N_("Chọn định dạng tệp.")),
        ],
    )


class ResponsesForm(StaffForm):
    """A file of answers and the file that says what its columns are."""

    file = FileField(
        N_("Tệp câu trả lời (CSV hoặc XLSX)"),
        validators=[FileRequired(N_("Chọn tệp câu trả lời."))],
    )
    mapping = FileField(
        N_("Tệp ghép cột (JSON)"),
        description=N_("Cho biết cột nào là câu hỏi nào; mẫu có trong tài liệu hướng dẫn."),
        validators=[FileRequired(N_("Chọn tệp ghép cột."))],
    )
