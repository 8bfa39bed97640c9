"""Replicated variances by svy: its own jackknife, and supplied weights."""

from typing import Any

import pandas as pd
import svy

from tests.reference.kinds.replicates import drawn as with_draws
from tests.reference.second.samples import (
    asked,
    coefficients,
    estimates,
    only_expected,
    record,
    sample,
    table,
)
from tests.reference.setting import Case, Setting, listed

Figures = dict[str, Any]


def replication(case: Case) -> Figures:
    """By counts of draws where the case has them, else by the kinds that the keys name."""
    if case.kind == "replication" and "variables" in case.request:
        return bootstrap(case)
    return {key: of_kind(case, key) for key in case.expected}


def of_kind(case: Case, key: str) -> Figures:
    """Each statistic of the request under one kind of replicates."""
    kind, choices = key.split("_", maxsplit=1)[0], {"method": "replication"}
    if kind in ("jk1", "jkn"):
        setting = next(
            s for s in case.settings.values() if (s.design.strata is None) == (kind == "jk1")
        )
        made = sample(setting).weighting.create_jk_wgts()
    elif kind == "taylor":
        made, choices = sample(case.only), {}
    else:
        made = supplied(case, kind)
    if key.endswith("_mse"):
        choices["variance_center"] = "estimate"
    found: Figures = {}
    for statistic, expected in case.expected[key].items():
        if statistic in ("mean", "ratio", "total"):
            names = listed(case.request[statistic])
            asks = [tuple(names)] if statistic == "ratio" else names
            one = estimates(made, statistic, asks, **choices)
            found[statistic] = only_expected(record(one), expected)
    return found


def supplied(case: Case, kind: str) -> svy.Sample:
    """Half samples of the file."""
    weights = next(frame for stem, frame in case.frames.items() if stem.endswith(f"_{kind}"))
    rho = case.request["fay_rho"] if kind == "fay" else 0.0
    declared = svy.BrrWgts(prefix="rep", n_reps=weights.shape[1], fay_coef=rho)
    return with_columns(case.only, weights, declared)


def with_columns(setting: Setting, weights: pd.DataFrame, declared: Any) -> svy.Sample:
    """A sample whose design is in its replicate weights."""
    numbered = weights.set_axis([f"rep{i + 1}" for i in range(weights.shape[1])], axis=1)
    frame = pd.concat([setting.frame.assign(one_=1.0), numbered], axis=1)
    design = svy.Design(wgt=setting.design.weight or "one_", rep_wgts=declared)
    return svy.Sample(table(frame), design)


def draws(case: Case, setting: Setting) -> svy.Sample:
    """Rao and Wu's weights from counts of draws."""
    made = with_draws(case, mse=False)
    columns = made.design.replicates.columns
    declared = svy.BootstrapWgts(
        prefix="rep", n_reps=len(columns), scale=case.expected.get("spec", case.expected)["scale"]
    )
    return with_columns(setting, made.frame[list(columns)], declared)


def bootstrap(case: Case) -> Figures:
    """Means by the drawn weights."""
    found = {}
    for text in case.request["variables"]:
        read, [name] = asked(case.only, text, coefficients(case))
        made = draws(case, read)
        for key, wanted in case.expected.items():
            if key.endswith(f"_{name}"):
                by = [key.removeprefix("by_").removesuffix(f"_{name}")] if "by" in key else []
                names = [f"{u}:{name}" for u in wanted["names"]] if by else []
                one = estimates(made, "mean", [name], by, method="replication")
                found[key] = only_expected(record(one, names), wanted)
    return found


ANSWERS = {"replication": replication}
