"""The files of the demonstration."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from survey.questionnaire import canonical

FOLDER = Path(__file__).parent
MINISTRY = FOLDER / "ministry"
HOUSING = FOLDER / "housing"


def document(path: Path, **moments: datetime) -> Any:
    """Return a JSON file, with the moments that it leaves open as `{name}`."""
    text = path.read_text("utf-8")
    for name, moment in moments.items():
        text = text.replace(f"{{{name}}}", moment.isoformat(timespec="minutes"))
    return canonical.loads(text)
