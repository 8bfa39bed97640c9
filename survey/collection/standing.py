"""What stands still while answers come in: the parsed document and the units to rate.

A version never changes, and neither does the rating matrix of a launched campaign; names of units
may be corrected, so what is kept is read anew after a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from survey.ballotbox.matrix import rated_units
from survey.collection.drafts import Entry
from survey.model.campaign import Campaign, Stratum
from survey.model.framework import RespondentGroup
from survey.model.organisation import Unit
from survey.model.questionnaire import QuestionnaireVersion
from survey.questionnaire.document import Document, Text
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.parse import parse

KEPT = timedelta(minutes=1)
MOST_KEPT = 1000


@dataclass(frozen=True)
class Standing:
    """A questionnaire as everybody of a stratum sees it."""

    document: Document
    units: tuple[str, ...]
    unit_names: Mapping[str, Text]
    group: str

    @cached_property
    def blank(self) -> Interview:
        """Return what is asked before anything is answered."""
        return Interview(self.document, Context(today=date.min, units=self.units), {})


_documents: dict[str, Document] = {}
_kept: WeakKeyDictionary[Any, dict[tuple[int, ...], tuple[datetime, Standing]]]
_kept = WeakKeyDictionary()


def document_of(version: QuestionnaireVersion) -> Document:
    """Return the parsed document of a version; versions never change, so it is kept."""
    if version.checksum not in _documents:
        _documents[version.checksum] = parse(version.document)
    return _documents[version.checksum]


def of_entry(session: Session, campaign_id: int, entry: Entry, *, at: datetime) -> Standing:
    """Return what a respondent of an entry sees."""
    kept = _kept.setdefault(session.get_bind().engine, {})
    key = (campaign_id, entry.group_id, entry.stratum_id, entry.version_id)
    found = kept.get(key)
    if found is None or not found[0] <= at < found[0] + KEPT:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        found = at, _read(session, session.get_one(Campaign, campaign_id), entry)
        kept[key] = found
    return found[1]


def _read(session: Session, campaign: Campaign, entry: Entry) -> Standing:
    units = rated_units(session, campaign, session.get_one(Stratum, entry.stratum_id))
    return Standing(
        document=document_of(session.get_one(QuestionnaireVersion, entry.version_id)),
        units=tuple(unit.code for unit in units),
        unit_names={unit.code: _names(unit) for unit in units},
        group=session.get_one(RespondentGroup, entry.group_id).code,
    )


def _names(unit: Unit) -> Text:
    return {"vi": unit.name, "en": unit.name_en or unit.name}
