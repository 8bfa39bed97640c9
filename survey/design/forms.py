"""What staff may post in the design room."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from survey.errors import N_
from survey.web.forms import StaffForm


class QuestionnaireForm(StaffForm):
    """The document of a questionnaire."""

    file = FileField(
        N_("Tệp bộ câu hỏi (JSON)"), validators=[FileRequired(N_("Chọn một tệp để tải lên."))]
    )
