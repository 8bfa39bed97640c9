"""An organisation, a framework and a questionnaire through their own doors, and a campaign file."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.administration.services import load_organisation
from survey.config import Settings
from survey.design.services import publish
from survey.fieldwork.importing import ImportReport, import_responses
from survey.fieldwork.services import create_campaign, launch
from survey.model.ballot import Ballot
from survey.model.campaign import Campaign
from survey.scoring.services import load_framework
from tests.factories import bilingual, make_document

FROM = {"valid_from": "2018-01-01", "valid_to": None}
AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
BY: dict[str, Any] = {"actor": "quanly", "at": AT}


def unit(code: str) -> dict[str, Any]:
    return {"code": code, "name": bilingual(code), "is_ranked": True, **FROM}


ORGANISATION: dict[str, Any] = {
    "format": 1,
    "respondent_groups": [{"code": code, "name": bilingual(code)} for code in ("NB", "DAN")],
    "blocks": [
        {"code": "K", "name": bilingual("Khối K"), **FROM, "units": [unit(u) for u in "ABC"]},
        {"code": "L", "name": bilingual("Khối L"), **FROM, "units": [unit("Z")]},
    ],
    "successions": [],
}


def leaf(code: str, mode: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": bilingual(f"Tiêu chí {code}"), "mode": mode, **more}


FRAMEWORK: dict[str, Any] = {
    "format": 1,
    "code": "BTC",
    "version": 1,
    "title": bilingual("Bộ tiêu chí"),
    "decision": {"no": "01/QĐ", "date": "2025-12-28"},
    "options": {},
    "fields": [
        {
            "code": "1",
            "name": bilingual("Lĩnh vực"),
            "criteria": [
                leaf("1.1", "appraised", max_points="2"),
                leaf("1.2", "survey", max_points="1.5", group_weights={"NB": "0.6", "DAN": "0.4"}),
                leaf("1.3", "survey", max_points="1", group_weights={"NB": "1"}),
            ],
        }
    ],
    "exemptions": [],
    "applies_to": [{"year": 2026, "block": "K"}],
}


def feed(question: str, code: str, weight: str = "1") -> dict[str, Any]:
    framework = {"code": "BTC", "version": 1}
    return {"question": question, "framework": framework, "leaf": code, "weight": weight}


DEFINITION: dict[str, Any] = {
    "format": 1,
    "code": "XHH-2026",
    "title": bilingual("Đợt điều tra 2026"),
    "year": 2026,
    "opens_at": "2026-03-01T08:00+07:00",
    "closes_at": "2026-03-31T17:00+07:00",
    "anonymity": "code",
    "is_generated": False,
    "groups": [
        {
            "group": "NB",
            "questionnaire": {"code": "P1", "version": 1},
            "sampling": "stratified",
            "ratings": [{"block": "K", "scope": "except_own"}],
            "feeds": [feed("c1", "1.2", "0.3"), feed("c2", "1.2", "0.7"), feed("c1", "1.3")],
            "strata": [
                {
                    "code": u,
                    "label": f"Cán bộ {u}",
                    "unit": u,
                    "population_size": size,
                    "sampled": sampled,
                }
                for u, size, sampled in (("A", 120, 40), ("B", 60, 30), ("C", 4, 4))
            ],
        },
        {
            "group": "DAN",
            "questionnaire": {"code": "P1", "version": 1},
            "sampling": "cluster",
            "ratings": [{"block": "K", "scope": "all"}],
            "feeds": [feed("c1", "1.2")],
            "strata": [
                {
                    "code": "T",
                    "label": "Toàn tỉnh",
                    "population_size": 90,
                    "sampled": 2,
                    "clusters": [
                        {"code": "X1", "label": "Xã Một", "population_size": 8},
                        {"code": "X2", "label": "Xã Hai", "population_size": None},
                    ],
                }
            ],
        },
    ],
}


def definition(**changes: Any) -> dict[str, Any]:
    """A campaign file that fits what `lay_foundation` stores."""
    return copy.deepcopy(DEFINITION) | changes


def lay_foundation(session: Session) -> None:
    """Store everything that the campaign file names."""
    load_organisation(session, copy.deepcopy(ORGANISATION), **BY)
    load_framework(session, copy.deepcopy(FRAMEWORK), **BY)
    document = make_document()
    document["sections"][1]["questions"][0]["required"] = False
    publish(session, document, **BY)


# --- A file of answers, and what its columns are -------------------------------------------------

LONG: dict[str, Any] = {
    "group": "NB",
    "stratum": {"column": "Đơn vị", "map": {"Cục A": "A", "Cục B": "B", "Cục C": "C"}},
    "unit": {"column": "Về"},
    "ballot_id": "Phiếu",
    "answers": {
        "c1": {"column": "Câu 1", "map": {"Tốt": "A", "Khá": "B", "Kém": "D"}},
        "c2": {"column": "Câu 2"},
        "post": {"column": "Chức vụ"},
    },
}
LONG_HEAD = "Phiếu;Đơn vị;Về;Câu 1;Câu 2;Chức vụ"
LONG_FILE = f"""{LONG_HEAD}
7;Cục A;B;Tốt;A;1
7;Cục A;C;Khá;;1
8;Cục B;A;;KB;
"""
WIDE: dict[str, Any] = {
    "group": "NB",
    "stratum": {"value": "A"},
    "count": "Số phiếu",
    "unit_answers": {"B": {"c1": {"column": "B1"}}, "C": {"c1": {"column": "C1"}}},
    "answers": {"comment": {"column": "Góp ý"}},
}


def bring(session: Session, campaign: Campaign, text: str, mapping: Any = LONG) -> ImportReport:
    """Import a CSV file."""
    mapping = copy.deepcopy(mapping)
    return import_responses(session, campaign, "phiếu.csv", text.encode(), mapping, **BY)


def stored(session: Session) -> list[Ballot]:
    """Return the ballots in the box."""
    return list(session.scalars(select(Ballot)))


def launched_campaign(session: Session, settings: Settings, **changes: Any) -> Campaign:
    """Store and launch the campaign of the file."""
    lay_foundation(session)
    campaign = create_campaign(session, definition(**changes), **BY)
    launch(session, settings, campaign, **BY)
    return campaign
