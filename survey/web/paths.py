"""Where templates are: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def templates() -> Path:
    """Return the folder of the templates."""
    installed = PACKAGE / "templates"
    return installed if (installed / "layout").is_dir() else PACKAGE.parent / "templates"
