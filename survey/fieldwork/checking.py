"""Whether a definition fits what is stored: units, questionnaires, framework, leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from survey.errors import N_, Problem
from survey.fieldwork.definition import Definition, Feed, GroupLine, Named, StratumLine
from survey.model.campaign import Scope
from survey.model.framework import Mode
from survey.questionnaire.document import Document

Feeding = Mapping[str, Decimal]  # question → weight


@dataclass(frozen=True)
class KnownLeaf:
    """A leaf of a framework, and the groups that it has weights for."""

    id: int
    code: str
    mode: Mode
    weighted_groups: frozenset[str]
    exempt_blocks: frozenset[str]


@dataclass(frozen=True)
class Catalogue:
    """What is stored of everything that a definition may name."""

    is_code_taken: bool
    period_id: int | None
    groups: Mapping[str, int]
    blocks: Mapping[str, int]
    units: Mapping[str, tuple[int, str]]  # code → key and block, of the units valid in the year
    versions: Mapping[str, tuple[int, Document]]  # by `str(Named)`
    holding: Mapping[str, str]  # block → framework that holds in the year, as `str(Named)`
    leaves: Mapping[str, Mapping[str, KnownLeaf]]  # framework → code → leaf
    fed: Mapping[tuple[int, int, int], Feeding]  # version, group, leaf → what is stored already


def problems(definition: Definition, known: Catalogue) -> list[Problem]:
    """Return everything in a definition that does not fit what is stored."""
    found: list[Problem] = []
    if known.is_code_taken:
        found.append(Problem("code", "taken", N_("Đã có đợt điều tra mang mã này.")))
    if known.period_id is None:
        message = N_("Chưa có bộ tiêu chí nào áp dụng cho năm %(year)s.")
        return [*found, Problem("year", "no-period", message, {"year": definition.year})]
    for group in definition.groups:
        found.extend(_group(group, known))
    found.extend(_unfed(definition, known))
    return found


def _group(group: GroupLine, known: Catalogue) -> Iterator[Problem]:
    if group.group not in known.groups:
        message = N_("Không có đối tượng điều tra “%(value)s”.")
        yield Problem(f"{group.place}.group", "group", message, {"value": group.group})
    if str(group.questionnaire) not in known.versions:
        message = N_("Không có phiên bản %(version)s của bộ câu hỏi “%(code)s”.")
        values = {"code": group.questionnaire.code, "version": group.questionnaire.version}
        yield Problem(f"{group.place}.questionnaire", "questionnaire", message, values)
    for rating in group.ratings:
        if rating.block not in known.blocks:
            message = N_("Không có khối “%(value)s”.")
            yield Problem(f"{rating.place}.block", "block", message, {"value": rating.block})
        elif rating.block not in known.holding:
            message = N_("Khối “%(value)s” không có bộ tiêu chí cho năm này.")
            yield Problem(f"{rating.place}.block", "framework", message, {"value": rating.block})
    for stratum in group.strata:
        yield from _stratum(group, stratum, known)
    for feed in group.feeds:
        yield from _feed(group, feed, known)
    yield from _sums(group)
    yield from _already_fed(group, known)


def _stratum(group: GroupLine, stratum: StratumLine, known: Catalogue) -> Iterator[Problem]:
    if stratum.unit is not None and stratum.unit not in known.units:
        message = N_("Không có đơn vị “%(value)s” trong năm này.")
        yield Problem(f"{stratum.place}.unit", "unit", message, {"value": stratum.unit})
    elif stratum.unit is None and any(r.scope == Scope.OWN for r in group.ratings):
        message = N_("Nhóm chỉ đánh giá đơn vị của mình (“own”) nên tầng phải có “unit”.")
        yield Problem(f"{stratum.place}.unit", "own", message)
    elif not any(_rates(group, stratum, unit, block) for unit, (_, block) in known.units.items()):
        message = N_("Người trả lời ở tầng này không có đơn vị nào để đánh giá.")
        yield Problem(stratum.place, "nothing-to-rate", message)


def _rates(group: GroupLine, stratum: StratumLine, unit: str, block: str) -> bool:
    scope = next((r.scope for r in group.ratings if r.block == block), None)
    is_own = unit == stratum.unit
    return scope == Scope.ALL or (scope is not None and is_own == (scope == Scope.OWN))


def _feed(group: GroupLine, feed: Feed, known: Catalogue) -> Iterator[Problem]:
    _, document = known.versions.get(str(group.questionnaire), (0, None))
    variable = document.variables.get(feed.question) if document else None
    if document and variable is None:
        message = N_("Bộ câu hỏi không có câu “%(value)s”.")
        yield Problem(f"{feed.place}.question", "question", message, {"value": feed.question})
    if variable and not variable.question.about_units:
        message = N_("Câu “%(value)s” không hỏi về từng đơn vị nên không cho điểm được.")
        yield Problem(f"{feed.place}.question", "about", message, {"value": feed.question})
    elif variable and all(choice.coefficient is None for choice in variable.choices):
        message = N_("Câu “%(value)s” không có hệ số điểm nên không cho điểm được.")
        yield Problem(f"{feed.place}.question", "coefficient", message, {"value": feed.question})
    yield from _fed_leaf(group, feed, known)


def _fed_leaf(group: GroupLine, feed: Feed, known: Catalogue) -> Iterator[Problem]:
    place, values = f"{feed.place}.leaf", {"value": feed.leaf, "framework": str(feed.framework)}
    leaf = known.leaves.get(str(feed.framework), {}).get(feed.leaf)
    held = {known.holding.get(rating.block) for rating in group.ratings}
    if str(feed.framework) not in held:
        message = N_("Bộ tiêu chí %(framework)s không áp dụng cho khối mà nhóm này đánh giá.")
        yield Problem(f"{feed.place}.framework", "framework", message, values)
    elif leaf is None:
        message = N_("Bộ tiêu chí %(framework)s không có tiêu chí “%(value)s”.")
        yield Problem(place, "leaf", message, values)
    elif leaf.mode != Mode.SURVEY:
        message = N_("Tiêu chí “%(value)s” không chấm bằng điều tra xã hội học.")
        yield Problem(place, "mode", message, values)
    elif leaf.weighted_groups and group.group in known.groups.keys() - leaf.weighted_groups:
        message = N_("Tiêu chí “%(value)s” có trọng số nhóm nhưng không có nhóm này.")
        yield Problem(place, "group-weight", message, values)


def _by_leaf(group: GroupLine) -> dict[tuple[Named, str], list[Feed]]:
    feeds: dict[tuple[Named, str], list[Feed]] = defaultdict(list)
    for feed in group.feeds:
        feeds[feed.framework, feed.leaf].append(feed)
    return feeds


def _sums(group: GroupLine) -> Iterator[Problem]:
    for (_, leaf), feeds in _by_leaf(group).items():
        total = sum(feed.weight for feed in feeds)
        if total != 1:
            message = N_("Trọng số các câu hỏi của tiêu chí “%(leaf)s” cộng lại là %(sum)s, cần 1.")
            values = {"leaf": leaf, "sum": format(total, "f")}
            yield Problem(f"{feeds[0].place}.weight", "sum", message, values)


def _already_fed(group: GroupLine, known: Catalogue) -> Iterator[Problem]:
    """Yield where the same version is already tied to leaves in another way."""
    version_id, _ = known.versions.get(str(group.questionnaire), (0, None))
    group_id = known.groups.get(group.group, 0)
    frameworks = {known.holding.get(rating.block) for rating in group.ratings}
    for framework in sorted(name for name in frameworks if name):
        wanted: dict[str, Feeding] = {
            leaf: {feed.question: feed.weight for feed in feeds}
            for (named, leaf), feeds in _by_leaf(group).items()
            if str(named) == framework
        }
        stored = {
            code: known.fed[version_id, group_id, leaf.id]
            for code, leaf in known.leaves.get(framework, {}).items()
            if (version_id, group_id, leaf.id) in known.fed
        }
        if stored and stored != wanted:
            message = N_(
                "Phiên bản bộ câu hỏi này đã gắn với bộ tiêu chí %(framework)s theo cách khác."
                " Hãy ban hành phiên bản bộ câu hỏi mới rồi dùng phiên bản đó."
            )
            yield Problem(f"{group.place}.feeds", "fed", message, {"framework": framework})


def _unfed(definition: Definition, known: Catalogue) -> Iterator[Problem]:
    """Yield the survey leaves that no group of the campaign feeds."""
    rated = {rating.block for group in definition.groups for rating in group.ratings}
    for block in sorted(rated & set(known.holding)):
        framework = known.holding[block]
        fed = {
            feed.leaf
            for group in definition.groups
            if any(rating.block == block for rating in group.ratings)
            for feed in group.feeds
            if str(feed.framework) == framework
        }
        for leaf in known.leaves.get(framework, {}).values():
            is_surveyed = leaf.mode == Mode.SURVEY and block not in leaf.exempt_blocks
            if is_surveyed and leaf.code not in fed:
                message = N_("Chưa có câu hỏi nào cho tiêu chí “%(leaf)s” của khối “%(block)s”.")
                yield Problem("groups", "unfed", message, {"leaf": leaf.code, "block": block})
