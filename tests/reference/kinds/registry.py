"""Which module answers which kind of case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.reference.kinds import estimates, proportions, testing
from tests.reference.runner.case import Case

KINDS: dict[str, Callable[[Case], Mapping[str, Any]]] = {
    "mean": estimates.answer,
    "total": estimates.answer,
    "mean_total": estimates.answer,
    "ratio": estimates.answer_ratios,
    "domain": estimates.answer,
    "by": estimates.answer,
    "pps": estimates.answer,
    "lonely_psu": estimates.answer,
    "domain_edges": estimates.answer_edges,
    "census": estimates.answer_census,
    "contrast": testing.answer_contrasts,
    "t_test": testing.answer_t_test,
    "independence": testing.answer_independence,
    "proportion_ci": proportions.answer_proportions,
    "quantile": proportions.answer_quantiles,
}
