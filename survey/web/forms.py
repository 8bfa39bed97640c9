"""What every staff form shares: its texts are shown in the language of the request."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField
from wtforms.fields import SelectChoice

from survey.errors import InvalidError, Problem, SurveyError
from survey.web.i18n import error_text, gettext


class StaffForm(FlaskForm):  # type: ignore[misc]
    """A form whose labels, hints, choices and messages are source texts marked with `N_`."""

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


def _translate(field: Field) -> None:
    field.label.text = gettext(field.label.text)
    field.description = gettext(field.description) if field.description else ""
    if isinstance(field, SelectField) and isinstance(field.choices, list):
        field.choices = [
            SelectChoice(value=choice.value, label=gettext(choice.label), optgroup=choice.optgroup)
            for choice in map(SelectChoice.from_input, field.choices)
        ]
