"""Errors → status and page, in one table."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass

from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from survey.db import DatabaseFailure, IntegrityFailure
from survey.errors import (
    N_,
    ClosedError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    Problem,
    SurveyError,
    UnavailableError,
)
from survey.web.i18n import error_text, gettext

log = logging.getLogger("xhh")

STATUS: dict[type[SurveyError], int] = {
    NotFoundError: 404,
    NotAllowedError: 403,
    UnavailableError: 503,
    InvalidError: 422,
    ClosedError: 410,
    ConflictError: 409,
    SurveyError: 400,
}

TITLES = {
    400: N_("Yêu cầu chưa hợp lệ"),
    403: N_("Bạn không có quyền xem trang này"),
    404: N_("Không tìm thấy trang"),
    405: N_("Không thực hiện được theo cách này"),
    409: N_("Chưa thực hiện được"),
    410: N_("Nội dung này đã đóng"),
    413: N_("Nội dung gửi lên quá lớn"),
    415: N_("Định dạng không được hỗ trợ"),
    422: N_("Dữ liệu cần xem lại"),
    429: N_("Bạn thử quá nhiều lần"),
    500: N_("Hệ thống gặp sự cố"),
    503: N_("Hệ thống tạm thời chưa sẵn sàng"),
}
TEXTS = {
    400: N_("Trình duyệt đã gửi một yêu cầu mà hệ thống không hiểu. Hãy quay lại và thử lại."),
    404: N_("Địa chỉ có thể bị gõ sai hoặc trang đã được chuyển đi."),
    405: N_("Hãy quay lại trang trước và dùng các nút trên trang."),
    413: N_("Hãy gửi nội dung ngắn hơn hoặc tệp nhỏ hơn."),
    415: N_("Hãy gửi lại bằng biểu mẫu trên trang hoặc bằng tệp CSV, XLSX."),
    429: N_("Vui lòng đợi một phút rồi thử lại."),
    500: N_("Sự cố đã được ghi lại. Vui lòng thử lại sau; nội dung đã lưu không bị mất."),
}
EXPIRED = N_(
    "Phiên làm việc trên trang này đã hết hạn hoặc trình duyệt không nhận cookie."
    " Hãy quay lại, tải lại trang rồi gửi lại."
)


@dataclass(frozen=True)
class ErrorPage:
    """What an error page says."""

    status: int
    title: str
    text: str
    problems: tuple[Problem, ...] = ()


def status_of(error: SurveyError) -> int:
    """Return the HTTP status of one of our errors."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def page_of(error: Exception) -> ErrorPage:
    """Return what the page of an error says, in the language of the request."""
    if isinstance(error, SurveyError):
        status = status_of(error)
        text = gettext(error.message, **error.values)
        problems = error.problems if isinstance(error, InvalidError) else ()
    elif isinstance(error, CSRFError):
        status, text, problems = 400, gettext(EXPIRED), ()
    elif isinstance(error, HTTPException):
        status, problems = error.code or 500, ()
        text = gettext(TEXTS.get(status, TEXTS[400]))
    elif isinstance(error, DatabaseFailure):
        status, problems = 503, ()
        if isinstance(error, IntegrityFailure):
            status = 409
        text = gettext(UnavailableError.default if status == 503 else ConflictError.default)
    else:
        status, text, problems = 500, gettext(TEXTS[500]), ()
    own = error.title if isinstance(error, SurveyError) else ""
    return ErrorPage(status, gettext(own or TITLES.get(status, TITLES[400])), text, problems)


def render(error: Exception) -> ResponseReturnValue:
    """Return the page of an error; what is our own fault is logged with its trace."""
    if isinstance(error, HTTPException) and error.code and 300 <= error.code < 400:
        return error
    page = page_of(error)
    note(error, page.status)
    g.setdefault("account", None)  # the page must not ask a database that may be away
    headers = {"Retry-After": "5"} if page.status == 503 else {}
    if isinstance(error, HTTPException) and page.status == 405:
        headers |= {k: v for k, v in error.get_headers() if k == "Allow"}
    shown = {
        "status": page.status,
        "title": page.title,
        "text": page.text,
        "advice": [_line(problem) for problem in page.problems],
    }
    return render_template("errors/error.html", **shown), page.status, headers


def note(error: Exception, status: int) -> None:
    """Log what is our own fault."""
    if isinstance(error, DatabaseFailure):
        # Its text may quote values of a row; the log says only what and where.
        where = traceback.extract_tb(error.__traceback__)[-1:]
        log.error("%s: %s, %s", type(error).__name__, status, where)
    elif status >= 500:
        log.error("%s: %s", type(error).__name__, status, exc_info=error)


def _line(problem: Problem) -> str:
    text = error_text(problem)
    return f"{problem.place}: {text}" if problem.place else text


def init_app(app: Flask) -> None:
    """Turn every error into a page; in tests our own faults are raised instead."""

    @app.errorhandler(Exception)
    def handle(error: Exception) -> ResponseReturnValue:
        expected = isinstance(error, SurveyError | HTTPException | DatabaseFailure)
        if current_app.testing and not expected:
            raise error
        return render(error)
