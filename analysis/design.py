"""The sampling design: declared once by column names, checked when it meets data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

import pandas as pd

from analysis.errors import DataError, DesignError
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.inclusion import JointProbabilities
from analysis.weighting.declared import Calibration


class Lonely(StrEnum):
    """What a stratum with one sampled PSU, out of more in the population, adds to the variance."""

    ERROR = "error"
    COLLAPSE = "collapse"
    CENTER = "center"
    REMOVE = "remove"
    AVERAGE = "average"


class Pps(StrEnum):
    """How PSUs drawn with unequal probabilities enter the variance."""

    WITH_REPLACEMENT = "with_replacement"
    BREWER = "brewer"
    HORVITZ_THOMPSON = "horvitz_thompson"
    YATES_GRUNDY = "yates_grundy"


class CensusBlanks(StrEnum):
    """How answers missing from a complete census of persons are read."""

    RANDOM = "random"
    DOMAIN = "domain"


class Inference(StrEnum):
    """Whom an interval speaks of: this year's list of persons, or the process behind it."""

    FINITE = "finite"
    SUPERPOPULATION = "superpopulation"


@dataclass(frozen=True, slots=True)
class StratumFrame:
    """What the frame says of one stratum, whoever answered.

    Parameters
    ----------
    n_psu : PSUs sampled (persons invited, in an element sample), silent ones included
    population : PSUs in the population; None means unknown, and no finite correction
    certainty : the PSUs were taken for certain, so that their persons are the sample
    collapse_to : the stratum to join when this one holds a single PSU
    """

    n_psu: int
    population: int | None = None
    certainty: bool = False
    collapse_to: str | None = None


