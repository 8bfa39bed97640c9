"""Pages of the fieldwork room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("fieldwork", __name__, url_prefix="/staff/fieldwork")
