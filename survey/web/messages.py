"""What WTForms says on its own, in words of ours: it knows English, and pages do not show that."""

from __future__ import annotations

from survey.errors import N_
from survey.web.i18n import gettext

REFUSED = N_("Giá trị này chưa hợp lệ.")
NEEDED = N_("Cần điền mục này.")
NOT_A_CHOICE = N_("Hãy chọn trong các lựa chọn đã cho.")
NOT_WHOLE = N_("Nhập một số nguyên, ví dụ 400.")
SHORTER = N_("Nhập không quá %(max)d ký tự.")
LONGER = N_("Nhập ít nhất %(min)d ký tự.")

MESSAGES = {
    "This field is required.": NEEDED,
    "Invalid input.": REFUSED,
    "Field must be equal to %(other_name)s.": N_("Hai lần nhập chưa giống nhau."),
    "Field must be at least %(min)d character long.": LONGER,
    "Field must be at least %(min)d characters long.": LONGER,
    "Field cannot be longer than %(max)d character.": SHORTER,
    "Field cannot be longer than %(max)d characters.": SHORTER,
    "Field must be exactly %(max)d character long.": N_("Nhập đúng %(max)d ký tự."),
    "Field must be exactly %(max)d characters long.": N_("Nhập đúng %(max)d ký tự."),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "Nhập từ %(min)d đến %(max)d ký tự."
    ),
    "Number must be at least %(min)s.": N_("Nhập số từ %(min)s trở lên."),
    "Number must be at most %(max)s.": N_("Nhập số không quá %(max)s."),
    "Number must be between %(min)s and %(max)s.": N_("Nhập số từ %(min)s đến %(max)s."),
    "Invalid value, must be one of: %(values)s.": NOT_A_CHOICE,
    "Not a valid choice.": NOT_A_CHOICE,
    "Invalid Choice: could not coerce.": NOT_A_CHOICE,
    "Invalid choice(s): one or more data inputs could not be coerced.": NOT_A_CHOICE,
    "'%(value)s' is not a valid choice for this field.": NOT_A_CHOICE,
    "'%(value)s' are not valid choices for this field.": NOT_A_CHOICE,
    "Not a valid integer value.": NOT_WHOLE,
    "Not a valid date value.": N_("Nhập một ngày, ví dụ 2026-03-31."),
    "Not a valid datetime value.": N_("Nhập ngày và giờ, ví dụ 2026-03-31T17:00."),
}


class OwnTranslations:
    """Gives WTForms our text for each of its own; what we have no words for is refused plainly."""

    def gettext(self, text: str) -> str:
        """Return our text for one of WTForms', in the language of the request."""
        return gettext(MESSAGES.get(text, REFUSED))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return our text for a number of things."""
        return self.gettext(singular if count == 1 else plural)
