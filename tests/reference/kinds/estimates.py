"""Means, totals and ratios: in domains, by cells, under each rule and by replicates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from analysis import DesignError, ratios
from analysis.estimation.means import Estimates, means, totals
from tests.reference.compare import Answer
from tests.reference.expressions import plain, variable
from tests.reference.setting import Case, Setting, begins_with, column_with, listed

Rule = tuple[str, dict[str, Any]]
LONELY = ("remove", "certainty", "adjust", "average")
PPS = ("yates_grundy", "horvitz_thompson", "brewer", "with_replacement")
_WITHOUT_FPC = ("no_fpc", "nofpc", "without_fpc")


@dataclass(frozen=True)
class Ask:
    """Which statistic of which variables is wanted of which rows."""

    case: Case
    setting: Setting
    variables: tuple[Any, ...]
    statistic: str = "mean"
    by: tuple[str, ...] = ()
    where: Any = None
    own_df: bool = False

    def under(self, key: str) -> "Ask":
        """The same under what a key of the expected figures says."""
        ask = replace(self, setting=self.case.settings.get(key, self.setting))
        words = key.split("_")
        for statistic in ("mean", "total", "ratio"):
            if statistic in words:
                ask = replace(ask, statistic=statistic)
        if "overall" in words:
            ask = replace(ask, by=())
        return replace(ask, setting=ask.setting.but(**_choices(key, ask.setting)))

    def estimates(self) -> Estimates:
        """What the product finds."""
        frame, design = self.setting.frame, self.setting.design
        ask = {"total": totals, "ratio": ratios}.get(self.statistic, means)
        where = self.where if len(self.variables) == 1 else self._complete()
        return ask(frame, design, list(self.variables), by=list(self.by), where=where)

    def _complete(self) -> Any:
        """Rows without a blank in any of several variables: to R they are a domain."""
        columns = list(np.unique(np.array(self.variables)))
        complete = self.setting.frame[columns].notna().all(axis=1).to_numpy()
        if self.where is not None:
            return complete & self.where
        return None if complete.all() else complete


def _choices(key: str, setting: Setting) -> dict[str, Any]:
    words, choices = key.split("_"), {}
    if any(each in key for each in _WITHOUT_FPC):
        choices["fpc"] = None
    if "ultimate" in words:
        choices["ssu"] = None
        choices["psu_size"] = None
    if words[0] in LONELY:
        choices["lonely"] = words[0]
    if key in PPS and setting.design.joint is not None:
        choices["pps"] = key
    if words[-1] in ("finite", "super", "superpopulation"):
        choices["inference"] = "finite" if words[-1] == "finite" else "superpopulation"
    return choices


def record(found: Estimates, expected: Mapping[str, Any], *, own_df: bool = False) -> dict:
    """Everything that may be compared of estimates, in the order of the expected names."""
    df = found.df[0] if own_df else found.design_df
    limits = found.intervals(level=expected.get("level", 0.95), df=float(df)) if df > 0 else None
    plain_record = {
        "estimate": found.estimate,
        "se": found.se,
        "vcov": found.cov,
        "deff_wor": found.deff_wor,
        "deff_wr": found.deff,
        "n": found.n,
        "n_psu": found.n_psu,
        "psus": found.n_psu,
        "df_including_blank_answers": found.domain_df,
        "units": [name.split(":")[0] for name in found.names],
    }
    if limits is not None:
        plain_record |= {
            "ci_lower": limits.ci_low.to_numpy(),
            "ci_upper": limits.ci_high.to_numpy(),
        }
    at = order(found.names, listed(expected.get("names", expected.get("units", []))))
    ordered = {key: np.asarray(value)[at] for key, value in plain_record.items()}
    ordered["vcov"] = np.asarray(found.cov)[np.ix_(at, at)]
    single = {"df": df, "df_full_design": found.design_df, "level": expected.get("level", 0.95)}
    return ordered | single


def order(names: tuple[str, ...], wanted: list[str]) -> list[int]:
    """Places of the wanted names among the cells "levels:variable"; as they stand if unknown."""
    short = [name.split(":")[0] for name in names]
    for known in (list(names), short):
        if len(set(known)) == len(known) and set(wanted) == set(known):
            return [known.index(name) for name in wanted]
    return list(range(len(names)))


def walk(expected: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """Found figures in the shape of the expected ones."""
    if "estimate" in expected:
        named = [name for name in listed(expected.get("names", [])) if name in ask.variables]
        chosen = replace(ask, variables=tuple(named) or ask.variables)
        return record(chosen.estimates(), expected, own_df=ask.own_df)
    return {
        key: walk(inner, ask.under(key))
        for key, inner in expected.items()
        if isinstance(inner, Mapping)
    }


def first_ask(
    case: Case, setting: Setting, texts: Any, coefficients: Any = None, **more: Any
) -> Ask:
    """Read the variables asked for into the frame."""
    names, where = [], None
    table = coefficients or case.request.get("coefficients")
    for text in listed(texts):
        read = variable(setting.frame, text, table)
        setting, where = setting.of(read.frame), read.where
        names.append(read.name)
    return Ask(case, setting, tuple(names), where=where, **more)


def estimate(case: Case) -> Answer:
    """Means and totals of variables, each design in its turn."""
    ask = first_ask(case, case.only, case.request["variables"])
    return Answer(walk(case.expected, replace(ask, statistic=case.kind)))


def ratio(case: Case) -> Answer:
    """Ratios of every numerator to every denominator."""
    given = {k: v for k, v in case.expected.items() if isinstance(v, str)}
    pairs = [
        (numerator, below)
        for below in listed(case.request["denominator"])
        for numerator in listed(case.request["numerator"])
    ]
    found: dict[str, Any] = dict(given)
    for name, setting in case.settings.items():
        frame = setting.frame
        for made, text in given.items():
            frame = variable(frame, f"{made} = {text}").frame
        expected = case.expected[name] if name else case.expected
        ask = Ask(case, setting.of(frame), tuple(pairs), statistic="ratio")
        one = record(ask.estimates(), expected)
        found |= {name: one} if name else one
    return Answer(found)


def domain(case: Case) -> Answer:
    """A mean in a domain with the domain's own degrees of freedom."""
    found = {}
    for name, setting in case.settings.items():
        ask = first_ask(case, setting, case.request[name], own_df=True)
        found[name] = walk(case.expected[name], ask)
    return Answer(found)


