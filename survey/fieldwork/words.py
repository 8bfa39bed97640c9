"""The words of the fieldwork room: states, samples, and what a mode of anonymity promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey.errors import N_
from survey.fieldwork.importing import ImportReport
from survey.fieldwork.queries import State
from survey.model.campaign import Anonymity, Sampling, Scope

MOST_NAMED = 20  # questions or warnings that a remark lists
STATES = {
    State.PREPARED: N_("Đang chuẩn bị"),
    State.WAITING: N_("Chờ đến giờ mở"),
    State.OPEN: N_("Đang nhận phiếu"),
    State.CLOSED: N_("Đã đóng"),
}
TONES = {
    State.PREPARED: "neutral",
    State.WAITING: "info",
    State.OPEN: "success",
    State.CLOSED: "neutral",
}
ANONYMITY = {
    Anonymity.CODE: N_("Ẩn danh, mã dùng một lần"),
    Anonymity.OPEN: N_("Ẩn danh, liên kết mở cho mọi người"),
}
# What respondents are told follows from the mode; nobody writes it by hand.
PROMISES = {
    Anonymity.CODE: N_(
        "Mỗi người được chọn nhận một mã và gửi được đúng một phiếu. Chúng ta biết đã mời ai;"
        " hệ thống không ghi lại ai đã trả lời và trả lời gì: nó không giữ mã, chỉ giữ dấu băm"
        " có khóa của mã."
    ),
    Anonymity.OPEN: N_(
        "Ai có liên kết đều trả lời được, kể cả nhiều lần. Vì vậy phiếu qua liên kết mở được"
        " trình bày riêng và không dùng để xếp hạng."
    ),
}
SAMPLING = {
    Sampling.CENSUS: N_("Toàn bộ"),
    Sampling.STRATIFIED: N_("Ngẫu nhiên theo tầng"),
    Sampling.CLUSTER: N_("Chọn cụm theo tầng"),
}
SCOPES = {
    Scope.ALL: N_("Mọi đơn vị trong khối"),
    Scope.EXCEPT_OWN: N_("Các đơn vị trong khối, trừ đơn vị mình"),
    Scope.OWN: N_("Đơn vị nơi đã giải quyết thủ tục"),
}


def remarks(report: ImportReport) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what an import left out and what it took in spite of a warning, if anything."""
    if report.dropped:
        message = N_(
            "Bỏ %(count)s câu trả lời vì các câu khác của phiếu không dẫn tới câu đó: %(named)s."
        )
        yield message, _counted(report.dropped)
    if report.warned:
        message = N_("Nhận %(count)s lần dù phiếu vướng cảnh báo: %(named)s.")
        yield message, _counted(report.warned)


def _counted(found: Mapping[str, int]) -> dict[str, object]:
    listed = [f"{name} ({count})" for name, count in sorted(found.items())]
    more = ["…"] if len(listed) > MOST_NAMED else []
    return {"count": sum(found.values()), "named": ", ".join(listed[:MOST_NAMED] + more)}
