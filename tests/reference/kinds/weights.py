"""Weights that are calibrated, adjusted and trimmed, and estimates that know of it."""

from dataclasses import replace
from typing import Any

import numpy as np

from analysis import ReplicateWeights, means, write_replicates
from analysis.weighting.calibration import Calibrate
from analysis.weighting.diagnostics import summarise
from analysis.weighting.distances import Method
from analysis.weighting.nonresponse import NonresponseClasses
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weighting.raking import Poststratify, Rake
from analysis.weighting.trimming import Trim
from tests.reference.compare import Answer
from tests.reference.expressions import plain
from tests.reference.kinds.estimates import Ask, walk
from tests.reference.setting import Case, Setting, begins_with, ends_with, listed


def weighted_by(step: Any, setting: Setting) -> Weighted:
    """Rows with the weights of one step."""
    return WeightingPlan((step,)).apply(setting.frame, setting.design)


def found_of(case: Case, weighted: Weighted, base: Setting, cells: str = "") -> dict[str, Any]:
    """Estimates by the weights, the weights, and the error if they were fixed."""
    variables = tuple(listed(case.request.get("variables", [])))
    ask = Ask(case, Setting(weighted.data, weighted.design), variables)
    found = walk({k: v for k, v in case.expected.items() if "domain" not in k}, ask)
    for key, wanted in case.expected.items():
        if "domain" in key and cells:
            levels = weighted.data[cells].astype(str)
            inside = (levels == ends_with(key, levels.unique())).to_numpy()
            found[key] = walk(wanted, replace(ask, where=inside).under(key))
        if key.startswith("first_"):
            found[key] = weighted.weights[: len(listed(wanted))]
    found["weights"] = weighted.weights
    found["sum_of_weights"] = found["sum"] = weighted.weights.sum()
    fixed = replace(base.design, weight=weighted.design.weight)
    if "se_if_weights_were_treated_as_fixed" in case.expected:
        names = listed(case.expected["mean"]["names"])
        found["se_if_weights_were_treated_as_fixed"] = means(weighted.data, fixed, names).se
    return found


def poststratification(case: Case) -> Answer:
    """Cells of known size."""
    cells = case.request["cells"]
    step = Poststratify(cells=tuple(listed(cells)), population=case.request["population"])
    weighted = weighted_by(step, case.only)
    return Answer(found_of(case, weighted, case.only, listed(cells)[0]))


def raking(case: Case) -> Answer:
    """Margins of known size."""
    request = case.request
    step = Rake(
        margins=request["margins"],
        tolerance=request["tolerance"],
        max_iterations=request["max_iterations"],
    )
    return Answer(found_of(case, weighted_by(step, case.only), case.only))


def calibration(case: Case) -> Answer:
    """Totals of a model, by the design and the distance that each key names."""
    return Answer({key: _calibrated(case, key) for key in case.expected})


def _calibrated(case: Case, key: str) -> dict[str, Any]:
    name = begins_with(key, case.settings)
    words, request = key.removeprefix(name).split("_"), case.request
    setting = case.settings.get(name, case.only)
    [method] = [word for word in words if word in list(Method)]
    bounds = tuple(request["logit_bounds"]) if method == "logit" else (-np.inf, np.inf)
    terms = tuple(term.strip() for term in plain(request["model"]).split("+"))
    step = Calibrate(
        terms=terms,
        population=request["population"],
        method=method,
        bounds=bounds,
        negative="keep",
    )
    weighted = weighted_by(step, setting)
    known = Setting(weighted.data, weighted.design)
    ask = Ask(case, known, tuple(listed(request["variables"])))
    ratio = weighted.weights / setting.frame[setting.design.weight].to_numpy()
    found = walk(case.expected[key], replace(ask, statistic="total") if "total" in words else ask)
    return found | {
        "weights": weighted.weights,
        "weight_ratio_range": [ratio.min(), ratio.max()],
    }


def nonresponse(case: Case) -> Answer:
    """Classes in which respondents stand for all, repeated in every replicate."""
    request, setting = case.request, case.only
    step = NonresponseClasses(
        classes=tuple(listed(request["cells"])), responded=request["responded"], min_respondents=1
    )
    weighted = weighted_by(step, setting)
    found = means(weighted.respondents, weighted.design, [request["variable"]])
    wide, design = write_replicates(
        weighted.data,
        setting.design,
        ReplicateWeights(kind=request["replicates"].split(",")[0]),
        weighting=weighted.propagate,
        weight=weighted.design.weight,
    )
    events = weighted.report.events
    spread = summarise(weighted.weights)
    return Answer(
        {
            "mean": found.estimate,
            "se_taylor_weights_fixed": found.se,
            "se_jkn_readjusted": means(wide, design, [request["variable"]]).se,
            "factor": dict(events[events.kind == "factor"].set_index("place").amount),
            "deff_kish_1_plus_cv2": spread.deff,
            "n_effective_kish": spread.n_eff,
        }
    )


def trimming(case: Case) -> Answer:
    """Weights cut at a bound, the excess spread over the others."""
    weighted = weighted_by(Trim(upper=case.request["upper"]), case.only)
    found = found_of(case, weighted, case.only)
    for key, wanted in case.expected.items():
        if isinstance(wanted, dict):
            ask = Ask(case, Setting(weighted.data, weighted.design), (wanted["names"],))
            found[key] = walk(wanted, ask.under(key))
    return Answer(found)


KINDS = {
    "poststratification": poststratification,
    "raking": raking,
    "calibration": calibration,
    "nonresponse": nonresponse,
    "trimming": trimming,
}
