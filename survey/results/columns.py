"""The columns of the tidy table of results: a key for machines, a name and a meaning for people."""

from __future__ import annotations

from dataclasses import dataclass

from survey.errors import N_

INDEX, POINTS = "index", "points"


@dataclass(frozen=True)
class Column:
    """A column: heading of the CSV file, heading and explanation in the workbook, its width."""

    key: str
    name: str
    meaning: str
    width: float = 12


COLUMNS = (
    Column("block", N_("Khối"), N_("mã khối"), 10),
    Column("level", N_("Mức"), N_("dòng nói về chỉ số, phần XHH hay một tiêu chí"), 11),
    Column("unit", N_("Mã đơn vị"), N_("mã đơn vị"), 14),
    Column("unit_name", N_("Đơn vị"), N_("tên đơn vị"), 40),
    Column("leaf", N_("Tiêu chí"), N_("mã tiêu chí, ở dòng tiêu chí"), 9),
    Column("points", N_("Điểm"), N_("điểm, chưa làm tròn")),
    Column("max_points", N_("Điểm tối đa"), N_("điểm tối đa áp dụng")),
    Column("share", N_("Tỷ lệ điểm (0–1)"), N_("điểm chia điểm tối đa")),
    Column("index", N_("Chỉ số (0–100)"), N_("ở dòng chỉ số: tỷ lệ điểm nhân 100")),
    Column(
        "scale", N_("Thang"), N_("thang của giá trị, sai số chuẩn và hai cận: chỉ số hoặc điểm")
    ),
    Column("estimate", N_("Giá trị"), N_("chỉ số ở dòng chỉ số, điểm ở các dòng khác")),
    Column("se", N_("Sai số chuẩn"), N_("sai số chuẩn của giá trị")),
    Column("df", N_("Bậc tự do"), N_("bậc tự do của sai số chuẩn"), 10),
    Column("ci_low", N_("Cận dưới"), N_("cận dưới của khoảng tin cậy 95%")),
    Column("ci_high", N_("Cận trên"), N_("cận trên của khoảng tin cậy 95%")),
    Column("n", N_("Số phiếu"), N_("số phiếu hợp lệ"), 9),
    Column("rank", N_("Hạng"), N_("ở dòng mà khối được xếp hạng theo"), 7),
    Column("previous", N_("Chỉ số năm trước"), N_("chỉ số đã công bố năm trước"), 10),
    Column("previous_rank", N_("Hạng năm trước"), N_("hạng đã công bố năm trước"), 10),
    Column("change", N_("Thay đổi"), N_("chỉ số trừ chỉ số năm trước"), 10),
    Column("places", N_("Số bậc"), N_("số bậc tăng, âm là giảm"), 8),
    Column("status", N_("Tình trạng"), N_("tiêu chí được chấm như thế nào"), 14),
    Column("notes", N_("Lưu ý"), N_("điều cần biết khi đọc dòng này"), 50),
    Column("generated", N_("Máy tạo"), N_("đúng nếu câu trả lời do máy tạo"), 11),
)

# In files for everybody a row for each group, and nothing that tells a number of persons exactly.
GROUP = Column("group", N_("Nhóm"), N_("mã nhóm trả lời, ở dòng nhóm"), 10)
PUBLIC_COLUMNS = tuple(
    one
    for column in COLUMNS
    if column.key != "df"
    for one in ((column, GROUP) if column.key == "leaf" else (column,))
)

# Codes that the workbook writes in words; statuses have theirs among the words of the results.
LEVELS = {
    "index": N_("chỉ số"),
    "survey": N_("phần XHH"),
    "leaf": N_("tiêu chí"),
    "group": N_("nhóm"),
}
SCALES = {INDEX: N_("chỉ số"), POINTS: N_("điểm")}