def by_cells(case: Case) -> Answer:
    """Means in the cells of classifications, perhaps within a domain."""
    texts = case.request.get("variables") or case.request["variable"]
    if "where" in case.request:
        texts = [f"{text} where {case.request['where']}" for text in listed(texts)]
    ask = first_ask(case, case.only, texts, by=tuple(listed(case.request["by"])))
    return Answer(walk(case.expected, ask))


def contrast(case: Case) -> Answer:
    """Differences and a ratio of domains, with their covariance."""
    by, expected = case.request["by"], case.expected
    ask = first_ask(case, case.only, case.request["variable"], by=(by,))
    cells, name = ask.estimates(), ask.variables[0]
    wanted = {
        each: {f"{level}:{name}": factor for level, factor in factors.items()}
        for each, factors in case.request["contrasts"].items()
    }
    found = {"by": record(cells, expected["by"])}
    found["contrasts"] = record(cells.contrasts(wanted), expected["contrasts"])
    if "ratio" in case.request:
        over, below = case.request["ratio"].split("/")
        one = cells.ratios({"ratio": (f"{over}:{name}", f"{below}:{name}")})
        found["ratio"] = record(one, expected["ratio"])
    for each, factors in wanted.items():
        squares = sum((f * cells.se[cells.place(cell)]) ** 2 for cell, f in factors.items())
        found[f"naive_se_{each}_without_covariance"] = np.sqrt(squares)
    return _unmatched(expected["contrasts"], case.request["contrasts"], found)


def _unmatched(
    expected: Mapping[str, Any], asked: Mapping[str, Mapping[str, float]], found: Mapping[str, Any]
) -> Answer:
    """R gives 0 for a contrast whose coefficients it could not match with the cells by name."""
    zero = [
        place
        for place, name in enumerate(listed(expected["names"]))
        if abs(sum(asked[name].values())) > 1e-6
        and not np.any(np.atleast_2d(expected["vcov"])[place])
        and not np.atleast_1d(expected["estimate"])[place]
        and not np.atleast_1d(expected["se"])[place]
    ]
    notes = [
        f"contrasts.{listed(expected['names'])[place]} set aside: R gave exactly 0 with error 0, "
        "although its coefficients do not sum to 0"
        for place in zero
    ]
    return Answer(found, aside={"contrasts": tuple(zero)} if zero else {}, notes=tuple(notes))


