"""Pages of the scoring room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("scoring", __name__, url_prefix="/staff/scoring")
