"""Sample forms for the page of patterns: one as it is first met, one sent back with errors."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from survey.web.forms import StaffForm
from survey.web.sample_questions import states

BLOCKS = [SelectChoice("departments", "Khối cục"), SelectChoice("offices", "Khối tham mưu")]


class SampleForm(StaffForm):
    """Every kind of field that staff pages use."""

    name = StringField("Tên đợt điều tra", [InputRequired()], description="Người trả lời sẽ thấy.")
    password = PasswordField("Mật khẩu", [InputRequired()])
    note = TextAreaField("Ghi chú")
    size = IntegerField("Cỡ mẫu", [InputRequired()])
    block = SelectField("Khối", [InputRequired()], choices=BLOCKS)
    kind = RadioField("Khối được đánh giá", [InputRequired()], choices=BLOCKS)
    opens = DateField("Ngày mở", [InputRequired()])
    closes = DateTimeLocalField("Thời điểm đóng")
    frame = FileField("Tệp danh sách đơn vị", description="CSV hoặc XLSX, tối đa 10 MB.")
    agreed = BooleanField("Đã đối chiếu với quyết định ban hành")


def samples() -> dict[str, object]:
    """Return what the page of patterns shows that a template cannot make by itself."""
    fresh, broken = SampleForm(formdata=None), SampleForm(formdata=None, prefix="broken")
    broken.name.errors = ["Hãy nhập tên đợt điều tra."]
    broken.size.errors = ["Cỡ mẫu phải là số nguyên dương, ví dụ 400."]
    broken.kind.errors = ["Hãy chọn một khối."]
    broken.agreed.errors = ["Hãy đối chiếu trước khi mở đợt."]
    page_url: Callable[[int], str] = lambda page: f"{request.path}?page={page}"  # noqa: E731
    return {
        "fresh": fresh,
        "broken": broken,
        "page_url": page_url,
        "question_states": states(),
    }
