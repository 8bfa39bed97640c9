"""Change of units' points between two waves, with samples apart, shared, or partly shared."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Protocol, Self

import numpy as np
import pandas as pd

from analysis.design import Inference
from analysis.errors import SchemeError
from analysis.estimation.multiple import adjust
from analysis.index.change_result import Change, Term
from analysis.index.leaves import Leaf
from analysis.index.linear import GroupVariance
from analysis.index.options import Options
from analysis.index.precision import Precision
from analysis.index.stacking import Part, stack
from analysis.sample import Bools

PRINTING = {"rounding", "decimals", "rank_precision", "tie_rule", "min_valid", "min_valid_points"}


class Wave(Protocol):
    """What a comparison needs of a result."""

    @property
    def unit_codes(self) -> tuple[str, ...]:
        """U units."""

    @property
    def leaf_codes(self) -> tuple[str, ...]:
        """C leaves."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves as they were scored."""

    @property
    def options(self) -> Options:
        """The rules of scoring."""

    @property
    def unit_precision(self) -> tuple[Precision, ...]:
        """U figures with what is known of their error."""

    @property
    def variances(self) -> tuple[GroupVariance, ...]:
        """Per group its covariance."""

    @property
    def maximum(self) -> Fraction:
        """Largest points."""

    def points_of(self, unit: str) -> Fraction | None:
        """Exact points of a unit."""

    def leaf_points(self, unit: str, leaf: str) -> Fraction | None:
        """Exact points of a unit on one leaf."""

    def only(self, leaves: Sequence[str]) -> Self:
        """The result of some leaves alone."""

    def under(self, inference: Inference) -> Self:
        """The same points with the errors of another inference."""


def change(
    later: Wave,
    earlier: Wave,
    *,
    leaves: Sequence[str] | None = None,
    shared: Collection[str] = (),
    inference: Inference | str = Inference.SUPERPOPULATION,
    level: float = 0.95,
) -> Change:
    """Compare two waves of the same index.

    Parameters
    ----------
    later, earlier : results of the two waves
    leaves : leaves that count in both, the bridge; default all, which must then be the same
    shared : groups whose PSU labels mean the same PSUs, or persons, in both waves
    inference : "superpopulation" (claims about performance) or "finite" (about these lists)
    level : probability of cover of the intervals, between 0 and 1

    Returns
    -------
    Change

    Raises
    ------
    SchemeError
        if a leaf or a rule of scoring differs between the waves, or they have no unit in common
    DesignError
        if the PSUs of a shared group cannot be matched; see `analysis.index.stacking.stack`

    Notes
    -----
    Apart: V = V1 + V2. Shared: z = z2 - z1 of each PSU, 0 where it was not sampled, squared in
    the design of all PSUs of either wave. Groups, and waves of groups that are apart, add up.
    Labels may be equal and mean other PSUs: nothing is shared unless it is declared. Declared
    wrongly, the error of the change is wrong in either direction.

    References
    ----------
    Kish (1965), Survey Sampling, sec. 12.4; Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
    """
    chosen = Inference(inference)
    new, old = (_bridged(wave.under(chosen), leaves) for wave in (later, earlier))
    _check_same(new, old)
    units = tuple(unit for unit in new.unit_codes if unit in old.unit_codes)
    if not units:
        raise SchemeError(
            "no_common_unit", "The two waves have no unit in common.", "Use the same unit codes."
        )
    after, before = ([wave.points_of(unit) for unit in units] for wave in (new, old))
    different = np.array([_scored_on(new, u) != _scored_on(old, u) for u in units], dtype=np.bool_)
    different &= [None not in pair for pair in zip(after, before, strict=True)]
    rows = list(zip(after, before, different, strict=True))
    return Change(
        units=units,
        earlier=tuple(before),
        later=tuple(after),
        change=tuple(None if a is None or b is None or d else a - b for a, b, d in rows),
        different=different,
        complete=_complete(new, units) & _complete(old, units),
        terms=tuple(_terms(new, old, units, _known(shared, new, old), chosen)),
        leaves=new.leaf_codes,
        maximum=float(new.maximum),
        level=level,
        inference=chosen,
    )


