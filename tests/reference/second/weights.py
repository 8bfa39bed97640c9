"""Weights that svy calibrates, adjusts and trims."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import svy

from tests.reference.expressions import plain
from tests.reference.second.samples import ROW, estimates, only_expected, record, sample
from tests.reference.setting import Case, Setting, ends_with, listed

Figures = dict[str, Any]


def weights(made: svy.Sample) -> Any:
    """Weights in the order of the rows."""
    return made.data.sort(ROW)[made.design.wgt].to_numpy()


def answered(made: svy.Sample, expected: Mapping[str, Any], statistic: str = "mean") -> Figures:
    """A mean or total with the new weights."""
    found = estimates(made, statistic, listed(expected["names"]))
    return only_expected(record(found), expected)


def poststratification(case: Case) -> Figures:
    """Cells of known size."""
    [cells], expected = listed(case.request["cells"]), case.expected
    made = sample(case.only).weighting.poststratify(case.request["population"], cells=cells)
    found: Figures = {key: answered(made, expected[key], key) for key in ("mean", "total")}
    for key in (key for key in expected if "domain" in key):
        level = ends_with(key, case.request["population"])
        inside = svy.col(cells) == level
        one = made.estimation.mean(listed(expected[key]["names"])[0], where=inside)
        found[key] = only_expected(record([one]), expected[key])
    return found | {"first_5_weights": weights(made)[:5], "sum_of_weights": weights(made).sum()}


def raking(case: Case) -> Figures:
    """Margins of known size."""
    request, expected = case.request, case.expected
    made = sample(case.only).weighting.rake(
        controls=request["margins"], tol=1e-14, max_iter=request["max_iterations"]
    )
    found = {key: answered(made, expected[key], key) for key in ("mean", "total")}
    return found | {"weights": weights(made)}


def calibration(case: Case) -> Figures:
    """Linear calibration to classifications and numbers."""
    found: Figures = {}
    for key, setting in case.settings.items():
        if f"{key}_linear" not in case.expected:
            continue
        made = sample(setting).weighting.calibrate(controls=controls(case, setting))
        wanted = case.expected[f"{key}_linear"]
        found[f"{key}_linear"] = answered(made, wanted) | {"weights": weights(made)}
        total = case.expected.get(f"{key}_linear_total")
        if total:
            found[f"{key}_linear_total"] = answered(made, total, "total")
    return found


def controls(case: Case, setting: Setting) -> dict[Any, Any]:
    """Totals of the model's terms; a classification has all of its levels, the base included."""
    population, made = case.request["population"], {}
    for term in (each.strip() for each in plain(case.request["model"]).split("+")):
        if term in population:
            made[term] = population[term]
        elif term != "1":
            levels = sorted(setting.frame[term].astype(str).unique())
            known = {level: population[f"{term}{level}"] for level in levels[1:]}
            made[svy.Cat(term)] = {
                levels[0]: population["(Intercept)"] - sum(known.values()), **known,
            }  # fmt: skip
    return made


def nonresponse(case: Case) -> Figures:
    """Classes in which respondents stand for all."""
    request, drawn = case.request, sample(case.only)
    cells, wanted = request["cells"], {"names": request["variable"], "estimate": 0, "se": 0}

    def adjusted(one: svy.Sample) -> svy.Sample:
        return one.weighting.adjust(
            request["responded"], cells=cells, resp_mapping={"rr": 1, "nr": 0}
        )

    made, repeated = adjusted(drawn), adjusted(drawn.weighting.create_jk_wgts())
    one = answered(made, wanted)
    [again] = estimates(repeated, "mean", [request["variable"]], method="replication")
    before = drawn.design.wgt
    ratio = made.data.select(cells, factor=pl.col(made.design.wgt) / pl.col(before))
    return {
        "mean": one["estimate"],
        "se_taylor_weights_fixed": one["se"],
        "se_jkn_readjusted": again.estimates[0].se,
        "factor": dict(ratio.unique(cells).iter_rows()),
        "deff_kish_1_plus_cv2": made.deff_w,
    }


def trimming(case: Case) -> Figures:
    """Weights cut at a bound."""
    made = sample(case.only).weighting.trim(upper=case.request["upper"], max_iter=1_000, tol=1e-9)
    expected = case.expected["mean_api00"]
    return {
        "weights": weights(made),
        "sum": weights(made).sum(),
        "mean_api00": answered(made, expected),
    }


ANSWERS = {
    "poststratification": poststratification, "raking": raking, "calibration": calibration,
    "nonresponse": nonresponse, "trimming": trimming,
}  # fmt: skip
