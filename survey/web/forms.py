"""What every staff form shares: its texts are shown in the language of the request."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice

from survey.errors import InvalidError, Problem, SurveyError
from survey.questionnaire.kinds.texts import CROWDED, TOO_MANY_MARKS
from survey.web.i18n import error_text, gettext
from survey.web.messages import OwnTranslations


class StaffForm(FlaskForm):  # type: ignore[misc]
    """A form whose labels, hints, choices and messages are source texts marked with `N_`."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """What is true of every field."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Let typed texts lose what no page shows and no database stores."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                options["filters"] = [without_controls]
            return super().bind_field(form, unbound_field, options)

        def get_translations(self, form: Any) -> OwnTranslations:  # noqa: ARG002
            """Let WTForms speak our languages."""
            return OwnTranslations()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            _translate(field)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check the form; every message comes in the language of the request."""
        is_valid = bool(super().validate(*args, **kwargs))
        for field in self:
            field.errors = [gettext(message) for message in field.errors]
        return is_valid

    def refuse(self, error: SurveyError | Problem, field: Field | None = None) -> None:
        """Show an error that a service raised, beside a field or above the whole form."""
        if field is None:
            self.form_errors.append(error_text(error))
        else:
            field.errors = [*field.errors, error_text(error)]

    def refuse_each(self, error: InvalidError) -> None:
        """Show every problem beside the field that it names, or above the form."""
        for problem in error.problems:
            self.refuse(problem, self._fields.get(problem.place))


def without_controls(text: str | None) -> str | None:
    """Return a text composed (NFC), without invisible controls.

    Raises `ValueError` for a crowd of marks, whose composition takes the square of its time.
    """
    if text is None:
        return None
    if CROWDED.search(text):
        raise ValueError(TOO_MANY_MARKS)
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", "".join(kept))


def _translate(field: Field) -> None:
    field.label.text = gettext(field.label.text)
    field.description = gettext(field.description) if field.description else ""
    if isinstance(field, SelectField) and isinstance(field.choices, list):
        field.choices = [
            SelectChoice(value=choice.value, label=gettext(choice.label), optgroup=choice.optgroup)
            for choice in map(SelectChoice.from_input, field.choices)
        ]
