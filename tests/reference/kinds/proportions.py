"""Intervals of proportions by every method, and quantiles by every rule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from analysis import Estimates, proportions, quantiles
from tests.reference.runner.case import Case
from tests.reference.runner.compare import UNKNOWN
from tests.reference.runner.setting import Setting

LEVEL = 0.95


def answer_proportions(case: Case) -> Mapping[str, Any]:
    """Answer shares that the request describes, such as "q6 <= 2 in unit U01"."""
    return {
        key: partial(_share, case, key, value)
        for key, value in case.expected.items()
        if key in case.request
    }


def _share(case: Case, key: str, expected: Mapping[str, Any]) -> Any:
    setting = Setting.of(case).read(key)
    if setting is None:
        return UNKNOWN
    table, design = setting.bound()
    where = case.holds(table, setting.where).to_numpy()
    found = proportions(
        table, design, list(setting.variables), where=None if where.all() else where
    )
    methods = {
        name: partial(_limits, found, name, case.request.get("level", LEVEL))
        for name in expected.get("methods", {})
    }
    return {
        "estimate": found.estimate,
        "se": found.se,
        "df": found.df,
        "n": found.n,
        "methods": methods,
    }


def _limits(found: Estimates, method: str, level: float) -> Mapping[str, Any]:
    row = found.intervals(level=level, method=method).iloc[0]
    return {"lower": row.ci_low, "upper": row.ci_high}


def answer_quantiles(case: Case) -> Mapping[str, Any]:
    """Answer quantiles of one variable for each design, by each rule."""
    return {
        key: {rule: partial(_quantiles, case, key, rule) for rule in rules}
        for key, rules in case.expected.items()
        if key in case.request
    }


def _quantiles(case: Case, key: str, rule: str) -> Any:
    setting = Setting.of(case).read(key)
    if setting is None:
        return UNKNOWN
    table, design = setting.bound()
    found = quantiles(
        table,
        design,
        list(setting.variables),
        case.request["probabilities"],
        rule=rule,
        level=case.request.get("level", LEVEL),
    )
    return {"q": found.quantile, "lower": found.lower, "upper": found.upper, "se": found.se}