def lonely(case: Case) -> Answer:
    """Each rule for strata of one PSU; "fail" must be an error."""
    ask = first_ask(case, case.only, case.request["variables"])
    rules = {key: inner for key, inner in case.expected.items() if key != "fail"}
    found = walk(rules, ask)
    if "fail" in case.expected:
        found["fail"] = {key: _failing(ask.under(key)) for key in case.expected["fail"]}
    return Answer(found)


def _failing(ask: Ask) -> str:
    try:
        replace(ask, setting=ask.setting.but(lonely="error")).estimates()
    except DesignError:
        return "error"
    return "none"


def edges(case: Case) -> Answer:
    """Cells of a level and an item, "U01_s1" for level U01 and item q1, with their counts."""
    found = {}
    for key in case.expected:
        setting = case.only
        level = begins_with(key, _levels(setting.frame))
        short = key.removeprefix(f"{level}_").split("_")[0]
        text = f"{short} = coefficient of {re.sub('^s', 'q', short)}"
        column = column_with(setting.frame, [level])
        inside = (setting.frame[column].astype(str) == level).to_numpy()
        ask = replace(first_ask(case, setting, text, own_df=True), where=inside)
        found[key] = walk(case.expected[key], ask)
    return Answer(found)


def _levels(frame: pd.DataFrame) -> set[str]:
    """Labels of the columns that hold texts."""
    texts = frame.select_dtypes(exclude="number")
    return {str(label) for name in texts for label in texts[name].unique()}


def census(case: Case) -> Answer:
    """Units of which some were asked in full, under both inferences."""
    setting, by = case.only.but(census_blanks="domain"), case.request["by"]
    found = walk(case.expected, first_ask(case, setting, case.request["variable"], by=(by,)))
    frame, design = setting.frame, setting.design
    asked = frame.groupby([by, design.strata]).agg(n=(by, "size"), whole=(design.fpc, "first"))
    full = (asked.n == asked.whole).groupby(by).all()
    return Answer(found | {"census_units": list(full.index[full])})


def pps(case: Case) -> Answer:
    """Totals, ratios and means under each rule of unequal probabilities."""
    found: dict[str, Any] = {}
    for rule in (rule for rule in PPS if rule in case.expected):
        ask = Ask(case, case.only, ()).under(rule)
        found[rule] = several(ask, case.expected[rule])
        found["df"] = found[rule]["mean" if "mean" in found[rule] else "total"]["df"]
    return Answer(found)


def several(ask: Ask, expected: Mapping[str, Any]) -> dict[str, Any]:
    """The mean, ratio and total of the request, as far as they are expected."""
    found = {}
    for name in (name for name in ("mean", "ratio", "total") if name in expected):
        asked = ask.case.request[name]
        variables = (tuple(asked),) if name == "ratio" else (plain(asked),)
        one = replace(ask, statistic=name, variables=variables).estimates()
        found[name] = record(one, expected[name])
    return found


def panel(case: Case) -> dict[str, Any]:
    """Later year minus earlier of each unit, both years in the design of the stacked file."""
    year, unit = case.request["by"]
    ask = first_ask(case, case.only, case.request["variable"], by=(year, unit))
    cells, name = ask.estimates(), ask.variables[0]
    units = listed(case.expected["change"]["names"])
    [(before, after)] = pairwise(sorted(set(ask.setting.frame[year])))
    pairs = {u: (f"{before}.{u}:{name}", f"{after}.{u}:{name}") for u in units}
    ordered = cells.pick([cell for pair in pairs.values() for cell in pair])
    change = cells.contrasts({u: {new: 1, old: -1} for u, (old, new) in pairs.items()})
    apart = [np.hypot(*(cells.se[cells.place(cell)] for cell in pair)) for pair in pairs.values()]
    return {
        "by": record(ordered, {**case.expected["by"], "names": []}),
        "change": record(change, case.expected["change"]),
        "se_if_years_were_independent": apart,
    }


KINDS = {
    "mean": estimate, "total": estimate, "mean_total": estimate, "ratio": ratio,
    "domain": domain, "by": by_cells, "contrast": contrast, "lonely_psu": lonely,
    "domain_edges": edges, "census": census, "pps": pps,
}  # fmt: skip
