"""People who do not exist: how synthetic respondents think of units, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np

from analysis.errors import DesignError
from analysis.planning.arguments import above_zero, not_negative, open_share, share
from analysis.planning.scales import Scale
from analysis.weights import Bools, Floats, Ints

MOST = 0.99  # correlation that opinions have at most


@dataclass(frozen=True, kw_only=True, slots=True)
class Superpopulation:
    """What is believed of units and people before they are asked.

    Parameters
    ----------
    mean : mean coefficient over units, between 0 and 1
    between : standard deviation of the units' true means
    question : standard deviation of questions around their unit's mean
    sd : standard deviation of one answer between persons, as near as a scale allows
    icc : correlation of two people of one PSU, about one unit
    rater : correlation of one person's answers about two units
    item : correlation of one person's answers about one unit; at least `icc` + `rater`
    blank : share of answers left out
    dont_know : share of "don't know"
    response : share of the invited who answer at all
    levels : true means of units that are known, such as last year's

    Raises
    ------
    DesignError
        if a number is out of range or the correlations contradict each other

    Notes
    -----
    An answer is the coefficient nearest to m + s z, z standard normal: the sum of an effect of
    PSU and unit, one of the person, one of person and unit, and a rest. m is solved for each unit
    and question so that the expected coefficient is the true mean exactly; s so that the standard
    deviation at `mean` is `sd`. Correlations are those of coefficients to first order.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 12.2, on
    superpopulations in planning; Lord and Novick (1968), Statistical Theories of Mental Test
    Scores, ch. 15, on answers cut from normal opinions.

    Examples
    --------
    >>> Superpopulation(mean=0.8, icc=0.1).item
    0.45
    """

    mean: float = 0.75
    between: float = 0.05
    question: float = 0.03
    sd: float = 0.28
    icc: float = 0.05
    rater: float = 0.15
    item: float = 0.45
    blank: float = 0.02
    dont_know: float = 0.05
    response: float = 0.7
    levels: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        open_share("mean", self.mean)
        above_zero("sd", self.sd)
        share("response", self.response)
        for name in ("between", "question", "icc", "rater", "blank", "dont_know"):
            not_negative(name, getattr(self, name))
        share("1 - blank - dont_know", 1 - self.blank - self.dont_know)
        for unit, level in self.levels.items():
            open_share(f"level of {unit}", level)
        if not self.icc + self.rater <= self.item < 1:
            raise DesignError(
                "bad_plan",
                f"item is {self.item!r}, icc {self.icc!r}, rater {self.rater!r}.",
                "One person's answers about one unit correlate at least as icc + rater, below 1.",
                argument="item",
                value=self.item,
            )

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> "Superpopulation":
        """Read a model written as JSON; what is left out has its default."""
        known = {entry.name for entry in fields(cls)}
        given: dict[str, Any] = dict(plain)
        for name, value in given.items():
            if name not in known or not (
                _is_levels(value) if name == "levels" else _is_number(value)
            ):
                raise DesignError(
                    "bad_plan",
                    f"The model says {name!r}: {value!r}.",
                    f"It knows the numbers {', '.join(sorted(known))}; levels has one a unit.",
                    argument=name,
                    value=value,
                )
        return cls(**given)

    def true_means(self, units: Sequence[str], random: np.random.Generator) -> Floats:
        """(U,) true means: the known levels, others drawn around the mean."""
        drawn = self.mean + self.between * random.standard_normal(len(units))
        known = [self.levels.get(unit) for unit in units]
        return np.array([d if k is None else k for d, k in zip(drawn, known, strict=True)])

    def questions(self, means: Floats, items: int, random: np.random.Generator) -> Floats:
        """(U, Q) true means of questions about units, around the units' (U,) means."""
        spread = self.question * random.standard_normal((len(means), items))
        return np.asarray(means[:, None] + spread - spread.mean(axis=1, keepdims=True))


def _is_levels(value: object) -> bool:
    return isinstance(value, Mapping) and all(_is_number(level) for level in value.values())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Opinions(NamedTuple):
    """What n people would say about U units on Q items.

    Parameters
    ----------
    value : (n, U, Q) opinions on the items' scales
    blank, dont_know : (n, U, Q) left out, or unknown
    """

    value: Floats
    blank: Bools
    dont_know: Bools


class Crowd:
    """People who answer the same questions.

    Parameters
    ----------
    model : what is believed of them
    scales : scales of the Q items
    """

    def __init__(self, model: Superpopulation, scales: Sequence[Scale]) -> None:
        self.model = model
        self.scales = tuple(scales)
        self._spread = np.array([scale.spread for scale in scales])
        loss = float(np.mean([scale.attenuation(model.mean) for scale in scales]))
        self._item = min(model.item / loss, MOST)
        self._icc = min(model.icc / loss, self._item)
        self._rater = min(model.rater / loss, self._item - self._icc)

    def places(self, means: Floats) -> Floats:
        """(U, Q) where opinions lie for answers to have these (U, Q) true means."""
        columns = [scale.location(means[:, q]) for q, scale in enumerate(self.scales)]
        return np.stack(columns, axis=1)

    def opinions(self, places: Floats, psu: Ints, random: np.random.Generator) -> Opinions:
        """Let people think.

        Parameters
        ----------
        places : (U, Q) as from `places`, of the units that they rate
        psu : (n,) PSU of each person, 0 … P-1; an own one each in a sample of persons
        random : source of randomness

        Returns
        -------
        Opinions of n people
        """
        people, (units, items) = len(psu), places.shape
        homes = int(psu.max(initial=-1)) + 1
        private = self._item - self._icc - self._rater
        z = np.sqrt(self._icc) * random.standard_normal((homes, units, 1))[psu]
        z = z + np.sqrt(self._rater) * random.standard_normal((people, 1, 1))
        z = z + np.sqrt(max(private, 0.0)) * random.standard_normal((people, units, 1))
        z = z + np.sqrt(1 - self._item) * random.standard_normal((people, units, items))
        said = random.random((people, units, items))
        blank = said < self.model.blank
        unknown = ~blank & (said < self.model.blank + self.model.dont_know)
        return Opinions(places + self._spread * z, blank, unknown)
