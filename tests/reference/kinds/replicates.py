"""Replicated variances: made by the product, supplied as weights, or as counts of draws."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis import ReplicateWeights, aggregate, replicate_index
from analysis.sample import bind
from tests.reference.compare import Answer
from tests.reference.kinds.composites import codebook, one_group
from tests.reference.kinds.estimates import Ask, first_ask, record, several
from tests.reference.setting import Case, Setting, ends_with, listed


def replication(case: Case) -> Answer:
    """By counts of draws where the case has them, else by the kinds that the keys name."""
    if counts_of(case) is not None:
        return Answer(_bootstrap(case))
    return Answer({key: _by_kind(case, key) for key in case.expected})


def _by_kind(case: Case, key: str) -> dict[str, Any]:
    name = key.split("_", maxsplit=1)[0]
    setting = _matching(case, name)
    if name in ("jk1", "jkn"):
        made = ReplicateWeights(kind=name.upper().replace("N", "n"), mse=key.endswith("_mse"))
        setting = setting.but(replicates=made)
    elif name != "taylor":
        setting = _supplied(case, setting, name)
    found: dict[str, Any] = several(Ask(case, setting, ()), case.expected[key])
    return found | {"spec": _spec(setting)}


def _matching(case: Case, name: str) -> Setting:
    """JK1 has no strata and JKn has; other kinds have one design."""
    for setting in case.settings.values():
        if (setting.design.strata is not None) == (name != "jk1"):
            return setting
    return case.only


def _supplied(case: Case, setting: Setting, name: str) -> Setting:
    weights = next(frame for stem, frame in case.frames.items() if stem.endswith(f"_{name}"))
    rho = case.request["fay_rho"] if name == "fay" else 0.0
    declared = ReplicateWeights(kind=name, columns=tuple(weights), combined=False, rho=rho)
    wide = pd.concat([setting.frame, weights], axis=1)
    return setting.of(wide).but(replicates=declared, strata=None, psu=None)


def _spec(setting: Setting) -> dict[str, Any]:
    made = bind(setting.design, setting.frame).replicates
    if made is None:
        return {}
    return {
        "R": made.count,
        "scale": made.scale,
        "rscales_first": made.rscales[0],
        "mse": made.mse,
        "df": made.df,
        "df_by_rank": made.df,
    }


def counts_of(case: Case) -> pd.DataFrame | None:
    """How often each PSU was drawn in each replicate, if the case says so."""
    psu = case.only.design.psu
    for stem, frame in case.frames.items():
        if stem.endswith("_counts"):
            return frame.set_index(psu)
    return None


def drawn(case: Case, *, mse: bool) -> Setting:
    """Rao and Wu's weights, w · n/(n - 1) · count, as columns beside the answers."""
    setting, counts = case.only, counts_of(case)
    if counts is None:
        raise ValueError("the case has no counts of draws")
    frame, design = setting.frame, setting.design
    psus = frame.groupby(design.strata)[design.psu].transform("nunique")
    weight = frame[design.weight] * psus / (psus - 1)
    factors = counts.loc[frame[design.psu]].to_numpy() * weight.to_numpy()[:, None]
    wide = pd.concat([frame, pd.DataFrame(factors, columns=counts.columns)], axis=1)
    declared = ReplicateWeights(kind="bootstrap", columns=tuple(counts.columns), mse=mse)
    return setting.of(wide).but(replicates=declared)


def _bootstrap(case: Case) -> dict[str, Any]:
    setting = drawn(case, mse=case.expected["spec"]["mse"]).but(strata=None, psu=None)
    ask = first_ask(case, setting, case.request["variables"])
    frame = ask.setting.frame
    found: dict[str, Any] = {"spec": _spec(setting)}
    for key, wanted in case.expected.items():
        if not isinstance(wanted, Mapping) or "estimate" not in wanted:
            continue
        linear = key.startswith("taylor")
        name = listed(wanted["names"])[0] if linear else ends_with(key, ask.variables)
        by = (key.removeprefix("by_").removesuffix(f"_{name}"),) if key.startswith("by_") else ()
        used = (case.only if linear else setting).of(frame)
        found[key] = record(Ask(case, used, (name,), by=by).estimates(), wanted)
    return found


def composite(case: Case) -> Answer:
    """The composite's points in each replicate."""
    criteria, setting = case.request["criteria"], drawn(case, mse=True)
    items = [entry["item"] for entry in criteria]
    blank_as_0 = setting.frame[items].fillna(0).astype(int)
    frame = setting.frame.assign(**{item: blank_as_0[item] for item in items})
    statistics = aggregate(frame, setting.design, codebook(criteria), case.request["unit"])
    found = replicate_index(one_group(criteria).score({"all": statistics}, units=case.units))
    linear = aggregate(case.only.frame, case.only.design, codebook(criteria), case.request["unit"])
    spec = _spec(setting)
    return Answer(
        {
            "units": list(found.names),
            "estimate": found.estimate,
            "se": found.se,
            "vcov": found.cov,
            "first_replicate": found.values[0],
            "R": len(found.values),
            "scale": spec["scale"],
            "taylor_se": one_group(criteria).score({"all": linear}, units=case.units).units.se,
        }
    )


KINDS = {"replication": replication, "composite_replication": composite}
