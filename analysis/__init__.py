"""Survey statistics for a public index: `from analysis import SurveyDesign, aggregate, …`.

Names are loaded when they are first asked for, so that reading one of them, such as an error,
does not load all of scipy.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.codebook import Codebook, Meaning
    from analysis.design import StratumFrame, SurveyDesign
    from analysis.errors import AnalysisError, DataError, DesignError, SchemeError
    from analysis.estimation.awkward import Thresholds
    from analysis.estimation.differences import (
        Differences,
        all_pairs,
        differences_between,
        differences_from_zero,
    )
    from analysis.estimation.independence import Independence, independence
    from analysis.estimation.means import Estimates, means, totals
    from analysis.estimation.multiple import adjust
    from analysis.estimation.proportion import proportion_interval
    from analysis.estimation.proportions import proportions, shares
    from analysis.estimation.quantiles import Quantiles, quantiles
    from analysis.estimation.ratios import ratios
    from analysis.estimation.regression import Regression, regression
    from analysis.estimation.replication.columns import write_replicates
    from analysis.estimation.replication.declared import ReplicateWeights
    from analysis.estimation.replication.medians import replicate_quantiles
    from analysis.estimation.replication.statistic import Replicated, bootstrap, replicate
    from analysis.estimation.t_tests import TTest, t_test
    from analysis.inclusion import JointProbabilities
    from analysis.index.alternatives import alternatives, usual_choices, varied_points
    from analysis.index.bands import distinguishable_bands, point_bands, rank_bands
    from analysis.index.change import change, change_by_leaf
    from analysis.index.composite import compose
    from analysis.index.rank_frequencies import rank_frequencies
    from analysis.index.rank_sets import RankSets, rank_sets
    from analysis.index.replicated import replicate_index
    from analysis.index.result import IndexResult
    from analysis.index.scheme import IndexScheme
    from analysis.index.variants import Variant
    from analysis.planning.bands import expected_bands
    from analysis.planning.effect import design_effect
    from analysis.planning.expected import GroupPlan, expected_precision
    from analysis.planning.selection import Draw, draw
    from analysis.planning.simulation import simulate
    from analysis.planning.size import need
    from analysis.planning.stages import Stage
    from analysis.planning.strata import Allocation, StratumPlan, allocate
    from analysis.quality.disclosure.guards import audit
    from analysis.quality.disclosure.policy import DisclosurePolicy
    from analysis.quality.disclosure.release import release
    from analysis.quality.disclosure.tables import Cell, Relation, Table
    from analysis.quality.drivers import Drivers, drivers
    from analysis.quality.reliability import Reliability, reliability
    from analysis.quality.response_rates import Dispositions, count_dispositions, response_rates
    from analysis.quality.small_area import FayHerriot, fay_herriot, fay_herriot_of
    from analysis.quality.straightlining import AnswerStyle, answer_style
    from analysis.totals import GroupStatistics, aggregate
    from analysis.weighting.base import InclusionWeights, StratumWeights
    from analysis.weighting.calibration import Calibrate
    from analysis.weighting.nonresponse import NonresponseClasses
    from analysis.weighting.plan import Weighted, WeightingPlan
    from analysis.weighting.raking import Poststratify, Rake
    from analysis.weighting.trimming import Trim

_PLACES = {
    "codebook": ("Codebook", "Meaning"),
    "design": ("StratumFrame", "SurveyDesign"),
    "errors": ("AnalysisError", "DataError", "DesignError", "SchemeError"),
    "estimation.awkward": ("Thresholds",),
    "estimation.differences": (
        "Differences",
        "all_pairs",
        "differences_between",
        "differences_from_zero",
    ),
    "estimation.independence": ("Independence", "independence"),
    "estimation.means": ("Estimates", "means", "totals"),
    "estimation.multiple": ("adjust",),
    "estimation.proportion": ("proportion_interval",),
    "estimation.proportions": ("proportions", "shares"),
    "estimation.quantiles": ("Quantiles", "quantiles"),
    "estimation.ratios": ("ratios",),
    "estimation.regression": ("Regression", "regression"),
    "estimation.replication.columns": ("write_replicates",),
    "estimation.replication.declared": ("ReplicateWeights",),
    "estimation.replication.medians": ("replicate_quantiles",),
    "estimation.replication.statistic": ("Replicated", "bootstrap", "replicate"),
    "estimation.t_tests": ("TTest", "t_test"),
    "inclusion": ("JointProbabilities",),
    "index.alternatives": ("alternatives", "usual_choices", "varied_points"),
    "index.bands": ("distinguishable_bands", "point_bands", "rank_bands"),
    "index.change": ("change", "change_by_leaf"),
    "index.composite": ("compose",),
    "index.rank_frequencies": ("rank_frequencies",),
    "index.rank_sets": ("RankSets", "rank_sets"),
    "index.replicated": ("replicate_index",),
    "index.result": ("IndexResult",),
    "index.scheme": ("IndexScheme",),
    "index.variants": ("Variant",),
    "planning.bands": ("expected_bands",),
    "planning.effect": ("design_effect",),
    "planning.expected": ("GroupPlan", "expected_precision"),
    "planning.selection": ("Draw", "draw"),
    "planning.simulation": ("simulate",),
    "planning.size": ("need",),
    "planning.stages": ("Stage",),
    "planning.strata": ("Allocation", "StratumPlan", "allocate"),
    "quality.disclosure.guards": ("audit",),
    "quality.disclosure.policy": ("DisclosurePolicy",),
    "quality.disclosure.release": ("release",),
    "quality.disclosure.tables": ("Cell", "Relation", "Table"),
    "quality.drivers": ("Drivers", "drivers"),
    "quality.reliability": ("Reliability", "reliability"),
    "quality.response_rates": ("Dispositions", "count_dispositions", "response_rates"),
    "quality.small_area": ("FayHerriot", "fay_herriot", "fay_herriot_of"),
    "quality.straightlining": ("AnswerStyle", "answer_style"),
    "totals": ("GroupStatistics", "aggregate"),
    "weighting.base": ("InclusionWeights", "StratumWeights"),
    "weighting.calibration": ("Calibrate",),
    "weighting.nonresponse": ("NonresponseClasses",),
    "weighting.plan": ("Weighted", "WeightingPlan"),
    "weighting.raking": ("Poststratify", "Rake"),
    "weighting.trimming": ("Trim",),
}
_HOMES = {name: f"analysis.{module}" for module, names in _PLACES.items() for name in names}

__all__ = [*_HOMES]


class _Package(ModuleType):
    """Keeps the function `totals` from being hidden by the module of that name when it loads."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Public names."""
    return sorted(_HOMES)
