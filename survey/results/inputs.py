"""What a run is made from, collected as plain values: frozen with the run and enough to repeat it.

Every number is a string and exact; `docs/run-format.md` describes the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from survey.db import Session
from survey.errors import N_, InvalidError, Problem
from survey.model.campaign import Campaign, CampaignGroup
from survey.model.framework import Framework, Leaf, Mode, RespondentGroup
from survey.model.organisation import Block, Unit
from survey.questionnaire.parse import parse
from survey.results import queries

OPTIONS = (
    "pooling",
    "dont_know",
    "blank",
    "blank_percent",
    "min_valid",
    "min_valid_points",
    "below_min",
    "no_usable_group",
    "exclude_self",
    "rounding",
    "decimals",
    "rank_precision",
    "tie_rule",
)
Questions = dict[str, dict[str, str]]  # question → answer code as a small integer → coefficient


class Named(Protocol):
    """Anything with a name in both languages."""

    name: str
    name_en: str


@dataclass(frozen=True)
class _Feeding:
    """A group of the campaign with what its questions are worth."""

    entry: CampaignGroup
    questions: Questions
    texts: list[dict[str, Any]]

    @property
    def group(self) -> RespondentGroup:
        return self.entry.group


def collect(
    session: Session, campaign: Campaign, dataset: Mapping[str, Any], *, version: str, seed: int
) -> dict[str, Any]:
    """Return the inputs of a run; `dataset` says hash, rows and ballots.

    Raises `InvalidError` with everything that is missing in framework or questionnaires.
    """
    problems: list[Problem] = []
    feeding = [_feeding(entry) for entry in queries.groups(session, campaign)]
    blocks = [
        part
        for block in queries.blocks(session, campaign)
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


def _feeding(entry: CampaignGroup) -> _Feeding:
    document = parse(entry.version.document)
    asked = [q for q in document.questions() if q.about_units and q.choices]
    worth = {
        question.code: {
            str(number): str(choice.coefficient)
            for number, choice in enumerate(question.choices, 1)
            if choice.coefficient is not None
        }
        for question in asked
    }
    return _Feeding(entry, worth, [{"code": q.code, "text": dict(q.text)} for q in asked])


def _groups(
    session: Session, campaign: Campaign, feeding: Sequence[_Feeding]
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
    feeding: Sequence[_Feeding],
    problems: list[Problem],
) -> dict[str, Any] | None:
    framework = queries.framework(session, campaign.period, block)
    if framework is None:
        text = N_("Khối chưa có bộ tiêu chí cho năm %(year)s.")
        values = {"year": campaign.period.year}
        problems.append(Problem(block.code, "no-framework", text, values))
        return None
    raters = queries.raters(session, campaign, block)
    asking = [one for one in feeding if one.group.id in raters]
    leaves = queries.leaves(session, framework)
    options = {name: _plain(getattr(framework, name)) for name in OPTIONS}
    scored, rescaled = _scored(session, leaves, asking, problems)
    units = queries.units(session, block, campaign.period.year)
    points = queries.unit_points(session, campaign.period, block)
    known = {leaf.id for leaf in leaves}
    return {
        "code": block.code,
        "name": name_of(block),
        "framework": _framework(framework),
        "options": options,
        "fields": _fields(leaves),
        "leaves": [_leaf(leaf) for leaf in leaves],
        "scheme": {"leaves": scored, "options": options} if scored else None,
        "rescaled": rescaled,
        "units": [{"code": u.code, "name": name_of(u), "is_ranked": u.is_ranked} for u in units],
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
        "exemptions": list(_exemptions(session, framework, block, units)),
        "previous": list(_previous(session, campaign, block)),
        **_last_year(session, campaign, block),
    }


def _plain(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return value
    return int(value) if isinstance(value, int) else str(value)


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


def _scored(
    session: Session,
    leaves: Sequence[Leaf],
    asking: Sequence[_Feeding],
    problems: list[Problem],
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the survey leaves that are asked about, and those whose weights were rescaled."""
    scored, rescaled = [], []
    by_leaf = _questions_by_leaf(session, asking, problems)
    for leaf in leaves:
        groups = by_leaf.get(leaf.id, {}) if leaf.mode is Mode.SURVEY else {}
        if not groups:
            continue
        weights, was_rescaled = _weights(session, leaf, list(groups), asking, problems)
        if was_rescaled:
            rescaled.append(leaf.code)
        scored.append(
            {
                "code": leaf.code,
                "points": str(leaf.max_points),
                "groups": [
                    {"group": group, "weight": str(weights[group]), "questions": questions}
                    for group, questions in groups.items()
                ],
            }
        )
    return scored, rescaled


def _questions_by_leaf(
    session: Session, asking: Sequence[_Feeding], problems: list[Problem]
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for one in asking:
        for feed in queries.feeds(session, one.entry):
            coefficients = one.questions.get(feed.question)
            if not coefficients:
                text = N_("Câu hỏi “%(question)s” không hỏi về đơn vị hoặc không có hệ số điểm.")
                place = f"{one.group.code}/{feed.leaf.code}"
                problem = Problem(place, "question", text, {"question": feed.question})
                problems.append(problem) if problem not in problems else None
                continue
            question = {
                "item": feed.question,
                "weight": str(feed.weight),
                "coefficients": coefficients,
            }
            found.setdefault(feed.leaf_id, {}).setdefault(one.group.code, []).append(question)
    return found


def _weights(
    session: Session,
    leaf: Leaf,
    groups: list[str],
    asking: Sequence[_Feeding],
    problems: list[Problem],
) -> tuple[dict[str, Fraction], bool]:
    """Return the weights of the groups that feed a leaf; equal where the framework says nothing."""
    stored = queries.group_weights(session, leaf)
    if not stored:
        return dict.fromkeys(groups, Fraction(1, len(groups))), False
    ids = {one.group.code: one.group.id for one in asking}
    weights = {
        g: Fraction(stored[ids[g]].weight if ids[g] in stored else Decimal(0)) for g in groups
    }
    total = sum(weights.values(), Fraction(0))
    if total == 0:
        text = N_("Không nhóm nào trả lời về tiêu chí này có trọng số; hãy xem lại bộ tiêu chí.")
        problems.append(Problem(leaf.code, "weights", text))
        return dict.fromkeys(groups, Fraction(1, len(groups))), False
    return {group: weight / total for group, weight in weights.items()}, total != 1


def _exemptions(
    session: Session, framework: Framework, block: Block, units: Sequence[Unit]
) -> Iterator[dict[str, Any]]:
    codes = {leaf.id: leaf.code for leaf in queries.leaves(session, framework)}
    for exemption in queries.exemptions(session, framework, block):
        for unit in units:
            if exemption.unit_id in (None, unit.id):
                yield {
                    "unit": unit.code,
                    "leaf": codes[exemption.leaf_id],
                    "reason": exemption.reason,
                    "approved_by": exemption.approved_by,
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
