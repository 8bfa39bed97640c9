"""Means, totals and ratios by svy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import svy

from tests.reference.kinds.estimates import Ask
from tests.reference.second.samples import (
    INSIDE,
    LONELY,
    asked,
    coefficients,
    estimates,
    only_expected,
    record,
    sample,
)
from tests.reference.setting import Case, Setting, column_with, listed

Figures = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """Variables of rows, and which statistic of them."""

    case: Case
    setting: Setting
    names: tuple[Any, ...]
    statistic: str = "mean"
    by: tuple[str, ...] = ()

    def under(self, key: str) -> "Question":
        """What a key of the expected figures changes, read as it is for our own answer."""
        ask = Ask(self.case, self.setting, self.names, self.statistic, self.by).under(key)
        setting = ask.setting
        if INSIDE not in setting.frame:
            setting, _ = asked(setting, list(self.names))
        return replace(self, setting=setting, statistic=ask.statistic, by=ask.by)

    def answer(self, expected: Mapping[str, Any]) -> Figures:
        """svy's figures under the names of R's."""
        design = self.setting.design
        choices: dict[str, Any] = {}
        if design.lonely != "error":
            choices["singleton"] = LONELY[design.lonely]
        if design.inference == "superpopulation":
            choices["pop_size"] = None
        names = self.names if self.statistic != "ratio" else [tuple(n) for n in self.names]
        found = estimates(sample(self.setting, **choices), self.statistic, names, self.by)
        return only_expected(record(found, listed(expected.get("names", []))), expected)


def walk(expected: Mapping[str, Any], question: Question) -> Figures:
    """Answers in the shape of the expected figures."""
    if "estimate" in expected:
        named = tuple(n for n in listed(expected.get("names", [])) if n in question.names)
        return replace(question, names=named or question.names).answer(expected)
    return {
        key: walk(inner, question.under(key))
        for key, inner in expected.items()
        if isinstance(inner, Mapping)
    }


def first(case: Case, setting: Setting, texts: Any, **more: Any) -> Question:
    """A question about what the texts describe."""
    read, names = asked(setting, texts, coefficients(case))
    return Question(case, read, tuple(names), **more)


def estimate(case: Case) -> Figures:
    """Means and totals."""
    texts = case.request["variables"]
    return walk(case.expected, first(case, case.only, texts, statistic=case.kind))


def ratio(case: Case) -> Figures:
    """Ratios of every numerator to every denominator."""
    made = {k: v for k, v in case.expected.items() if isinstance(v, str)}
    pairs = tuple(
        (above, below)
        for below in listed(case.request["denominator"])
        for above in listed(case.request["numerator"])
    )
    found = {}
    named = list(dict.fromkeys(each for pair in pairs for each in pair))
    for key, setting in case.settings.items():
        read, _ = asked(setting, [f"{each} = {text}" for each, text in made.items()])
        read, _ = asked(read, named)
        made_of = Question(case, read, pairs, "ratio")
        found[key] = made_of.answer({**case.expected[key], "names": []})
    return found


def domain(case: Case) -> Figures:
    """A mean in a domain."""
    return {
        key: first(case, setting, case.request[key]).answer(case.expected[key])
        for key, setting in case.settings.items()
    }


def by_cells(case: Case) -> Figures:
    """Means in the cells of classifications; svy knows no covariance of two variables."""
    request = case.request
    texts = request.get("variables") or request["variable"]
    if "where" in request:
        texts = [f"{text} where {request['where']}" for text in listed(texts)]
    question = first(case, case.only, texts, by=tuple(listed(request["by"])))
    expected = case.expected
    if "units" in expected:
        found = question.answer({**expected, "names": [f"{u}:y" for u in expected["units"]]})
        return only_expected(found, expected)
    return question.answer(expected)


def contrast(case: Case) -> Figures:
    """Differences of domains."""
    request = case.request
    read, names = asked(case.only, request["variable"])
    [cells] = estimates(sample(read), "mean", names, [request["by"]])
    wanted = [f"{level}:{names[0]}" for level in case.expected["by"]["names"]]
    found = cells.contrast(request["contrasts"])
    return {
        "by": only_expected(record([cells], wanted), case.expected["by"]),
        "contrasts": of_contrasts(found, case.expected["contrasts"]),
    }


def of_contrasts(found: Any, expected: Mapping[str, Any]) -> Figures:
    """Figures of contrasts, in the order in which they were asked for."""
    rows = found.estimates
    answer = {
        "estimate": [row.est for row in rows],
        "se": [row.se for row in rows],
        "df": [row.df for row in rows],
        "ci_lower": [row.lci for row in rows],
        "ci_upper": [row.uci for row in rows],
        "vcov": found.covariance,
    }
    return only_expected(answer, expected)


def lonely(case: Case) -> Figures:
    """Each rule for strata of one PSU."""
    rules = {key: inner for key, inner in case.expected.items() if key != "fail"}
    question = first(case, case.only, case.request["variables"])
    return walk(rules, question) | {"fail": {"with_fpc": failing(question)}}


def failing(question: Question) -> str:
    """What a single PSU gives where no rule is declared."""
    try:
        estimates(sample(question.setting), question.statistic, question.names)
    except svy.SvyError:
        return "error"
    return "none"


def edges(case: Case) -> Figures:
    """Cells of a level and an item."""
    found = {}
    for key, expected in case.expected.items():
        level, short = key.split("_")[:2]
        frame = case.only.frame
        column = column_with(frame, [level])
        text = f"{short} = coefficient of q{short[1:]} in {column} {level}"
        if not np.isnan(np.asarray(expected["estimate"], dtype=float)).any():
            found[key] = first(case, case.only, text).answer(expected)
    return found


def census(case: Case) -> Figures:
    """Units of which some were asked in full."""
    by = (case.request["by"],)
    question = first(case, case.only, case.request["variable"], by=by)
    blocks = {k: v for k, v in case.expected.items() if isinstance(v, Mapping)}
    names = {k: [f"{u}:s1" for u in v["names"]] for k, v in blocks.items() if "overall" not in k}
    return {
        key: question.under(key).answer({**block, "names": names.get(key, [])})
        for key, block in blocks.items()
    }


def pps(case: Case) -> Figures:
    """Draws with replacement; svy has no second-order probabilities."""
    setting, found = case.only.but(joint=None, inclusion=None, psu=None), {}
    for statistic, expected in case.expected["with_replacement"].items():
        variables = listed(case.request[statistic])
        read, _ = asked(setting, variables)
        names = (tuple(variables),) if statistic == "ratio" else tuple(variables)
        wanted = {**expected, "names": []}
        found[statistic] = Question(case, read, names, statistic).answer(wanted)
    return {"with_replacement": found}


ANSWERS = {
    "mean": estimate, "total": estimate, "mean_total": estimate, "ratio": ratio,
    "domain": domain, "by": by_cells, "contrast": contrast, "lonely_psu": lonely,
    "domain_edges": edges, "census": census, "pps": pps,
}  # fmt: skip
