"""Which pages are on a respondent's path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from survey.questionnaire.document import Document, Section


def pages(document: Document, units: Sequence[str]) -> tuple[Section, ...]:
    """Return the pages that ask something, given the units that the respondent rates."""
    found = []
    for section in document.sections:
        asked = tuple(q for q in section.questions if units or not q.about_units)
        if asked:
            found.append(replace(section, questions=asked))
    return tuple(found)
