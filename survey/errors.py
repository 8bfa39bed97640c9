"""The errors of the platform, each with a stable code and a message that says what to do.

SurveyError                  code, message, values
├─ ConfigurationError        stops the start
├─ NotFoundError             404
├─ NotAllowedError           403
├─ UnavailableError          503  the database did not confirm; trying again is safe
├─ InvalidError              422  problems: everything that is wrong, at once, each with its place
│   ├─ DocumentError         a questionnaire that does not parse
│   ├─ AnswerError           answers that fail a check
│   └─ ImportFileError       a file, with row and column
└─ ConflictError             409
    ├─ FrozenError           something published or launched was to be changed
    ├─ AlreadyAnsweredError  the code was used, or the ballot id carries other answers
    └─ ClosedError           410  outside the time in which a campaign takes answers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


def N_(text: str) -> str:  # noqa: N802 -- the customary mark of a text that is translated later
    """Mark a Vietnamese source text for translation where it is shown."""
    return text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, a stable code, and a message template with its values.

    Messages of a questionnaire's own checks are `texts` by language, as their author wrote them.
    """

    place: str
    code: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the message in the reference language."""
        if self.texts:
            return self.texts.get("vi") or next(iter(self.texts.values()))
        return self.message % dict(self.values) if self.values else self.message


class SurveyError(Exception):
    """Base of everything the platform raises on purpose."""

    code = "error"
    title = ""  # of its page; empty: what the status says
    default = N_("Đã có lỗi xảy ra.")

    def __init__(self, message: str | None = None, /, **values: object) -> None:
        self.message = message or self.default
        self.values = values
        super().__init__(self.message % values if values else self.message)


class ConfigurationError(SurveyError):
    """A setting or a surrounding that must be mended before the platform may start."""

    code = "configuration"


class NotFoundError(SurveyError):
    """Nothing is there under this name."""

    code = "not-found"
    default = N_("Không tìm thấy nội dung này.")


class NotAllowedError(SurveyError):
    """The actor may not do this."""

    code = "not-allowed"
    default = N_("Bạn không có quyền thực hiện việc này.")


class UnavailableError(SurveyError):
    """The outcome could not be confirmed; the same request may be sent again without harm."""

    code = "unavailable"
    default = N_(
        "Hệ thống chưa xác nhận được. Vui lòng gửi lại, câu trả lời không bị tính hai lần."
    )


class InvalidError(SurveyError):
    """Input that was understood and is not acceptable; carries every problem at once."""

    code = "invalid"
    default = N_("Dữ liệu chưa hợp lệ.")

    def __init__(self, problems: Iterable[Problem], message: str | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__(message)

    def __str__(self) -> str:
        lines = (f"{problem.place}: {problem}" for problem in self.problems)
        return "\n".join((self.message, *lines))


class DocumentError(InvalidError):
    """A questionnaire document that does not parse."""

    code = "document"
    default = N_("Bộ câu hỏi chưa hợp lệ.")


class AnswerError(InvalidError):
    """Answers that fail a check."""

    code = "answers"
    default = N_("Một số câu trả lời cần xem lại.")


class ImportFileError(InvalidError):
    """A file that cannot be imported; nothing of it was stored."""

    code = "import"
    default = N_("Tệp chưa nhập được, không có dòng nào được lưu.")


class ConflictError(SurveyError):
    """The request contradicts what is already stored."""

    code = "conflict"
    default = N_("Yêu cầu mâu thuẫn với dữ liệu đã lưu.")


class FrozenError(ConflictError):
    """Something published or launched was to be changed."""

    code = "frozen"
    default = N_("Nội dung đã ban hành, không thể thay đổi.")


class AlreadyAnsweredError(ConflictError):
    """The code was used before, or the ballot id carries other answers."""

    code = "already-answered"
    title = N_("Phiếu này đã được gửi")
    default = N_("Phiếu này đã được gửi trước đó.")


class ClosedError(ConflictError):
    """The campaign does not take answers now."""

    code = "closed"
    default = N_("Đợt điều tra hiện không nhận phiếu.")
