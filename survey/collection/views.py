"""Pages of the collection room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("collection", __name__)