_LATER = {"since": "stages below the first and unequal probabilities"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyDesign:
    """How the respondents were drawn, told by the names of columns.

    Parameters
    ----------
    weight : sampling weight, units of the population per respondent; None gives every row 1.
        A weight of 0 keeps the PSU in the design and the answers out of every number
    strata : stratum of the PSU; None is one stratum
    psu : primary sampling unit, nested in its stratum; None makes each ballot a PSU
    ballot : identifier of the ballot; None makes each row a ballot
    fpc : number of PSUs in the population of the row's stratum
    psu_size : second-stage units in the population of the row's PSU, of whom those of its rows are
        a simple random sample; None where all of a sampled PSU was taken, or where `fpc` is not
        used
    frame : per stratum label what the frame says; it precedes `fpc` and the counting of PSUs
    lonely : rule for a stratum with a single PSU; R's "adjust" is "center", its "certainty" is
        "remove", its "fail" is "error"
    census_blanks : "random" reads missing answers in a complete census as a second-phase simple
        random sample; "domain" reads those who answered as a domain, with variance 0
    inference : "finite" uses the finite population correction, "superpopulation" does not
    weight_digits : decimals kept of weights that are floats. Text such as "5/3", fractions,
        decimals and integers are exact; sums are exact in any order
    ssu : second-stage unit of the row, nested in its PSU; None makes it the ballot. Whatever was
        drawn below is summed to the second-stage unit before it is squared
    pps : "with_replacement" is the ordinary formula, with the finite correction that `fpc` gives;
        "brewer" uses `inclusion`; "horvitz_thompson" and "yates_grundy" use `joint`
    inclusion : probability that the row's PSU came into the sample
    joint : probabilities that two PSUs came into the sample together, by their labels
    nested_psu : whether a PSU label may occur in two strata, and then names two PSUs; False makes
        that an error
    calibration : the calibrations that the weights went through, one after the other; variances
        are then those of residuals from what is known of the population
    replicates : replicate weights, supplied in columns or to be made of the PSUs; variances are
        then theirs instead of linearised ones

    Raises
    ------
    DesignError
        if an option has an unknown value, lacks its column, or a collapse leads nowhere

    Notes
    -----
    With nine decimals a weighted population of up to 4.6 billion fits exactly into 62 bits.

    References
    ----------
    Lumley (2010), Complex Surveys, sec. 2.2 and 3.2; for `lonely` his sec. 3.2.1. Brewer and
    Donadio (2003), Survey Methodology 29, 189-196, for `pps`.

    Examples
    --------
    >>> design = SurveyDesign(strata="district", psu="commune", weight="w", fpc="communes")
    >>> design.lonely
    <Lonely.ERROR: 'error'>
    """

    weight: str | None = None
    strata: str | None = None
    psu: str | None = None
    ballot: str | None = None
    fpc: str | None = None
    psu_size: str | None = None
    frame: Mapping[str, StratumFrame] = field(default_factory=dict)
    lonely: Lonely = Lonely.ERROR
    census_blanks: CensusBlanks = CensusBlanks.RANDOM
    inference: Inference = Inference.FINITE
    weight_digits: int = 9
    ssu: str | None = field(default=None, metadata=_LATER)
    pps: Pps = field(default=Pps.WITH_REPLACEMENT, metadata=_LATER)
    inclusion: str | None = field(default=None, metadata=_LATER)
    joint: JointProbabilities | None = field(default=None, metadata=_LATER)
    nested_psu: bool = field(default=True, metadata=_LATER)
    calibration: tuple[Calibration, ...] = field(default=(), metadata=_LATER)
    replicates: ReplicateWeights | None = field(default=None, metadata=_LATER)

    def __post_init__(self) -> None:
        for name, kind in _OPTIONS.items():
            object.__setattr__(self, name, _option(name, kind, getattr(self, name)))
        object.__setattr__(self, "frame", dict(self.frame or {}))
        object.__setattr__(self, "calibration", tuple(self.calibration))
        if not 0 <= self.weight_digits <= 15:
            raise DesignError(
                "bad_weight_digits",
                f"weight_digits is {self.weight_digits}.",
                "Give a number from 0 to 15.",
            )
        _check_stages(self)
        for label, stratum in self.frame.items():
            _check_frame(label, stratum, self.frame)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that the design needs, each once."""
        first = (self.weight, self.strata, self.psu, self.ballot, self.fpc)
        known = (column for one in self.calibration for column in one.columns)
        supplied = () if self.replicates is None else self.replicates.columns
        named = (*first, self.psu_size, self.ssu, self.inclusion, *known, *supplied)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` reads them back.

        What came into the declaration later is written only where it is used, so that a design
        of then and the same one of now have one text and one digest.
        """
        plain = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if not f.metadata or getattr(self, f.name) != f.default
        }
        plain |= {name: str(plain[name]) for name in _OPTIONS if name in plain}
        plain["frame"] = {label: asdict(stratum) for label, stratum in self.frame.items()}
        if self.calibration:
            plain["calibration"] = [one.to_dict() for one in self.calibration]
        if self.joint is not None:
            plain["joint"] = self.joint.to_dict()
        if self.replicates is not None:
            plain["replicates"] = self.replicates.to_dict()
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "SurveyDesign":
        """Read a design written by `to_dict`."""
        unknown = sorted(set(plain) - {f.name for f in fields(cls)})
        if unknown:
            raise DesignError(
                "unknown_key", f"The design has an unknown key: {unknown[0]}.", "Remove it."
            )
        frame = {str(k): StratumFrame(**v) for k, v in (plain.get("frame") or {}).items()}
        joint = plain.get("joint")
        read = None if joint is None else JointProbabilities.from_dict(joint)
        known = tuple(Calibration.from_dict(one) for one in plain.get("calibration", ()))
        made = plain.get("replicates")
        replicates = None if made is None else ReplicateWeights.from_dict(made)
        more = {"frame": frame, "joint": read, "calibration": known, "replicates": replicates}
        return cls(**{**plain, **more})

    def single_person(self, stratum: str) -> DesignError:
        """The error for a PSU within which no variance can be estimated."""
        return DesignError(
            "single_person",
            f"A PSU of stratum {stratum!r} has a single ballot of more persons.",
            "Choose lonely='center', or give its size if the person is all of it.",
            stratum=stratum,
        )

    def single_psu(self, stratum: str) -> DesignError:
        """The error for a stratum whose variance cannot be estimated."""
        return DesignError(
            "single_psu",
            f"Stratum {stratum!r} has a single sampled PSU.",
            "Declare the stratum to join (frame[…].collapse_to with lonely='collapse'), choose "
            "lonely='center', or give its population if the PSU is the whole stratum.",
            stratum=stratum,
        )


