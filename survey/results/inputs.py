"""What a run is made from, collected as plain values: frozen with the run and enough to repeat it.

Every number is a string and exact; `docs/run-format.md` describes the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from survey.dataset import queries as scoring
from survey.dataset.scheme import Feeding, exemptions, feeding_of, of_block
from survey.db import Session
from survey.errors import N_, InvalidError, Problem
from survey.model.campaign import Campaign
from survey.model.framework import Framework, Leaf
from survey.model.organisation import Block
from survey.results import queries


class Named(Protocol):
    """Anything with a name in both languages."""

    name: str
    name_en: str


def collect(
    session: Session, campaign: Campaign, dataset: Mapping[str, Any], *, version: str, seed: int
) -> dict[str, Any]:
    """Return the inputs of a run; `dataset` says hash, rows and ballots.

    Raises `InvalidError` with everything that is missing in framework or questionnaires.
    """
    problems: list[Problem] = []
    feeding = [feeding_of(entry) for entry in scoring.groups(session, campaign)]
    blocks = [
        part
        for block in scoring.blocks(session, campaign)
        if (part := _block(session, campaign, block, feeding, problems)) is not None
    ]
    if not blocks and not problems:
        text = N_("Đợt điều tra chưa giao khối nào cho nhóm nào đánh giá.")
        problems.append(Problem(campaign.code, "no-block", text))
    if problems:
        raise InvalidError(problems, N_("Chưa đủ thông tin để tính kết quả."))
    return {
        "format": 1,
        "software_version": version,
        "seed": seed,
        "campaign": _campaign(campaign),
        "is_generated": campaign.is_generated or any(b["has_generated_points"] for b in blocks),
        "dataset": dict(dataset),
        "groups": _groups(session, campaign, feeding),
        "blocks": blocks,
    }


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "code": campaign.code,
        "title": {"vi": campaign.title, "en": campaign.title_en},
        "year": campaign.period.year,
        "opens_at": campaign.opens_at.isoformat(),
        "closes_at": campaign.closes_at.isoformat(),
        "anonymity": campaign.anonymity.value,
        "is_generated": campaign.is_generated,
    }


def name_of(thing: Named) -> dict[str, str]:
    """Return a name in both languages."""
    return {"vi": thing.name, "en": thing.name_en}


def _groups(
    session: Session, campaign: Campaign, feeding: Sequence[Feeding]
) -> list[dict[str, Any]]:
    issued = queries.issued_codes(session, campaign)
    return [
        {
            "code": one.group.code,
            "name": name_of(one.group),
            "sampling": one.entry.sampling.value,
            "questionnaire": {
                "code": one.entry.version.questionnaire.code,
                "version": one.entry.version.number,
                "checksum": one.entry.version.checksum,
            },
            "questions": one.texts,
            "strata": [
                {
                    "code": stratum.code,
                    "label": stratum.label,
                    "population": stratum.population_size,
                    "sampled": stratum.sampled,
                    "issued": issued.get(stratum.id, 0),
                }
                for stratum in queries.strata(session, campaign, one.group.id)
            ],
        }
        for one in feeding
    ]


def _block(
    session: Session,
    campaign: Campaign,
    block: Block,
    feeding: Sequence[Feeding],
    problems: list[Problem],
) -> dict[str, Any] | None:
    part = of_block(session, campaign, block, feeding, problems)
    if part is None:
        return None
    points = queries.unit_points(session, campaign.period, block)
    known = {leaf.id for leaf in part.leaves}
    return {
        "code": block.code,
        "name": name_of(block),
        "framework": _framework(part.framework),
        "options": part.options,
        "fields": _fields(part.leaves),
        "leaves": [_leaf(leaf) for leaf in part.leaves],
        "scheme": part.scheme,
        "rescaled": part.rescaled,
        "units": [
            {"code": u.code, "name": name_of(u), "is_ranked": u.is_ranked} for u in part.units
        ],
        "points": [
            {
                "unit": point.unit.code,
                "leaf": point.leaf.code,
                "points": str(point.points),
                "source": point.source,
                "source_hash": point.source_hash,
                "is_generated": point.is_generated,
            }
            for point in points
            if point.leaf_id in known
        ],
        "has_generated_points": any(p.is_generated for p in points if p.leaf_id in known),
        "exemptions": list(exemptions(session, block, part)),
        "previous": list(_previous(session, campaign, block)),
        **_last_year(session, campaign, block),
    }


def _framework(framework: Framework) -> dict[str, Any]:
    date = framework.decision_date
    return {
        "code": framework.code,
        "version": framework.version,
        "title": {"vi": framework.title, "en": framework.title_en},
        "decision_no": framework.decision_no,
        "decision_date": date.isoformat() if date else None,
    }


def _fields(leaves: Sequence[Leaf]) -> list[dict[str, Any]]:
    fields = {leaf.criterion.field.code: leaf.criterion.field for leaf in leaves}
    return [{"code": code, "name": name_of(field)} for code, field in fields.items()]


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {
        "code": leaf.code,
        "name": name_of(leaf),
        "field": leaf.criterion.field.code,
        "criterion": {"code": leaf.criterion.code, "name": name_of(leaf.criterion)},
        "mode": leaf.mode.value,
        "max_points": str(leaf.max_points),
    }


def _previous(session: Session, campaign: Campaign, block: Block) -> Iterator[dict[str, Any]]:
    for past in queries.published(session, campaign.period.year - 1, block):
        yield {
            "unit": past.unit.code,
            "index": str(past.index_value),
            "rank": past.rank,
            "is_comparable": past.is_comparable and past.block_id == block.id,
            "source": past.source,
        }


def _last_year(session: Session, campaign: Campaign, block: Block) -> dict[str, Any]:
    """Return last year's points by unit and leaf, for the rule that falls back on them."""
    run = queries.newest_run_about(
        session, block, campaign.period.year - 1, is_generated=campaign.is_generated
    )
    if run is None:
        return {"last_year_run": None, "last_year": []}
    result = json.loads(run.result)
    return {
        "last_year_run": {"campaign": result["campaign"]["code"], "result": run.result_hash},
        "last_year": [
            {
                "unit": cell["unit"],
                "leaf": cell["leaf"],
                "points": cell["points"]["fraction"],
                "max_points": cell["max_points"]["fraction"],
            }
            for part in result["blocks"]
            if part["code"] == block.code
            for cell in part["cells"]
            if cell["points"] is not None
        ],
    }
