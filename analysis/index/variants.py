"""Other choices of method on the same statistics: what if points or weights had been others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from analysis.errors import SchemeError
from analysis.exact import Number, exact
from analysis.index.leaves import Leaf, LeafGroup, Question, check_leaf
from analysis.index.options import Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """What differs from the scheme that was applied.

    Parameters
    ----------
    points : leaf to its maximum points
    coefficients : item to the coefficient of each of its codes, in every leaf that asks it
    group_weights : leaf to the weight of each of its groups, adding up to 1
    question_weights : leaf to group to the weight of each of its items, adding up to 1
    drop : leaves that are left out
    options : rules that differ, by name

    Examples
    --------
    >>> Variant(points={"1.1": "2.5"}).names()
    ('1.1',)
    """

    points: Mapping[str, Number] = field(default_factory=dict)
    coefficients: Mapping[str, Mapping[int, Number]] = field(default_factory=dict)
    group_weights: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    question_weights: Mapping[str, Mapping[str, Mapping[str, Number]]] = field(default_factory=dict)
    drop: Collection[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Leaves that the variant speaks of."""
        named = (*self.points, *self.group_weights, *self.question_weights, *self.drop)
        return tuple(dict.fromkeys(named))

    def of(self, leaves: Sequence[Leaf], options: Options) -> tuple[tuple[Leaf, ...], Options]:
        """Leaves and rules of the variant.

        Raises
        ------
        SchemeError
            if it names a leaf, group, item, code or rule that the scheme lacks, leaves no leaf,
            or breaks a rule of `IndexScheme`
        """
        _need(self.names(), [leaf.code for leaf in leaves], "leaf", "the scheme")
        items = {q.item for leaf in leaves for g in leaf.groups for q in g.questions}
        _need(self.coefficients, items, "item", "the scheme")
        rules = Options.from_dict({**options.to_dict(), **self.options})
        changed = tuple(self._leaf(leaf) for leaf in leaves if leaf.code not in self.drop)
        if not changed:
            raise SchemeError("no_leaf", "The variant drops every leaf.", "Keep one at least.")
        for leaf in changed:
            check_leaf(leaf, pooled=rules.pooled)
        return changed, rules

    def _leaf(self, leaf: Leaf) -> Leaf:
        weights = self.group_weights.get(leaf.code, {})
        shares = self.question_weights.get(leaf.code, {})
        place = f"leaf {leaf.code}"
        _need([*weights, *shares], [group.group for group in leaf.groups], "group", place)
        groups = tuple(
            replace(
                self._group(group, shares.get(group.group, {}), place),
                weight=_or(weights, group.group, group.weight),
            )
            for group in leaf.groups
        )
        return replace(leaf, points=_or(self.points, leaf.code, leaf.points), groups=groups)

    def _group(self, group: LeafGroup, shares: Mapping[str, Number], place: str) -> LeafGroup:
        _need(shares, [q.item for q in group.questions], "item", f"{place}, group {group.group}")
        questions = tuple(
            replace(self._question(question), weight=_or(shares, question.item, question.weight))
            for question in group.questions
        )
        return replace(group, questions=questions)

    def _question(self, question: Question) -> Question:
        table = self.coefficients.get(question.item)
        if table is None:
            return question
        pairs = sorted((int(code), exact(value)) for code, value in table.items())
        return replace(question, coefficients=tuple(pairs))


def _or(values: Mapping[str, Number], name: str, otherwise: Fraction) -> Fraction:
    return exact(values[name], name) if name in values else otherwise


def _need(names: Collection[str], known: Collection[str], what: str, place: str) -> None:
    strangers = [name for name in names if name not in known]
    if strangers:
        raise SchemeError(
            f"unknown_{what}",
            f"The variant speaks of {what} {strangers[0]!r}, which {place} does not have.",
            f"Known are {', '.join(sorted(known)[:20])}.",
            value=strangers[0],
        )
