"""Contrasts between domains, and tests: t, and independence after Rao and Scott."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from analysis import Estimates, independence, t_test
from tests.reference.kinds.estimates import figures, tree
from tests.reference.runner.case import Case
from tests.reference.runner.compare import UNKNOWN
from tests.reference.runner.setting import Setting

NAIVE = re.compile(r"naive_se_(.+)_without_covariance")
Weights = Mapping[str, Mapping[str, float]]


def answer_contrasts(case: Case) -> Mapping[str, Any]:
    """Answer domains, their contrasts with the covariance between them, and a ratio of two."""
    setting = Setting.of(case)
    cells = setting.estimates()

    def leaf(_: Setting, key: str, value: Any) -> Any:
        if key == "by":
            return partial(tree, value, setting)
        if key == "contrasts":
            return partial(_contrasts, case, cells, value)
        if key == "ratio":
            return partial(_ratio, case, cells, value)
        naive = NAIVE.fullmatch(key)
        if naive and naive[1] in case.request["contrasts"]:
            return _naive(cells, _cell_weights(case, cells)[naive[1]])
        return UNKNOWN

    return tree(case.expected, setting, leaf)


def _cell_weights(case: Case, cells: Estimates) -> Weights:
    """Contrasts of the request, by the names of our cells."""
    ours = {name.rpartition(":")[0]: name for name in cells.names}
    return {
        contrast: {ours[label]: float(weight) for label, weight in weights.items()}
        for contrast, weights in case.request["contrasts"].items()
    }


def _contrasts(case: Case, cells: Estimates, expected: Mapping[str, Any]) -> Mapping[str, Any]:
    weights = dict(_cell_weights(case, cells))
    found = cells.contrasts(weights)
    for name in _lost_by_r(expected):
        place = found.names.index(name)
        case.remarks.append(
            f"{name}: R gave 0 ± 0, as it does when coefficients have no names; with them it is "
            f"{found.estimate[place]:.10g} ± {found.se[place]:.10g}"
        )
        weights[name] = dict.fromkeys(weights[name], 0.0)
    names = list(expected["names"])
    found = cells.contrasts(weights).pick(names)
    return figures(found, names, expected)


def _lost_by_r(expected: Mapping[str, Any]) -> list[str]:
    """Contrasts that are exactly 0 with exactly no error.

    `svycontrast` matches all contrasts of a list by the names of their coefficients as soon as the
    first has names. Coefficients without names then match nothing: every figure is an exact 0.
    """
    vcov = np.array(expected["vcov"])
    return [
        name
        for place, name in enumerate(expected["names"])
        if expected["estimate"][place] == expected["se"][place] == 0 and not vcov[place].any()
    ]


def _ratio(case: Case, cells: Estimates, expected: Mapping[str, Any]) -> Mapping[str, Any]:
    ours = {name.rpartition(":")[0]: name for name in cells.names}
    above, _, below = (part.strip() for part in case.request["ratio"].partition("/"))
    found = cells.ratios({"ratio": (ours[above], ours[below])})
    return figures(found, ["contrast"], expected)


def _naive(cells: Estimates, weights: Mapping[str, float]) -> float:
    picked = cells.pick(list(weights))
    return float(np.sqrt(np.sum((np.array(list(weights.values())) * picked.se) ** 2)))


def answer_t_test(case: Case) -> Mapping[str, Any]:
    """Answer the difference between two groups, the second less the first."""
    setting = Setting.of(case)
    table, design = setting.bound()
    found = t_test(table, design, setting.variables[0], case.request["group"])
    return {
        "difference": found.estimate,
        "se": found.se,
        "t": found.t,
        "df": found.df,
        "p": found.p,
        "ci_lower": found.ci_low,
        "ci_upper": found.ci_high,
    }


def answer_independence(case: Case) -> Mapping[str, Any]:
    """Answer whether two classifications are independent, under each design."""
    rows, columns = case.request["rows"], case.request["columns"]

    def under(design: str) -> Mapping[str, Any]:
        table, declared = replace(Setting.of(case), design=design).bound()
        found = independence(table, declared, rows, columns)
        return {"F": found.f, "ndf": found.ndf, "ddf": found.ddf, "p": found.p}

    if "" in case.designs:
        return under("")
    return {name: partial(under, name) for name in case.designs}
