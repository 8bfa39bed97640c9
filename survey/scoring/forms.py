"""What staff may post in the scoring room."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from survey.errors import N_
from survey.web.forms import StaffForm

FILE_NEEDED = N_("Chọn một tệp để tải lên.")


class FrameworkForm(StaffForm):
    """The file of a framework."""

    file = FileField(N_("Tệp bộ tiêu chí (JSON)"), validators=[FileRequired(FILE_NEEDED)])


class PointsForm(StaffForm):
    """A file of points."""

    file = FileField(
        N_("Tệp điểm (CSV hoặc XLSX)"),
        description=N_("Ba cột: don_vi, tieu_chi, diem. Tối đa 10 MB."),
        validators=[FileRequired(FILE_NEEDED)],
    )


class HistoryForm(StaffForm):
    """A file of published indices."""

    file = FileField(
        N_("Tệp chỉ số các năm trước (CSV hoặc XLSX)"),
        description=N_("Các cột: don_vi, nam, chi_so, hang, nguon, so_sanh_duoc. Tối đa 10 MB."),
        validators=[FileRequired(FILE_NEEDED)],
    )
