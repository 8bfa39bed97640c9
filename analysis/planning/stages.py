"""The stages of a draw, as they are declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.errors import DesignError
from analysis.planning.methods import METHODS, Method


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What is drawn at one stage, and how.

    Parameters
    ----------
    unit : column of the units drawn at this stage, such as "commune"
    n : how many; at the first stage from each stratum, or by stratum; at later stages from each
        unit drawn before (or from each of its strata), all where there are fewer
    method : "simple", "systematic", "circular" or "pps" (systematic along cumulated sizes)
    strata : column of this stage's strata; each is drawn from apart
    size : column of the measure of size, for "pps": whole numbers, fractions or text, above 0 and
        the same in all rows of a unit. None counts the unit's rows
    order : columns by which a systematic method sorts, before the units' names do
    """

    unit: str
    n: int | Mapping[str, int]
    method: str = Method.SIMPLE
    strata: str | None = None
    size: str | None = None
    order: tuple[str, ...] = ()


def check_stages(stages: Sequence[Stage]) -> None:
    """Refuse stages without a known method and a column of their own."""
    if not stages:
        raise DesignError("bad_stage", "No stage is given.", "Give one at least.")
    units = [stage.unit for stage in stages]
    for number, stage in enumerate(stages, 1):
        if stage.method not in METHODS:
            raise DesignError(
                "bad_stage",
                f"Method {stage.method!r} of stage {number} is not known.",
                f"Choose one of {', '.join(Method)}.",
                stage=number,
                value=stage.method,
            )
        if units.count(stage.unit) > 1:
            raise DesignError(
                "bad_stage",
                f"Two stages draw {stage.unit!r}.",
                "Give every stage a column of its own.",
                stage=number,
            )
