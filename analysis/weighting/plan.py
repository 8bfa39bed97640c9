"""A plan of weighting: declared steps, applied to a sample and to replicates of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError, DesignError
from analysis.sizes import row_error
from analysis.weighting.base import InclusionWeights, StratumWeights
from analysis.weighting.diagnostics import Applied, Report, report_on
from analysis.weighting.reading import weights_of
from analysis.weighting.steps import Event, Step
from analysis.weights import LARGEST, Floats


@dataclass(frozen=True, eq=False)
class Weighted:
    """A sample after weighting.

    Parameters
    ----------
    data : all rows, with a column of weights for each step; people who did not answer have 0
    design : the design with the last weights, and with the calibrations that variances must know
    steps : what was applied
    """

    data: pd.DataFrame
    design: SurveyDesign
    steps: tuple[Applied, ...]

    @cached_property
    def report(self) -> Report:
        """What each step did, in tidy frames."""
        return report_on(self.steps)

    @property
    def weights(self) -> Floats:
        """(R,) the last weights."""
        return self.steps[-1].weights_after

    @property
    def respondents(self) -> pd.DataFrame:
        """The rows with a weight other than 0.

        In a sample of persons they are read as the persons drawn, which is right when answering
        is chance within the strata; `data` keeps those who did not answer as persons drawn, and
        reads who answered as a domain.
        """
        weighted = np.asarray(self.weights != 0, dtype=np.bool_)
        return self.data[weighted]

    def propagate(self, weights: Floats) -> Floats:
        """Repeat all steps on other weights at the start.

        Parameters
        ----------
        weights : (R,) or (R, K) weights at the start: replicates, such as the multipliers of a
            jackknife or bootstrap times the weights at the start

        Returns
        -------
        Weights of the same shape, those of the full sample when given its own

        Raises
        ------
        DesignError
            if a step cannot be done, for example because a replicate leaves a cell empty

        Notes
        -----
        Classes, bounds and totals are those of the full sample; factors are estimated anew, so
        that the variance over replicates holds what the steps add to it.

        References
        ----------
        Valliant (1993), JASA 88, 89-96.
        """
        for step in self.steps:
            weights = step.adjustment.change(weights)
        return weights


@dataclass(frozen=True)
class WeightingPlan:
    """Steps of weighting in their order.

    Parameters
    ----------
    steps : of `analysis.weighting`: InclusionWeights or StratumWeights, NonresponseClasses, Trim,
        Poststratify, Rake, Calibrate
    prefix : what the columns of weights begin with, before the name of the step

    Notes
    -----
    The usual order is base weights, nonresponse, trim, calibration. A step that is no calibration
    undoes the calibrations before it: variances then read the weights as fixed, and the report
    says so.

    Examples
    --------
    >>> from analysis.weighting.raking import Poststratify
    >>> answers = pd.DataFrame({"sex": ["F", "F", "M"], "w": [10, 10, 10]})
    >>> plan = WeightingPlan((Poststratify(cells=("sex",), population={"F": 30, "M": 30}),))
    >>> weighted = plan.apply(answers, SurveyDesign(weight="w"))
    >>> weighted.data.w_poststratify.tolist(), weighted.design.weight
    ([15.0, 15.0, 30.0], 'w_poststratify')
    """

    steps: tuple[Step, ...]
    prefix: str = "w_"

    def __post_init__(self) -> None:
        if not self.steps:
            raise DesignError("no_steps", "The plan of weighting has no step.", "Declare one.")

    def apply(self, data: pd.DataFrame, design: SurveyDesign) -> Weighted:
        """Apply the steps.

        Parameters
        ----------
        data : one row per person invited
        design : how they were drawn; its weights are those at the start, 1 without any

        Returns
        -------
        Weighted

        Raises
        ------
        DataError
            if a column is missing or has a value that cannot be read, or a column of weights
            would overwrite another
        DesignError
            if a step cannot be done; see the steps
        """
        self._check_start(design)
        first = design.weight or f"{self.prefix}start"
        start = _start(data, design)
        names = self._columns(data, () if design.weight else (first,))
        applied: list[Applied] = []
        weights, column = start, first
        for step, name in zip(self.steps, names, strict=True):
            _check_sign(weights, step)
            adjustment = step.prepare(data, weights)
            after = adjustment.change(weights)
            applied.append(Applied(step.name, column, name, weights, after, adjustment))
            weights, column = after, name
        told = _with_undone(applied)
        added = {} if design.weight else {first: start}
        return Weighted(
            data=data.assign(**added, **{step.after: step.weights_after for step in told}),
            design=_design(design, told),
            steps=told,
        )

    def _check_start(self, design: SurveyDesign) -> None:
        twice = [step.name for step in self.steps if isinstance(step, BASE)]
        if design.weight is not None and twice:
            raise DesignError(
                "weighted_twice",
                f"The design has the weights {design.weight!r}, and the plan makes base weights.",
                "Leave out the one or the other.",
                column=design.weight,
            )

    def _columns(self, data: pd.DataFrame, others: tuple[str, ...]) -> list[str]:
        """Columns of the steps; a second step of one name gets a number."""
        seen: dict[str, int] = {}
        names = []
        for step in self.steps:
            count = seen[step.name] = seen.get(step.name, 0) + 1
            names.append(f"{self.prefix}{step.name}" + (f"_{count}" if count > 1 else ""))
        for name in (*others, *names):
            if name in data.columns:
                raise DataError(
                    "column_exists",
                    f"The data have a column {name!r} already.",
                    "Choose another prefix for the columns of weights.",
                    column=name,
                )
        return names


BASE = (InclusionWeights, StratumWeights)


def _check_sign(weights: Floats, step: Step) -> None:
    if (weights < 0).any():
        raise DesignError(
            "negative_weights",
            f"The step {step.name!r} can't read the {int((weights < 0).sum())} negative weights "
            "that a calibration left.",
            "Let the calibration be the last step, or choose negative='refuse' and its remedies.",
            step=step.name,
        )


def _start(data: pd.DataFrame, design: SurveyDesign) -> Floats:
    """(R,) weights at the start, as floats without rounding."""
    need_columns(data, (design.weight,) if design.weight else (), "the design")
    weights, wrong = weights_of(data, design.weight)
    if wrong.any():
        hint = "Weights are finite numbers of 0 or more."
        raise row_error("bad_weight", str(design.weight), wrong, "is no weight", hint)
    return weights


def _with_undone(applied: Sequence[Applied]) -> tuple[Applied, ...]:
    """The steps, with word of each that undoes a calibration before it."""
    told, calibrated = [], ""
    for step in applied:
        undoes = step.adjustment.calibrated is None
        told.append(_undoing(step, calibrated) if undoes and calibrated else step)
        calibrated = "" if undoes else step.after
    return tuple(told)


def _undoing(step: Applied, calibrated: str) -> Applied:
    reason = "variances read the weights as fixed from here on"
    event = Event("undone", calibrated, reason, int((step.weights_after > 0).sum()))
    events = (*step.adjustment.events, event)
    return replace(step, adjustment=replace(step.adjustment, events=events))


def _design(design: SurveyDesign, steps: Sequence[Applied]) -> SurveyDesign:
    """The design of the weighted sample."""
    known = design.calibration
    for step in steps:
        make = step.adjustment.calibrated
        known = () if make is None else (*known, make(before=step.before, after=step.after))
    last = steps[-1]
    return replace(
        design,
        weight=last.after,
        calibration=known,
        weight_digits=_digits(last.weights_after, design.weight_digits),
    )


def _digits(weights: Floats, digits: int) -> int:
    """Decimals that keep floats to 1e-12 of the largest and let the sum fit into 62 bits."""
    largest, total = float(weights.max(initial=0.0)), float(weights.sum())
    if largest == 0:
        return digits
    room = min(math.log10(2**52 / largest), math.log10(LARGEST / 2 / total))
    return int(min(max(math.floor(room), 0), 15))
