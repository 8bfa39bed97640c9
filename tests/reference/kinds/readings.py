"""Tests, intervals of proportions, quantiles, reliability, drivers, small areas, planning."""

from typing import Any

import numpy as np

from analysis import independence, proportions, quantiles, t_test
from analysis.estimation.regression import regression
from analysis.planning import allocation, size
from analysis.quality.drivers import drivers as find_drivers
from analysis.quality.reliability import reliability as find_reliability
from analysis.quality.small_area import fay_herriot
from tests.reference.compare import Answer
from tests.reference.expressions import plain, variable
from tests.reference.setting import Case, Setting


def difference(case: Case) -> Answer:
    """Two groups, the later level minus the earlier."""
    request, one = case.request, case.only
    found = t_test(one.frame, one.design, request["variable"], request["group"])
    return Answer({"difference": found.estimate, "t": found.t, "df": found.df, "p": found.p})


def tables(case: Case) -> Answer:
    """Rao and Scott's test in each design."""
    found: dict[str, Any] = {}
    for name, one in case.settings.items():
        test = independence(one.frame, one.design, case.request["rows"], case.request["columns"])
        figures = {"F": test.f, "ndf": test.ndf, "ddf": test.ddf, "p": test.p}
        found |= {name: figures} if name else figures
    return Answer(found)


def _named(case: Case, key: str) -> Setting:
    for name, setting in case.settings.items():
        if key == name or key.startswith(f"{name}_"):
            return setting
    return case.only


def intervals(case: Case) -> Answer:
    """Every method on every proportion."""
    level, found = case.request["level"], {}
    for key, wanted in case.expected.items():
        one = _named(case, key)
        read = variable(one.frame, case.request[key])
        share = proportions(read.frame, one.design, [read.name], where=read.where)
        methods = {}
        for method in wanted["methods"]:
            row = share.intervals(level=level, method=method).iloc[0]
            methods[method] = {"lower": row.ci_low, "upper": row.ci_high}
        figures = {"estimate": share.estimate, "se": share.se, "df": share.df, "n": share.n}
        found[key] = figures | {"methods": methods}
    return Answer(found)


def quantile(case: Case) -> Answer:
    """Quantiles by every rule with Woodruff's limits."""
    found: dict[str, Any] = {}
    for key, rules in case.expected.items():
        one, column = _named(case, key), plain(case.request[key])
        found[key] = {}
        for rule in rules:
            made = quantiles(
                one.frame, one.design, [column], case.request["probabilities"], rule=rule
            )
            limits = {"lower": made.lower, "upper": made.upper}
            found[key][rule] = {"q": made.quantile, "se": made.se, **limits}
    return Answer(found)


def reliability(case: Case) -> Answer:
    """Alpha and omega of complete cases."""
    items = case.request["items"]
    found = find_reliability(case.only.frame, case.only.design, items)
    scale = found.plain
    return Answer(
        {
            "n": found.cases.n,
            "alpha_raw": scale.alpha,
            "alpha_std": scale.alpha_standardised,
            "alpha_if_dropped": dict(zip(items, scale.if_dropped, strict=True)),
            "item_total_r_dropped": dict(zip(items, scale.item_rest, strict=True)),
            "alpha_weighted_svycralpha": found.weighted.alpha,
            "mean_inter_item_r": scale.mean_r,
            "omega_total_minres_correlations": scale.minres.omega,
            "minres_loadings": scale.minres.loadings,
            "ml_loadings_correlations": scale.ml.loadings,
            "omega_total_ml_correlations": scale.ml.omega,
            "covariance": scale.covariance,
        }
    )


def drivers(case: Case) -> Answer:
    """Regression of the outcome's coefficients on those of the drivers, and parts of R squared."""
    frame, names = case.only.frame, []
    asked = [case.request["outcome"], *(f"coefficient of {q}" for q in case.request["drivers"])]
    for place, text in enumerate(asked):
        frame = variable(frame, f"s{place} = {text}", case.request.get("coefficients")).frame
        names.append(f"s{place}")
    model = regression(frame, case.only.design, names[0], names[1:])
    shares = find_drivers(frame, case.only.design, names[0], names[1:])
    return Answer(
        {
            "estimate": model.estimate,
            "se": model.se,
            "vcov": model.cov,
            "df_residual": model.df_residual,
            "r_squared_weighted": model.r_squared,
            "lmg": shares.importance,
            "lmg_share": shares.share,
        }
    )


def small_area(case: Case) -> Answer:
    """Fay and Herriot's model by the method that each key names.

    R's search for the variance between areas ends within 1e-5, also short of 0.
    """
    request, found = case.request, {}
    zero = {"tau2": 1e-5, "shrink": 1e-5 / min(request["variance"])}
    for key in case.expected:
        alone = key.endswith("_no_covariate")
        model = fay_herriot(
            request["direct"],
            request["variance"],
            None if alone else request["covariate"],
            units=request["units"],
            method=key.split("_")[0],
        )
        names = ("tau2", "beta", "beta_se", "eblup", "shrink")
        found[key] = {name: np.asarray(getattr(model, name)) for name in names}
    return Answer(found, zero=zero)


def planning(case: Case) -> Answer:
    """Sizes and allocations, not rounded."""
    request, strata = case.request, case.request["allocation"]
    slovin, cochran, mean = (request[key] for key in ("slovin", "cochran", "mean_planning"))
    n, whole, sd = strata["n"], strata["N_h"], strata["S_h"]
    neyman, proportional = allocation.neyman(n, whole, sd), allocation.proportional(n, whole)
    needs = [
        size.need(
            each, cochran["e"], proportion=cochran["p"], level=cochran["level"],
            deff=request["inflated"]["deff"], response=request["inflated"]["response"],
        )
        for each in cochran["N"]
    ]  # fmt: skip
    return Answer(
        {
            "slovin": [size.slovin(each, slovin["e"]) for each in slovin["N"]],
            "cochran": [
                size.cochran(each, cochran["e"], cochran["p"], cochran["level"])
                for each in cochran["N"]
            ],
            "inflated": [need.asked for need in needs],
            "mean_planning": [
                size.mean_size(each, mean["e"], mean["S"], mean["level"]) for each in mean["N"]
            ],
            "proportional": proportional,
            "neyman": neyman,
            "neyman_capped": allocation.neyman_capped(n, whole, sd),
            "power_half": allocation.power(n, whole, 0.5),
            "variance_neyman": allocation.stratified_variance(neyman, whole, sd),
            "variance_proportional": allocation.stratified_variance(proportional, whole, sd),
        }
    )


KINDS = {
    "t_test": difference,
    "independence": tables,
    "proportion_ci": intervals,
    "quantile": quantile,
    "reliability": reliability,
    "drivers": drivers,
    "small_area": small_area,
    "planning": planning,
}
