"""Replicate weights as a design declares them: supplied in columns, or made by a rule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from analysis.errors import DesignError


class Kind(StrEnum):
    """How replicate weights came about; it sets the scale of their variance."""

    BRR = "BRR"
    FAY = "Fay"
    JK1 = "JK1"
    JK2 = "JK2"
    JKN = "JKn"
    GROUPS = "groups"
    BOOTSTRAP = "bootstrap"
    SDR = "SDR"
    ACS = "ACS"
    OTHER = "other"


RANDOM = (Kind.BOOTSTRAP, Kind.GROUPS)
MADE = (Kind.BRR, Kind.FAY, Kind.JK1, Kind.JKN, Kind.GROUPS, Kind.BOOTSTRAP, Kind.SDR)
_USUAL_COUNT = {Kind.BOOTSTRAP: 1000, Kind.GROUPS: 100}
_ALSO = {"successive-difference": Kind.SDR, "subbootstrap": Kind.BOOTSTRAP}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicateWeights:
    """Replicate weights of a sample: those of its columns, or those that a rule makes.

    Parameters
    ----------
    kind : "BRR", "Fay", "JK1", "JK2", "JKn", "groups" (delete-a-group jackknife), "bootstrap",
        "SDR" (successive differences), "ACS", "other"
    columns : columns of supplied weights, one a replicate; without any, replicates are made from
        strata and PSUs of the design
    combined : supplied weights contain the sampling weight; False if they multiply it
    rho : Fay's factor, at least 0 and below 1
    scale : factor of the sum of squares; default by kind, see Notes
    rscales : further factors, one a replicate or none
    mse : squares are taken around the estimate; False takes them around the mean of the replicates
        whose factor is not 0. None is True for "ACS", else False
    df : degrees of freedom; default is the rank of supplied weights less 1, or that of the design
    count : replicates to be made; default 1000 for "bootstrap", 100 for "groups", and as many as
        balance needs for the others
    seed : of the draw of "bootstrap" and "groups"

    Raises
    ------
    DesignError
        if the kind is unknown or cannot be made from a design, a number is out of range, or a
        needed one is missing

    Notes
    -----
    V = scale * sum_r rscales_r (t_r - c)(t_r - c)', with these scales for R replicates: BRR 1/R,
    Fay 1/(R (1 - rho)^2), JK1 and groups (R - 1)/R, JK2 and JKn 1, bootstrap 1/(R - 1), SDR and
    ACS 4/R. The rscales of supplied JKn weights that multiply the sampling weight are 1 over the
    largest of each replicate, (n_h - 1)/n_h; for combined ones they must be given. Of "other"
    weights the scale must be given.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, ch. 3-5. Lumley (2010), Complex Surveys,
    sec. 2.3. Fay and Train (1995), Proc. ASA Section on Government Statistics, 154-159, for SDR.

    Examples
    --------
    >>> fay = ReplicateWeights(kind="Fay", columns=("r1", "r2", "r3", "r4"), rho=0.3)
    >>> round(fay.scale_of(4), 12)
    0.510204081633
    """

    kind: Kind
    columns: tuple[str, ...] = ()
    combined: bool = True
    rho: float = 0.0
    scale: float | None = None
    rscales: tuple[float, ...] = ()
    mse: bool | None = None
    df: int | None = None
    count: int | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _kind(self.kind))
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "rscales", tuple(float(value) for value in self.rscales))
        _check_numbers(self)
        if self.columns:
            _check_supplied(self)
        else:
            _check_made(self)

    @property
    def around_estimate(self) -> bool:
        """Whether squares are taken around the estimate of the full sample."""
        return self.kind is Kind.ACS if self.mse is None else self.mse

    @property
    def wanted(self) -> int | None:
        """Replicates to be made, None if the rule decides."""
        return _USUAL_COUNT.get(self.kind) if self.count is None else self.count

    def scale_of(self, count: int) -> float:
        """Scale of the variance with so many replicates."""
        if self.scale is not None:
            return self.scale
        if self.kind in (Kind.BRR, Kind.FAY):
            return 1 / (count * (1 - self.rho) ** 2)
        if self.kind in (Kind.JK1, Kind.GROUPS):
            return (count - 1) / count
        if self.kind is Kind.BOOTSTRAP:
            return 1 / (count - 1)
        if self.kind in (Kind.SDR, Kind.ACS):
            return 4 / count
        return 1.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, those that differ from the default; `from_dict` reads them."""
        plain = asdict(self)
        kept = {f.name: plain[f.name] for f in fields(self) if plain[f.name] != f.default}
        lists = {name: list(kept[name]) for name in ("columns", "rscales") if name in kept}
        return kept | lists | {"kind": str(self.kind)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "ReplicateWeights":
        """Read what `to_dict` wrote."""
        unknown = sorted(set(plain) - {f.name for f in fields(cls)})
        if unknown:
            raise _wrong("unknown_key", f"have an unknown key: {unknown[0]}", "Remove it.")
        return cls(**plain)


def _kind(value: str) -> Kind:
    by_name = {str(kind).lower(): kind for kind in Kind} | _ALSO
    if str(value).lower() not in by_name:
        hint = f"Choose one of {', '.join(Kind)}."
        raise _wrong("unknown_option", f"are of no known kind: {value!r}", hint, value=value)
    return by_name[str(value).lower()]


def _check_numbers(declared: ReplicateWeights) -> None:
    if not 0 <= declared.rho < 1 or (declared.rho > 0 and declared.kind is not Kind.FAY):
        hint = "Fay's rho is at least 0 and below 1; no other kind has one."
        raise _wrong("bad_rho", f"have rho = {declared.rho:g}", hint, value=declared.rho)
    for name in ("scale", "df", "count"):
        value = getattr(declared, name)
        least = {"count": 2, "df": 1}.get(name, 0)
        if value is not None and not least <= value < float("inf"):
            hint = f"Give a number of at least {least}, or leave it out."
            raise _wrong("bad_number", f"have {name} = {value:g}", hint, value=value)
    if any(not 0 <= value < float("inf") for value in declared.rscales):
        raise _wrong("bad_number", "have a negative or infinite rscale", "Correct it.")


def _check_supplied(declared: ReplicateWeights) -> None:
    repeated = {c for c in declared.columns if declared.columns.count(c) > 1}
    if repeated or len(declared.columns) < 2:
        hint = "Name at least two columns, each once."
        raise _wrong("bad_columns", f"name {', '.join(repeated) or 'one column'} only", hint)
    if declared.rscales and len(declared.rscales) != len(declared.columns):
        says = f"have {len(declared.rscales)} rscales for {len(declared.columns)} columns"
        raise _wrong("bad_rscales", says, "Give one a column.")
    if declared.count is not None or declared.seed is not None:
        hint = "Leave them out: count and seed are for replicates that are made."
        raise _wrong("made_and_supplied", "name columns, and a count or a seed", hint)
    if declared.kind is Kind.OTHER and declared.scale is None:
        hint = "Give the scale that the producer of the weights states."
        raise _wrong("needs_scale", "are of kind 'other' without a scale", hint)
    if declared.kind is Kind.JKN and declared.combined and not declared.rscales:
        hint = "Give (n_h - 1)/n_h of the stratum of each replicate, as its producer states."
        raise _wrong("needs_rscales", "of kind 'JKn' contain the weight and have no rscales", hint)


def _check_made(declared: ReplicateWeights) -> None:
    if declared.kind not in MADE:
        hint = f"Name their columns, or choose one of {', '.join(MADE)}."
        raise _wrong("not_made", f"of kind {str(declared.kind)!r} can't be made", hint)
    if declared.rscales:
        hint = "Leave them out: those of replicates that are made follow from the design."
        raise _wrong("made_and_supplied", "have rscales, but name no columns", hint)
    if declared.kind in RANDOM and declared.seed is None:
        hint = "Give a seed: it is kept with the result, which can then be computed again."
        raise _wrong("needs_seed", f"of kind {str(declared.kind)!r} are drawn at random", hint)


def _wrong(code: str, says: str, hint: str, **attributes: object) -> DesignError:
    return DesignError(code, f"The replicate weights {says}.", hint, **attributes)
