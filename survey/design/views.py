"""Pages of the design room."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from survey.model.account import Role
from survey.web.auth import allow

blueprint = Blueprint("design", __name__, url_prefix="/staff/design")


@blueprint.get("/")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def questionnaires() -> ResponseReturnValue:
    """List the questionnaires."""
    return render_template("design/questionnaires.html")