_OPTIONS: dict[str, type[StrEnum]] = {
    "lonely": Lonely,
    "pps": Pps,
    "census_blanks": CensusBlanks,
    "inference": Inference,
}


_WORDS_OF_R = {"certainty": "remove", "adjust": "center", "fail": "error"}


def _check_stages(design: SurveyDesign) -> None:
    """Raise a DesignError for a stage or a rule that lacks what it stands on."""
    for name in ("psu_size", "ssu", "joint"):
        if getattr(design, name) is not None and design.psu is None:
            raise DesignError(
                f"{name}_without_psu",
                f"{name} is given, but no column names the PSUs.",
                f"Name theirs in psu, or leave {name} out: in a sample of persons each is a PSU.",
            )
    if design.calibration and design.replicates is not None and design.replicates.columns:
        raise DesignError(
            "calibration_and_replicates",
            "Supplied replicate weights and a calibration are both declared.",
            "Leave calibration out: supplied replicate weights went through it themselves.",
        )
    needed = {Pps.BREWER: "inclusion", Pps.HORVITZ_THOMPSON: "joint", Pps.YATES_GRUNDY: "joint"}
    lacks = needed.get(design.pps)
    if lacks is not None and getattr(design, lacks) is None:
        raise DesignError(
            f"pps_without_{lacks}",
            f"pps = {str(design.pps)!r} needs {lacks}, which is not given.",
            f"Give {lacks}, or choose pps='with_replacement', which is slightly conservative.",
            option="pps",
        )


def _option(name: str, kind: type[StrEnum], value: str) -> StrEnum:
    if name == "lonely":
        value = _WORDS_OF_R.get(value, value)
    try:
        return kind(value)
    except ValueError:
        raise DesignError(
            "unknown_option",
            f"{name} = {value!r} is not known.",
            f"Choose one of {', '.join(kind)}.",
            option=name,
            value=value,
        ) from None


def _check_frame(label: str, stratum: StratumFrame, frame: Mapping[str, StratumFrame]) -> None:
    if stratum.n_psu < 1:
        raise DesignError(
            "empty_stratum",
            f"Stratum {label!r} of the frame has n_psu = {stratum.n_psu}.",
            "Leave the stratum out, or give the number of PSUs sampled.",
            stratum=label,
        )
    if stratum.population is not None and stratum.population < stratum.n_psu:
        raise population_too_small(label, stratum.population, stratum.n_psu)
    target = stratum.collapse_to
    if target is not None and (target == label or target not in frame):
        raise DesignError(
            "bad_collapse",
            f"Stratum {label!r} is to join {target!r}, which is no other stratum of the frame.",
            "Name another stratum of the frame in collapse_to.",
            stratum=label,
            collapse_to=target,
        )


def population_too_small(stratum: str, population: float, n_psu: int) -> DesignError:
    """The error for a stratum with more PSUs in the sample than in the population."""
    return DesignError(
        "population_too_small",
        f"Stratum {stratum!r} has {n_psu} sampled PSUs but a population of {population:g}.",
        "Correct the population size, or the stratum of the rows.",
        stratum=stratum,
        population=population,
        n_psu=n_psu,
    )


def need_columns(data: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Raise a DataError naming the first column that `data` lacks."""
    for column in columns:
        if column not in data.columns:
            raise DataError(
                "missing_column",
                f"The column {column!r} of {what} is missing.",
                f"The data have: {', '.join(map(str, data.columns[:20]))}.",
                column=column,
            )
