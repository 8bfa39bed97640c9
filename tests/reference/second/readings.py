"""Tests, intervals of proportions, quantiles and regression by svy."""

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import svy

from tests.reference.expressions import plain
from tests.reference.second.samples import INSIDE, asked, coefficients, sample
from tests.reference.setting import Case, Setting

Figures = dict[str, Any]
METHODS = {"xlogit": "logit", "beta": "beta", "wilson": "wilson"}
RULES = {"math": "higher"}


def difference(case: Case) -> Figures:
    """Two groups."""
    drawn = sample(case.only)
    found = drawn.categorical.ttest(case.request["variable"], group=case.request["group"])
    figures = {"t": found.stats.t, "df": found.stats.df, "p": found.stats.p_value}
    return {"difference": found.diff[0].diff, **figures}


def tables(case: Case) -> Figures:
    """Rao and Scott's test."""
    found = {}
    for key, setting in case.settings.items():
        cells = sample(setting).categorical.tabulate(case.request["rows"], case.request["columns"])
        f = cells.stats.f
        found[key] = {"F": f.value, "ndf": f.df_num, "ddf": f.df_den, "p": f.p_value}
    return found


def of_key(case: Case, key: str) -> Setting:
    """The design after which a figure is named."""
    return next(s for name, s in case.settings.items() if key.startswith(name))


def intervals(case: Case) -> Figures:
    """Three methods on every proportion; that of R's fitted model is the same to 1e-8."""
    found = {}
    for key in case.expected:
        read, [name] = asked(of_key(case, key), case.request[key])
        drawn, methods = sample(read), {}
        for mine, theirs in METHODS.items():
            made = drawn.estimation.prop(
                name, where=svy.col(INSIDE), ci_method=theirs, alpha=1 - case.request["level"]
            )
            one = next(cell for cell in made.estimates if cell.y_level == 1)
            methods[mine] = {"lower": one.lci, "upper": one.uci}
        figures = {"estimate": one.est, "se": one.se, "df": one.df, "n": one.n}
        found[key] = {**figures, "methods": methods}
    return found


def quantiles(case: Case) -> Figures:
    """Quantiles by the one rule that R and svy share."""
    found: Figures = {}
    for key in case.expected:
        read, [name] = asked(of_key(case, key), plain(case.request[key]))
        found[key] = {}
        for mine, theirs in RULES.items():
            made = sample(read).estimation.quantile(
                name, p=case.request["probabilities"], where=svy.col(INSIDE), q_method=theirs
            )
            cells = [one.estimates[0] for one in made]
            found[key][mine] = {
                "q": [cell.est for cell in cells],
                "se": [cell.se for cell in cells],
                "lower": [cell.lci for cell in cells],
                "upper": [cell.uci for cell in cells],
            }
    return found


def reliability(case: Case) -> Figures:
    """Alpha of the weighted covariances of complete cases."""
    items = case.request["items"]
    read, _ = asked(case.only, items)
    pairs = list(combinations_with_replacement(items, 2))
    made = sample(read).estimation.cov(pairs, where=svy.col(INSIDE))
    entries = {(cell.y, cell.x): cell.est for cell in made.estimates}
    matrix = np.array([[entries[min(a, b), max(a, b)] for a in items] for b in items])
    parts = 1 - np.trace(matrix) / matrix.sum()
    return {"alpha_weighted_svycralpha": len(items) / (len(items) - 1) * parts}


def drivers(case: Case) -> Figures:
    """Regression with its covariance."""
    texts = [case.request["outcome"], *(f"coefficient of {q}" for q in case.request["drivers"])]
    named = [f"s{place} = {text}" for place, text in enumerate(texts)]
    read, names = asked(case.only, named, coefficients(case))
    model = sample(read).glm.fit(names[0], x=names[1:], where=svy.col(INSIDE))
    return {
        "estimate": [each.est for each in model.coefs],
        "se": [each.se for each in model.coefs],
        "vcov": model.fitted.cov_matrix,
        "df_residual": model.coefs[0].wald.df,
        "r_squared_weighted": model.stats.r_squared,
    }


ANSWERS = {
    "t_test": difference, "independence": tables, "proportion_ci": intervals,
    "quantile": quantiles, "reliability": reliability, "drivers": drivers,
}  # fmt: skip
