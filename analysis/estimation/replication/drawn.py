"""What the making of replicates needs to know of a design: strata, PSUs, and what is left."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.design import Lonely, Pps, SurveyDesign
from analysis.errors import DesignError
from analysis.estimation.replication.bound import Caution
from analysis.weights import Bools, Floats, Ints

FEW = 5  # PSUs in a stratum below which Rao and Wu's bootstrap overstates errors of ratios


@dataclass(frozen=True, eq=False)
class Drawn:
    """P PSUs with rows, in H strata; silent PSUs are counted, and get factors of their own.

    Parameters
    ----------
    design : the declaration
    psu_stratum : (P,) stratum of each PSU that has rows
    n : (H,) PSUs sampled
    fraction : (H,) sampling fraction that enters the variance
    strata : H labels
    """

    design: SurveyDesign
    psu_stratum: Ints
    n: Ints
    fraction: Floats
    strata: tuple[str, ...]

    @property
    def varies(self) -> Bools:
        """(H,) strata that replicates can vary: several PSUs, and not all there are."""
        return np.asarray((self.n > 1) & (self.fraction < 1))

    @property
    def single(self) -> Bools:
        """(H,) strata with one PSU of more."""
        return np.asarray((self.n == 1) & (self.fraction < 1))

    @cached_property
    def stratum(self) -> Ints:
        """(S,) stratum of each PSU sampled, silent ones included."""
        return np.repeat(np.arange(len(self.n)), self.n)

    @cached_property
    def start(self) -> Ints:
        """(H,) place of the first PSU of the stratum among those sampled."""
        return np.concatenate([[0], np.cumsum(self.n)[:-1]]).astype(np.int64)

    @cached_property
    def slot(self) -> Ints:
        """(P,) place of each PSU with rows among those sampled."""
        order = np.argsort(self.psu_stratum, kind="stable")
        first = np.searchsorted(self.psu_stratum[order], np.arange(len(self.n)))
        slot = np.empty(len(order), dtype=np.int64)
        stratum = self.psu_stratum[order]
        slot[order] = np.arange(len(order)) - first[stratum] + self.start[stratum]
        return slot

    @property
    def left(self) -> Floats:
        """(S,) root of the share of the variance that the finite correction leaves."""
        return np.asarray(np.sqrt(1 - np.minimum(self.fraction, 1)))[self.stratum]

    def lonely_factor(self) -> float:
        """What single PSUs do to the scale: nothing, or the mean of the others for "average".

        Raises
        ------
        DesignError
            if the design has no rule for them, or one that these replicates cannot follow
        """
        if not self.single.any():
            return 1.0
        label = self.strata[int(np.argmax(self.single))]
        if self.design.lonely in (Lonely.ERROR, Lonely.COLLAPSE):
            raise self.design.single_psu(label)
        if self.design.lonely is Lonely.CENTER:
            raise DesignError(
                "rule_not_replicable",
                f"Stratum {label!r} has a single sampled PSU, and lonely='center' is a rule that "
                "only the jackknife JKn can follow.",
                "Choose JKn, collapse the stratum, or choose lonely='remove' or 'average'.",
                stratum=label,
            )
        seen = int(self.varies.sum())
        if self.design.lonely is Lonely.AVERAGE and seen:
            return float((seen + self.single.sum()) / seen)
        return 1.0

    def few(self) -> tuple[str, ...]:
        """Strata with too few PSUs for the bootstrap."""
        few = self.varies & (self.n < FEW)
        return tuple(self.strata[h] for h in np.flatnonzero(few))

    def cautions(self) -> tuple[Caution, ...]:
        """What replicates of PSUs leave out of a design's variance."""
        found = []
        if self.design.psu_size is not None and (self.fraction > 0).any():
            found.append(_SECOND_STAGE)
        if self.design.pps is not Pps.WITH_REPLACEMENT:
            found.append(_UNEQUAL)
        return tuple(found)


_SECOND_STAGE = Caution(
    "second_stage_left_out",
    "Replicates of PSUs with a finite correction leave out the variance inside the PSUs.",
    "Use linearisation, or leave the finite correction out (inference='superpopulation').",
)
_UNEQUAL = Caution(
    "unequal_probabilities_left_out",
    "Replicates read PSUs as drawn with replacement inside their strata.",
    "Use linearisation for the design's own formula of unequal probabilities.",
)