def change_by_leaf(
    later: Wave,
    earlier: Wave,
    *,
    leaves: Sequence[str] | None = None,
    shared: Collection[str] = (),
    inference: Inference | str = Inference.SUPERPOPULATION,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare two waves leaf by leaf; arguments as in `change`.

    Parameters
    ----------
    later, earlier, shared, inference, level : as in `change`
    leaves : leaves to compare; default all

    Returns
    -------
    DataFrame, one row a leaf and unit, with the columns of `Change.table`; probabilities are
    adjusted over the whole table

    Raises
    ------
    SchemeError, DesignError
        see `change`
    """
    chosen = Inference(inference)
    new, old = later.under(chosen), earlier.under(chosen)
    codes = list(new.leaf_codes if leaves is None else leaves)
    found = [
        change(new, old, leaves=[code], shared=_asked(shared, new, code), inference=chosen,
               level=level)
        for code in codes
    ]  # fmt: skip
    tables = [one.table.assign(leaf=code) for one, code in zip(found, codes, strict=True)]
    whole = pd.concat(tables, ignore_index=True)
    columns = ["leaf", *(name for name in whole if name != "leaf")]
    adjusted = adjust(whole.p.to_numpy(np.float64)).frame
    whole[adjusted.columns] = adjusted
    return whole[columns]


def _asked(shared: Collection[str], wave: Wave, code: str) -> list[str]:
    """Shared groups that one leaf asks."""
    groups = [group.group for leaf in wave.leaves if leaf.code == code for group in leaf.groups]
    return [group for group in shared if group in groups]


def _bridged(wave: Wave, leaves: Sequence[str] | None) -> Wave:
    return wave if leaves is None else wave.only(leaves)


def _scored_on(wave: Wave, unit: str) -> list[str]:
    return sorted(code for code in wave.leaf_codes if wave.leaf_points(unit, code) is not None)


def _complete(wave: Wave, units: Sequence[str]) -> Bools:
    at = [wave.unit_codes.index(unit) for unit in units]
    return np.array([wave.unit_precision[u].complete for u in at], dtype=np.bool_)


def _known(shared: Collection[str], new: Wave, old: Wave) -> Collection[str]:
    """The shared groups, each of which both waves must have."""
    both = {v.group for v in new.variances} & {v.group for v in old.variances}
    missing = [group for group in shared if group not in both]
    if missing:
        raise SchemeError(
            "unknown_group",
            f"Group {missing[0]!r} is said to be shared, but is not in both waves.",
            f"Both have {', '.join(sorted(both)) or 'no group'}.",
            group=missing[0],
        )
    return shared


def _check_same(new: Wave, old: Wave) -> None:
    before = {leaf.code: leaf for leaf in old.leaves}
    for leaf in new.leaves:
        if before.pop(leaf.code, None) != leaf:
            raise _different(leaf.code)
    if before:
        raise _different(next(iter(before)))
    names = [entry.name for entry in fields(Options) if entry.name not in PRINTING]
    for name in (*names, "minimum"):
        values = getattr(old.options, name), getattr(new.options, name)
        if values[0] != values[1]:
            raise SchemeError(
                "different_rules",
                f"The rule {name!r} is {values[0]} in the earlier wave and {values[1]} in the "
                "later one.",
                "Score both waves by the same rules (what_if).",
                option=name,
            )


def _different(leaf: str) -> SchemeError:
    return SchemeError(
        "different_schemes",
        f"Leaf {leaf!r} is not scored the same way in both waves.",
        "Score both waves by one scheme (what_if), or name the leaves that bridge them.",
        leaf=leaf,
    )


def _terms(
    new: Wave, old: Wave, units: Sequence[str], shared: Collection[str], inference: Inference
) -> list[Term]:
    before = {v.group: v for v in old.variances}
    at_new, at_old = ([wave.unit_codes.index(unit) for unit in units] for wave in (new, old))
    terms: list[Term] = []
    for v in new.variances:
        if v.group not in shared:
            terms.append(_alone(v, at_new, "later"))
            continue
        parts = (Part(v, at_new, 1.0), Part(before.pop(v.group), at_old, -1.0))
        found = stack(parts, inference)
        both = (found.sample, found.answered, found.common)
        terms.append(Term(v.group, "both", found.cov, found.df, *both))
    return terms + [_alone(v, at_old, "earlier") for v in before.values()]


def _alone(v: GroupVariance, at: list[int], waves: str) -> Term:
    answered = v.answered[:, at].tocsr()
    return Term(v.group, waves, v.cov[np.ix_(at, at)], v.df[at], v.sample, answered)
