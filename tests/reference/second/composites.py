"""Composites by svy: one row an answer, the mean of every unit and item, and their sum.

svy has no index, but means of cells with their full covariance, of which points are a sum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import svy

from tests.reference.second.estimates import first, of_contrasts
from tests.reference.second.replicates import draws
from tests.reference.second.samples import INSIDE, ROW, estimates, only_expected, record, sample
from tests.reference.setting import Case, Setting, column_with

Figures = dict[str, Any]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Points:
    """Means of units × items, and the sums of them that are points of units."""

    mean: Floats
    error: Floats
    maxima: Floats
    cov: Floats

    @property
    def points(self) -> Floats:
        """(U,) points of each unit."""
        found: Floats = self.mean @ self.maxima
        return found

    @property
    def matrix(self) -> Floats:
        """(U, U) covariance of the points."""
        units = len(self.mean)
        sums = np.kron(np.eye(units), self.maxima)
        found: Floats = sums @ self.cov @ sums.T
        return found

    @property
    def se(self) -> Floats:
        """(U,) standard errors of the points."""
        found: Floats = np.sqrt(np.diag(self.matrix))
        return found


def points(
    case: Case,
    setting: Setting,
    units: Sequence[str],
    unit: str,
    group: str = "",
    make: Callable[[Setting], svy.Sample] = sample,
) -> Points:
    """Points of one group of respondents, whose answers to all items are one PSU's."""
    criteria, design = case.request["criteria"], setting.design
    frame = setting.frame.assign(**{ROW: range(len(setting.frame))})
    parts, maxima = [], []
    for entry in criteria:
        codes = entry[f"coefficients_{group}" if group else "coefficients"]
        score = frame[entry["item"]].map({int(code): float(k) for code, k in codes.items()})
        parts.append(frame.assign(item_=entry["item"], y=score, **{INSIDE: score.notna()}))
        maxima.append(entry["max_points"] * (entry["groups"][group] if group else 1.0))
    second = design.ssu or (ROW if design.psu_size else None)
    long = Setting(pd.concat(parts), design).but(psu=design.psu or ROW, ssu=second)
    [found] = estimates(make(long), "mean", ["y"], [unit, "item_"], **_method(make))
    wanted = [(u, entry["item"]) for u in units for entry in criteria]
    places = [found.keys().index(key) for key in wanted]
    cells = [found.estimates[place] for place in places]
    shape = len(units), len(criteria)
    return Points(
        np.array([cell.est for cell in cells]).reshape(shape),
        np.array([cell.se for cell in cells]).reshape(shape),
        np.array(maxima),
        np.asarray(found.covariance)[np.ix_(places, places)],
    )


def _method(make: Any) -> dict[str, str]:
    replicated = {"method": "replication", "variance_center": "estimate"}
    return {} if make is sample else replicated


def figures(one: Points) -> Figures:
    """Under the names of R's."""
    return {
        "estimate": one.points,
        "se": one.se,
        "vcov": one.matrix,
        "item_mean": one.mean,
        "item_se": one.error,
    }


def composite(case: Case) -> Figures:
    """One group under each design, or the sum over groups."""
    request, units = case.request, case.units or []
    if "groups" in request["criteria"][0]:
        return of_groups(case, units)
    found = {
        name: figures(points(case, setting, units, request["unit"]))
        for name, setting in case.settings.items()
    }
    return found.get("", found)


def of_groups(case: Case, units: Sequence[str]) -> Figures:
    """Groups are sampled apart: their points and variances add."""
    unit = case.request.get("unit") or column_with(case.only.frame, units)
    parts = {
        name: points(case, setting, units, unit, name) for name, setting in case.settings.items()
    }
    matrix = sum(one.matrix for one in parts.values())
    found: Figures = {
        "estimate": sum(one.points for one in parts.values()),
        "se": np.sqrt(np.diag(np.asarray(matrix))),
        "vcov": matrix,
    }
    for name, one in parts.items():
        found |= {f"{name}_part": one.points, f"{name}_var": one.se**2}
    return found


def replicated(case: Case) -> Figures:
    """By the weights of the draws."""
    found = points(
        case, case.only, case.units or [], case.request["unit"], make=lambda s: draws(case, s)
    )
    linear = points(case, case.only, case.units or [], case.request["unit"])
    return {
        "estimate": found.points,
        "se": found.se,
        "vcov": found.matrix,
        "taylor_se": linear.se,
    }


def change(case: Case) -> Figures:
    """Between two samples, or between two years of one stacked file."""
    if "criteria" not in case.request:
        return panel(case)
    earlier, later = (
        points(case, case.only.of(frame), case.units or [], case.request["unit"])
        for frame in case.frames.values()
    )
    return {"change": later.points - earlier.points, "se": np.hypot(later.se, earlier.se)}


def panel(case: Case) -> Figures:
    """Later year less earlier, both in the design of the stacked file."""
    by, expected = tuple(case.request["by"]), case.expected
    question = first(case, case.only, case.request["variable"], by=by)
    [found] = estimates(sample(question.setting), "mean", question.names, by)
    units = list(expected["change"]["names"])
    [(before, after)] = pairwise(sorted(set(question.setting.frame[by[0]])))
    wanted = {u: {(after, u): 1.0, (before, u): -1.0} for u in units}
    cells = [f"{year}.{u}:{question.names[0]}" for u in units for year in (before, after)]
    return {
        "by": only_expected(record([found], cells), expected["by"]),
        "change": of_contrasts(found.contrast(wanted), expected["change"]),
    }


ANSWERS = {"composite": composite, "composite_replication": replicated, "change": change}
