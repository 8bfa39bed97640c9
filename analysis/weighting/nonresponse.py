"""Adjustment for people who did not answer, by weighting classes that are merged when thin."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import need_columns
from analysis.errors import DesignError
from analysis.sizes import row_error
from analysis.weighting.cells import Cells, cells_of, label_of
from analysis.weighting.merging import Key, Merge, merge_thin
from analysis.weighting.steps import Adjustment, Event
from analysis.weights import Bools, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class NonresponseClasses:
    """Step: those who answered stand for all who were invited of their class.

    Parameters
    ----------
    classes : columns whose crossing is the classes; a mapping gives for each column the order of
        its labels along which thin classes are merged, the last column first. Without an order
        nothing is merged, and a thin class is an error
    responded : column that is true (1) for those who answered
    min_respondents : people who must have answered in a class
    max_factor : largest factor that a class may have

    Notes
    -----
    Factor = Σ w of those invited / Σ w of those who answered. Right when, within a class, those
    who answered are like those who did not; nothing in the data can show that. People who did
    not answer keep their row, with weight 0.

    References
    ----------
    Kalton and Flores-Cervantes (2003), Journal of Official Statistics 19, 81-97.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": ["F", "F", "M", "M"], "answered": [1, 0, 1, 1]})
    >>> step = NonresponseClasses(classes=("sex",), responded="answered", min_respondents=1)
    >>> step.prepare(rows, np.ones(4)).change(np.ones(4)).tolist()
    [2.0, 0.0, 1.0, 1.0]
    """

    classes: Mapping[str, Sequence[str]] | Sequence[str]
    responded: str
    min_respondents: int = 20
    max_factor: float = 3.0
    name: str = "nonresponse"

    def prepare(self, data: pd.DataFrame, weights: Floats, /) -> Adjustment:
        """Merge classes by the full sample; replicates keep them and estimate their own factors.

        Raises
        ------
        DataError
            if a column or a label is missing, or `responded` is neither true nor false
        DesignError
            if a class stays thin when all it may join has joined it
        """
        answered = _answered(data, self.responded)
        cells = cells_of(data, list(self.classes), weights > 0)
        counts = _counts(cells, answered, weights)

        def fault(members: Ints) -> str:
            return self._fault(*counts[:, members].sum(axis=1))

        merges, group = self._merged(cells, fault)
        classes = _joined(cells, group)
        self._check(classes, _counts(classes, answered, weights))

        def change(given: Floats) -> Floats:
            return answered_for_all(given, classes, answered)

        told = [_merge_event(cells, merge, counts[0]) for merge in merges]
        return Adjustment(change, (*told, *_class_events(classes, answered, weights)))

    def _merged(self, cells: Cells, fault: Callable[[Ints], str]) -> tuple[tuple[Merge, ...], Ints]:
        if not isinstance(self.classes, Mapping):
            return (), np.arange(len(cells.parts))
        return merge_thin([_place(part, self.classes) for part in cells.parts], fault)

    def _fault(self, respondents: float, answered: float, invited: float) -> str:
        if respondents < self.min_respondents:
            return f"{respondents:g} respondents, fewer than {self.min_respondents}"
        if answered == 0:
            return "no respondents"
        if invited > self.max_factor * answered:
            return f"factor {invited / answered:.3g}, above {self.max_factor:g}"
        return ""

    def _check(self, classes: Cells, counts: Floats) -> None:
        for label, count in zip(classes.labels, counts.T, strict=True):
            reason = self._fault(*count)
            if reason:
                raise DesignError(
                    "thin_class",
                    f"Nonresponse class {label!r} of {classes.name} has {reason}.",
                    "Declare an order of its labels to merge along, use coarser classes, or "
                    "change min_respondents and max_factor.",
                    weighting_class=label,
                    reason=reason,
                )


def answered_for_all(weights: Floats, classes: Cells, answered: Bools) -> Floats:
    """Give the weight of each class to those of it who answered.

    Parameters
    ----------
    weights : (R,) or (R, K), those invited
    classes : the class of each row
    answered : (R,) rows that answered

    Returns
    -------
    Weights of the same shape: times the factor of the class where a row answered, else 0

    Raises
    ------
    DesignError
        if nobody answered in a class that was invited
    """
    kept = weights * (answered if weights.ndim == 1 else answered[:, None])
    given, invited = classes.sums(kept), classes.sums(weights)
    silent = (given <= 0) & (invited > 0)
    if silent.any():
        label = classes.labels[int(np.argwhere(silent)[0, 0])]
        raise DesignError(
            "silent_class",
            f"Nobody answered in nonresponse class {label!r} of {classes.name}.",
            "Merge it with another class.",
            weighting_class=label,
        )
    factor = np.divide(invited, given, out=np.zeros_like(given), where=given > 0)
    return np.asarray(kept * np.where(_column(classes.code >= 0, kept), factor[classes.code], 0.0))


def _column(rows: Bools, like: Floats) -> Bools:
    return rows if like.ndim == 1 else rows[:, None]


def _answered(data: pd.DataFrame, column: str) -> Bools:
    need_columns(data, (column,), "the nonresponse adjustment")
    values = pd.to_numeric(data[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = ~np.isin(values, (0.0, 1.0))
    if wrong.any():
        hint = "Give 1 (true) to those who answered and 0 (false) to the others."
        raise row_error("bad_responded", column, wrong, "is neither 0 nor 1", hint)
    return np.asarray(values == 1)


def _place(part: tuple[str, ...], orders: Mapping[str, Sequence[str]]) -> Key:
    """The place of a class in the order of each column."""
    place = []
    for label, (column, order) in zip(part, orders.items(), strict=True):
        known = [label_of(one) for one in order]
        if label not in known:
            raise DesignError(
                "label_without_place",
                f"Label {label!r} of {column!r} is not in the declared order of merging.",
                "Add it to the order.",
                column=column,
                label=label,
            )
        place.append(known.index(label))
    return tuple(place)


def _counts(cells: Cells, answered: Bools, weights: Floats) -> Floats:
    """(3, C) respondents, their weight, and the weight of those invited."""
    kept = answered & (weights > 0)
    columns = np.column_stack([kept, weights * kept, weights]).astype(np.float64)
    return np.asarray(cells.sums(columns).T)


def _joined(cells: Cells, group: Ints) -> Cells:
    """Cells of the groups, each named by all its members."""
    kept, place = np.unique(group, return_inverse=True)
    code = np.where(cells.code >= 0, place[cells.code], -1)
    names = [_names(cells, np.flatnonzero(group == one)) for one in kept]
    return Cells(cells.name, code, tuple((name,) for name in names))


def _names(cells: Cells, members: Iterable[int]) -> str:
    return " + ".join(cells.labels[member] for member in members)


def _merge_event(cells: Cells, merge: Merge, respondents: Floats) -> Event:
    place = f"{_names(cells, merge.members)} → {_names(cells, merge.joined)}"
    return Event("merge", place, merge.reason, int(respondents[list(merge.members)].sum()))


def _class_events(classes: Cells, answered: Bools, weights: Floats) -> list[Event]:
    """What each class came to: its respondents, and its factor as the amount."""
    n, given, invited = _counts(classes, answered, weights)
    reason = "weight of those invited over weight of those who answered"
    return [
        Event("factor", label, reason, int(n[c]), float(invited[c] / given[c]))
        for c, label in enumerate(classes.labels)
    ]
