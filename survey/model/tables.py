"""Every table, loaded: what migrations and tests compare."""

from __future__ import annotations

from survey.model import (  # noqa: F401 -- importing a module declares its tables
    account,
    audit,
    ballot,
    campaign,
    framework,
    organisation,
    questionnaire,
    result,
    scoring,
)
from survey.model.base import Model

metadata = Model.metadata
