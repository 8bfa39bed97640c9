"""Points of units, their changes between years and their ranks."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis import Codebook, IndexResult, IndexScheme, aggregate
from analysis.estimation.multiple import adjust
from analysis.estimation.regression import t_and_p
from analysis.index.change import change
from analysis.index.rank_sets import RankSets, rank_sets
from tests.reference.compare import Answer
from tests.reference.kinds.estimates import first_ask, panel, record
from tests.reference.setting import Case, Setting, column_with

Criteria = list[dict[str, Any]]
DRAWS = 20_000


def codebook(criteria: Criteria) -> Codebook:
    """Every code that a coefficient table of an item knows is a choice."""
    items: dict[str, dict[int, str]] = {}
    for entry in criteria:
        for key, table in entry.items():
            if key.startswith("coefficients"):
                codes = {int(code): "choice" for code in table}
                items.setdefault(entry["item"], {}).update(codes)
    return Codebook(items)


def one_group(criteria: Criteria) -> IndexScheme:
    """A leaf a criterion, that one group is asked one item for."""
    groups = [{**entry, "groups": {"all": 1}, "coefficients_all": entry["coefficients"]}
              for entry in criteria]  # fmt: skip
    return scheme(groups)


def scheme(criteria: Criteria) -> IndexScheme:
    """A leaf a criterion, that each of its groups is asked the same item for."""
    leaves = [
        {
            "code": entry.get("id", entry["item"]),
            "points": str(entry["max_points"]),
            "groups": [
                {
                    "group": group,
                    "weight": str(weight),
                    "questions": [_question(entry, f"coefficients_{group}")],
                }
                for group, weight in entry["groups"].items()
            ],
        }
        for entry in criteria
    ]
    return IndexScheme.from_dict({"leaves": leaves, "options": {"min_valid": 1}})


def _question(entry: dict[str, Any], key: str) -> dict[str, Any]:
    coefficients = {code: str(value) for code, value in entry[key].items()}
    return {"item": entry["item"], "coefficients": coefficients}


def scored(case: Case, setting: Setting, units: list[str] | None = None) -> IndexResult:
    """Points from one group of respondents, of these units or of those that are expected."""
    criteria, unit = case.request["criteria"], case.request["unit"]
    statistics = aggregate(setting.frame, setting.design, codebook(criteria), unit)
    return one_group(criteria).score({"all": statistics}, units=units or case.units)


def composite(case: Case) -> Answer:
    """One group under one design or several, or groups with a share of each criterion."""
    criteria = case.request["criteria"]
    total = {"max_points_total": float(sum(entry["max_points"] for entry in criteria))}
    if "groups" in criteria[0]:
        return Answer(_of_groups(case) | total)
    if "" in case.settings:
        return Answer(_of_raters(case, scored(case, case.only)) | total)
    results = {name: scored(case, setting) for name, setting in case.settings.items()}
    first = next(iter(results.values()))
    blocks = [first.leaf_covariance(unit) for unit in first.unit_codes]
    found: dict[str, Any] = {name: _points(result) for name, result in results.items()}
    found["se_if_criteria_were_independent"] = [np.sqrt(np.trace(block)) for block in blocks]
    return Answer(found | total)


def _points(result: IndexResult) -> dict[str, Any]:
    table = result.criteria
    shape = len(result.unit_codes), len(result.leaf_codes)
    score = np.array([np.nan if s is None else float(s) for s in table.score])
    errors = (table.se / table.max_points.astype(float)).to_numpy(dtype=float)
    return {
        "units": list(result.unit_codes),
        "estimate": [np.nan if p is None else float(p) for p in result.units.points],
        "se": result.units.se,
        "vcov": result.cov,
        "df": result.units.df,
        "item_mean": score.reshape(shape),
        "item_se": errors.reshape(shape),
    }


def _of_groups(case: Case) -> dict[str, Any]:
    criteria, book = case.request["criteria"], codebook(case.request["criteria"])
    unit = case.request.get("unit") or column_with(case.only.frame, case.units)
    statistics = {
        name: aggregate(setting.frame, setting.design, book, unit)
        for name, setting in ((n, s.but(census_blanks="domain")) for n, s in case.settings.items())
    }
    result = scheme(criteria).score(statistics, units=case.units)
    symmetric, parts = result.intervals(method="t"), result.group_parts.set_index("group")
    found = _points(result) | {
        "df_satterthwaite": result.units.df,
        "t_lower": symmetric.ci_low,
        "t_upper": symmetric.ci_high,
        "logit_lower": result.units.ci_low,
        "logit_upper": result.units.ci_high,
    }
    for group in statistics:
        one = parts.loc[group]
        found |= {f"{group}_part": one.points, f"{group}_var": one.variance, f"df_{group}": one.df}
    return found


def _of_raters(case: Case, result: IndexResult) -> dict[str, Any]:
    found, unit = _points(result), case.request["unit"]
    for key, wanted in case.expected.items():
        if key.startswith("by_"):
            text = f"coefficient of {key.removeprefix('by_')}"
            coefficients = _table(case, key.removeprefix("by_"))
            ask = first_ask(case, case.only, f"y = {text}", coefficients, by=(unit,))
            cells = ask.estimates()
            found[key] = record(cells, wanted)
    item = case.request["criteria"][0]["item"]
    ask = first_ask(case, case.only, item, by=(unit,))
    found["pairs"] = _pairs(result, float(ask.estimates().design_df), case.expected["pairs"])
    return found


def _table(case: Case, item: str) -> dict[str, float]:
    return next(e["coefficients"] for e in case.request["criteria"] if e["item"] == item)


def _pairs(result: IndexResult, df: float, wanted: dict) -> dict[str, Any]:
    """All pairs, in the order and direction of the expected ones."""
    pairs = list(zip(wanted["first"], wanted["second"], strict=True))
    if {frozenset(p) for p in pairs} != {frozenset(p) for p in combinations(result.unit_codes, 2)}:
        raise ValueError("the pairs of the case are not those of its units")
    apart = [result.contrast({first: 1, second: -1}, df=df) for first, second in pairs]
    tests = np.array([t_and_p(float(one.estimate), one.se, df) for one in apart])
    adjusted = adjust(tests[:, 1])
    return {
        "first": [first for first, _ in pairs],
        "second": [second for _, second in pairs],
        "difference": [float(one.estimate) for one in apart],
        "se": [one.se for one in apart],
        "t": tests[:, 0],
        "df": df,
        "p": tests[:, 1],
        "p_holm": adjusted.holm,
        "p_bh": adjusted.bh,
        "p_bonferroni": adjusted.bonferroni,
    }


def changed(case: Case) -> Answer:
    """Change of the composite between samples apart, or of cells of a stacked file."""
    if "criteria" not in case.request:
        return Answer(panel(case))
    earlier, later = (scored(case, case.only.of(frame)) for frame in case.frames.values())
    found = change(later, earlier)
    table = found.table
    plain = {key: table[key] for key in ("se", "df", "t", "p", "p_holm", "p_bh")}
    values = [float(value) if value is not None else np.nan for value in found.change]
    return Answer(plain | {"units": list(found.units), "change": values})


def ranks(case: Case) -> Answer:
    """Sets of ranks from the composite of the case that the request names."""
    source = case.other(case.request["from"].split(":")[0])
    result = scored(source, source.only, case.units)
    points = np.array([float(p) for p in result.units.points])
    cov = result.cov.to_numpy()
    level, highest = case.request["level"], "largest" in case.request["order"]

    def sets(matrix: np.ndarray, seed: int) -> RankSets:
        return rank_sets(
            result.unit_codes, points, matrix,
            level=level, draws=DRAWS, seed=seed, highest_first=highest,
        )  # fmt: skip

    one, alone = sets(cov, 1), sets(np.diag(np.diag(cov)), 1)
    found = {
        "units": list(one.units),
        "rank": one.rank,
        "simultaneous_stepdown": _limits(one.simultaneous),
        "simultaneous_single_step": _limits(one.simultaneous_single),
        "marginal_stepdown": _limits(one.marginal),
        "if_covariances_are_ignored": _limits(alone.simultaneous),
    }
    found |= _of_expected(case, one, lambda seed: sets(cov, seed))
    unstable = [
        key
        for key, wanted in case.expected.items()
        if isinstance(wanted, dict) and not wanted.get("stable_over_5_seeds", True)
    ]
    slack = (*unstable, "alternative_lower", "alternative_upper") if unstable else ()
    return Answer(found, slack=slack)


def _limits(places: Any) -> dict[str, Any]:
    return {"lower": places.low, "upper": places.high}


def _of_expected(case: Case, one: RankSets, again: Any) -> dict[str, Any]:
    """The best few, and the sets by other seeds, as many as R gave."""
    found: dict[str, Any] = {}
    for key in case.expected:
        if key.startswith("among_best_"):
            found[key] = list(one.among_best(int(key.rsplit("_", 1)[1])).values())
    seeds = range(1, 1 + len(case.expected.get("alternative_lower", [])))
    others = [again(seed) for seed in seeds]
    found["alternative_lower"] = pd.DataFrame(
        [other.simultaneous.low for other in others]
    ).to_numpy()
    found["alternative_upper"] = pd.DataFrame(
        [other.simultaneous.high for other in others]
    ).to_numpy()
    return found


KINDS = {"composite": composite, "change": changed, "ranks": ranks}
