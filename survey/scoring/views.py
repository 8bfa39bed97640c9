"""Pages of the scoring room."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from survey.model.account import Role
from survey.web.auth import allow

blueprint = Blueprint("scoring", __name__, url_prefix="/staff/scoring")


@blueprint.get("/")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def frameworks() -> ResponseReturnValue:
    """List the frameworks."""
    return render_template("scoring/frameworks.html")
