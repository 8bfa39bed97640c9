"""The scoring scheme of a block, from framework, feeds and questionnaires, as plain values.

Every number is a string and exact: `analysis.index.scheme.IndexScheme.from_dict` reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from survey.dataset import queries
from survey.dataset.coding import coded
from survey.errors import N_, Problem
from survey.model.campaign import Campaign, CampaignGroup
from survey.model.framework import Framework, Leaf, Mode, RespondentGroup
from survey.model.organisation import Block, Unit
from survey.questionnaire.parse import parse

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


@dataclass(frozen=True)
class Feeding:
    """A group of the campaign with what its questions are worth."""

    entry: CampaignGroup
    questions: Questions
    texts: list[dict[str, Any]]

    @property
    def group(self) -> RespondentGroup:
        """Return the respondent group."""
        return self.entry.group


def feeding_of(entry: CampaignGroup) -> Feeding:
    """Return what the questions of a group are worth."""
    document = parse(entry.version.document)
    asked = coded(document)
    worth = {
        variable.code: {
            str(number): str(choice.coefficient)
            for number, choice in enumerate(variable.choices, 1)
            if choice.coefficient is not None
        }
        for variable in asked
    }
    return Feeding(entry, worth, [{"code": v.code, "text": dict(v.text)} for v in asked])


@dataclass(frozen=True)
class BlockScheme:
    """How the units of a block are scored: `scheme` is None where no leaf is asked about."""

    framework: Framework
    leaves: Sequence[Leaf]
    units: Sequence[Unit]
    options: dict[str, Any]
    scheme: dict[str, Any] | None
    rescaled: list[str]  # leaves whose group weights were divided by their sum


def of_block(
    session: Session,
    campaign: Campaign,
    block: Block,
    feeding: Sequence[Feeding],
    problems: list[Problem],
) -> BlockScheme | None:
    """Return how a block is scored, None without a framework; what is missing is added."""
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
    return BlockScheme(
        framework,
        leaves,
        queries.units(session, block, campaign.period.year),
        options,
        {"leaves": scored, "options": options} if scored else None,
        rescaled,
    )


def exemptions(session: Session, block: Block, part: BlockScheme) -> Iterator[dict[str, Any]]:
    """Yield what does not apply to which unit of a block, with the reason."""
    codes = {leaf.id: leaf.code for leaf in part.leaves}
    for exemption in queries.exemptions(session, part.framework, block):
        for unit in part.units:
            if exemption.unit_id in (None, unit.id):
                yield {
                    "unit": unit.code,
                    "leaf": codes[exemption.leaf_id],
                    "reason": exemption.reason,
                    "approved_by": exemption.approved_by,
                }


def _plain(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return value
    return int(value) if isinstance(value, int) else str(value)


def _scored(
    session: Session,
    leaves: Sequence[Leaf],
    asking: Sequence[Feeding],
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
    session: Session, asking: Sequence[Feeding], problems: list[Problem]
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
    asking: Sequence[Feeding],
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
