"""Drawing a sample by seed, in one stage or several, with a log that a witness can follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import pandas as pd

from analysis.errors import DesignError
from analysis.planning.arguments import is_whole
from analysis.planning.chance import Chance
from analysis.planning.methods import METHODS, Listed, Method, Picked
from analysis.planning.register import Register, Unit
from analysis.planning.stages import Stage, check_stages

ALGORITHM = "xhh-draw 1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One unit of the last stage that was drawn.

    Parameters
    ----------
    path : labels of the units drawn, from the first stage to the last
    strata : label of the stratum at each stage, "" where there are none
    inclusion : probability at each stage, exact
    certain : whether each stage took it without chance
    listed : units in the list that each stage drew from
    """

    path: tuple[str, ...]
    strata: tuple[str, ...]
    inclusion: tuple[Fraction, ...]
    certain: tuple[bool, ...]
    listed: tuple[int, ...]

    @property
    def probability(self) -> Fraction:
        """Probability that the unit is in the sample."""
        return prod(self.inclusion, start=Fraction(1))

    @property
    def weight(self) -> Fraction:
        """Base weight, 1 over the probability."""
        return 1 / self.probability


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample, with everything that is needed to draw it again.

    Parameters
    ----------
    algorithm : name and version of the method of drawing
    seed : of all random numbers
    frame_hash : SHA-256 of the frame that was drawn from
    stages : how it was drawn
    drawn : units of the last stage, n of them
    log : lines that a witness can follow by hand
    """

    algorithm: str
    seed: int
    frame_hash: str
    stages: tuple[Stage, ...]
    drawn: tuple[Drawn, ...]
    log: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the units of the last stage, in the order drawn."""
        return tuple(one.path[-1] for one in self.drawn)

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit drawn.

        The units of every stage under their column's name; `stratum`, `population` (units in the
        list of the first stage), `inclusion` (of the first stage, a float) and `certainty`, as a
        `SurveyDesign` takes them; `probability` and `weight`, exact fractions.
        """
        rows = [
            (*one.path, one.strata[0], one.listed[0], float(one.inclusion[0]), one.certain[0],
             one.probability, one.weight)
            for one in self.drawn
        ]  # fmt: skip
        names = ["stratum", "population", "inclusion", "certainty", "probability", "weight"]
        return pd.DataFrame(rows, columns=[*(stage.unit for stage in self.stages), *names])

    def printed(self) -> str:
        """The log as one text."""
        return "\n".join(self.log) + "\n"


def draw(frame: pd.DataFrame, stages: Stage | Sequence[Stage], seed: int) -> Draw:
    """Draw a sample from a frame.

    Parameters
    ----------
    frame : one row a unit of the last stage, with the columns that the stages name
    stages : one stage, or several from the largest units to the smallest
    seed : whole number of 0 or more; the same frame and seed give the same sample on any machine

    Returns
    -------
    Draw

    Raises
    ------
    DataError
        if a column is missing, a label is empty or has a control character, a unit is listed
        twice, lies in two strata or has two sizes, or a size is not above 0
    DesignError
        if a method is unknown, a number is below 1 or more than a stratum has, or strata and
        numbers do not match

    Notes
    -----
    **The order of the frame's rows has no part**: units are sorted by the text of their labels
    (by code points), in systematic methods by the `order` columns first. Simple random draws do
    not even depend on that: every unit has a random number of its own.
    The probability of a unit is the product of its stages' probabilities. Systematic draws have
    no unbiased variance: estimate as if with replacement, or as stratified by `order`.
    Announce the frame's hash first and choose the seed after, in public; who knows the seed
    before the frame is closed can arrange the names.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, ch. 3 and 4; see the
    methods in `analysis.planning.methods`.

    Examples
    --------
    >>> frame = pd.DataFrame({"commune": ["A", "B", "C"], "people": [4000, 1000, 3000]})
    >>> found = draw(frame, Stage(unit="commune", n=2, method="pps", size="people"), seed=7)
    >>> [(one.path[0], str(one.probability), str(one.weight)) for one in found.drawn]
    [('A', '1', '1'), ('C', '3/4', '4/3')]
    >>> print(found.log[5])
    certain, 4000 or more:
    """
    chosen = (stages,) if isinstance(stages, Stage) else tuple(stages)
    check_stages(chosen)
    register = Register(frame, chosen)
    chance = Chance(seed)
    log = [
        ALGORITHM,
        f"seed: {seed}",
        f"frame: {len(frame)} rows, SHA-256 {register.digest}",
        *register.told(),
    ]
    start = Drawn((), (), (), (), ())
    drawn = [start]
    for number, stage in enumerate(chosen, 1):
        drawn = [
            later
            for before in drawn
            for later in _stage(register, stage, number, before, chance, log)
        ]
    log.append(f"sample: {len(drawn)}, each with its probability")
    log.extend(f"  {'|'.join(one.path)}: {one.probability}" for one in drawn)
    return Draw(ALGORITHM, seed, register.digest, chosen, tuple(drawn), tuple(log))


def _stage(
    register: Register, stage: Stage, number: int, before: Drawn, chance: Chance, log: list[str]
) -> Iterator[Drawn]:
    """Draw one stage inside a unit drawn before, or in the whole frame."""
    strata = register.strata(before.path)
    wanted = _wanted(stage, number, before.path, strata)
    for stratum, units in strata.items():
        place = "|".join([str(number), *before.path, *([stratum] if stage.strata else [])])
        n = _number(wanted[stratum], len(units), number, place)
        log.append(f"[{place}] {stage.unit}: {n} of {len(units)}, {_sorted(stage)}")
        listed = [Listed(unit.label, unit.size) for unit in units]
        picked, lines = METHODS[Method(stage.method)](listed, n, chance, place)
        log.extend(lines)
        yield from (_after(before, stratum, one, len(units)) for one in picked)


def _sorted(stage: Stage) -> str:
    by = [*stage.order, f"the text of {stage.unit}"]
    return f"sorted by {', then '.join(by)}"


def _after(before: Drawn, stratum: str, one: Picked, listed: int) -> Drawn:
    return Drawn(
        (*before.path, one.label),
        (*before.strata, stratum),
        (*before.inclusion, one.inclusion),
        (*before.certain, one.certain),
        (*before.listed, listed),
    )


def _wanted(
    stage: Stage, number: int, path: tuple[str, ...], strata: Mapping[str, list[Unit]]
) -> dict[str, int]:
    """How many to draw from each stratum."""
    if not isinstance(stage.n, Mapping):
        return dict.fromkeys(strata, stage.n)
    if stage.strata is None and path:
        return {stratum: _named(stage.n, path[-1], number) for stratum in strata}
    strangers = sorted(set(stage.n) - set(strata)) if not path else []
    if strangers:
        raise DesignError(
            "unknown_stratum",
            f"Stage {number} asks for units of stratum {strangers[0]!r}, which has none.",
            f"Its strata are {', '.join(strata)}.",
            stratum=strangers[0],
        )
    return {stratum: _named(stage.n, stratum, number) for stratum in strata}


def _named(n: Mapping[str, int], label: str, number: int) -> int:
    if label not in n:
        raise DesignError(
            "unknown_stratum",
            f"Stage {number} does not say how many to draw from {label!r}.",
            "Give every stratum, or unit drawn before, its number.",
            stratum=label,
        )
    return n[label]


def _number(wanted: int, there: int, number: int, place: str) -> int:
    if not is_whole(wanted) or wanted < 1:
        raise DesignError(
            "bad_stage",
            f"Stage {number} is to draw {wanted!r} in [{place}].",
            "Give a whole number of 1 or more.",
            stage=number,
            value=wanted,
        )
    if wanted > there and number == 1:
        raise DesignError(
            "population_too_small",
            f"{wanted} are to be drawn in [{place}], which lists {there}.",
            "Ask for fewer, or complete the frame.",
            stage=number,
            n=wanted,
            population=there,
        )
    return min(wanted, there)
