"""Replicate weights in columns: for files that must not show the PSUs, and for weighting."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.sample import Floats, bind


def write_replicates(
    data: pd.DataFrame,
    design: SurveyDesign,
    replicates: ReplicateWeights,
    *,
    weighting: Callable[[Floats], Floats] | None = None,
    weight: str | None = None,
    prefix: str = "replicate_",
) -> tuple[pd.DataFrame, SurveyDesign]:
    """Make replicate weights and write them beside the data, one column a replicate.

    Parameters
    ----------
    data : n rows
    design : how they were drawn
    replicates : which to make
    weighting : steps that every replicate repeats: a function from (n, K) weights at the start to
        as many at the end, such as `analysis.weighting.plan.Weighted.propagate`
    weight : column of the weights at the end, when `weighting` is given
    prefix : what the names of the columns begin with

    Returns
    -------
    The data with columns of combined weights, and a design that uses them instead of strata and
    PSUs; its degrees of freedom are those of the design that made them

    Raises
    ------
    DataError
        if a column of that name exists, or `weighting` comes without `weight`
    DesignError
        see `analysis.estimation.replication.making.make_replicates`

    Notes
    -----
    Repeating the weighting lets the variance hold what each step adds to it or takes away. Weights
    of 0 show which rows share a PSU in the jackknife; scramble and prefer others in public files.

    References
    ----------
    Valliant, Dever and Kreuter (2018), Practical Tools for Designing and Weighting Survey
    Samples, sec. 15.5.

    Examples
    --------
    >>> answers = pd.DataFrame({"district": [1, 1, 2, 2], "w": [10, 10, 20, 20]})
    >>> plan = SurveyDesign(strata="district", weight="w")
    >>> wide, public = write_replicates(answers, plan, ReplicateWeights(kind="JKn"))
    >>> wide["replicate_1"].tolist(), public.strata, public.replicates.df
    ([0.0, 20.0, 20.0, 20.0], None, 2)
    """
    if (weighting is None) != (weight is None):
        raise DataError(
            "weight_without_weighting",
            "weighting and the column of the weights at its end go together.",
            "Give both, or neither.",
        )
    sample = bind(replace(design, replicates=None), data)
    made = sample.replicated(replicates)
    table = made.factor[made.carriers(sample.psu)] * sample.weight[:, None]
    if weighting is not None:
        table = weighting(table)
    names = tuple(f"{prefix}{r + 1}" for r in range(made.count))
    taken = [name for name in names if name in data.columns]
    if taken:
        raise DataError(
            "column_exists",
            f"The data already have a column {taken[0]!r}.",
            "Choose another prefix.",
            column=taken[0],
        )
    written = pd.DataFrame(np.asarray(table), columns=list(names), index=data.index)
    df = made.design_freedom(int(sample.n_psu.sum()) - len(sample.strata))
    supplied = ReplicateWeights(
        kind=replicates.kind,
        columns=names,
        rho=replicates.rho,
        scale=made.scale,
        rscales=tuple(made.rscales.tolist()),
        mse=replicates.mse,
        df=df,
    )
    column = design.weight if weight is None else weight
    public = SurveyDesign(
        weight=column, ballot=design.ballot, weight_digits=design.weight_digits, replicates=supplied
    )
    return pd.concat([data, written], axis=1), public
