"""Pages of the design room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("design", __name__, url_prefix="/staff/design")
