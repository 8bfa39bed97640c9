"""How weights were calibrated, as far as variances must know it: part of a design."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from analysis.errors import DesignError


class Residuals(StrEnum):
    """How estimates are freed of what calibration has fixed."""

    REGRESSION = "regression"
    ALTERNATING = "alternating"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a calibration model.

    Parameters
    ----------
    column : its column; "" is the constant
    levels : the labels of a classification, the first being the base that gets no indicator;
        empty where the column holds numbers
    """

    column: str
    levels: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its auxiliary variables: column and label, as R names them.

        Examples
        --------
        >>> Term("stype", ("E", "H", "M")).names, Term("").names, Term("api99").names
        (('stypeH', 'stypeM'), ('(Intercept)',), ('api99',))
        """
        if not self.column:
            return ("(Intercept)",)
        if not self.levels:
            return (self.column,)
        return tuple(f"{self.column}{label}" for label in self.levels[1:])


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """A calibration that weights have been through.

    Parameters
    ----------
    before, after : columns of the weights before and after it
    margins : for each margin the columns that are crossed in it; one margin is a
        poststratification
    terms : the terms of a calibration model; either margins or terms
    residuals : "regression" takes residuals of the regression weighted by `before`;
        "alternating" removes the unweighted means of the margins in turn
    totals : what the weights after add up to, in the order of the auxiliary variables (cells of
        the margins ascending); rows that do not are refused. Empty where it is not known

    Raises
    ------
    DesignError
        if there are neither margins nor terms, or both, or alternation without margins

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, result 6.6.1.
    Deville and Särndal (1992), JASA 87, 376-382, sec. 3.
    """

    before: str
    after: str
    margins: tuple[tuple[str, ...], ...] = ()
    terms: tuple[Term, ...] = ()
    residuals: Residuals = Residuals.REGRESSION
    totals: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "residuals", _residuals(self.residuals))
        if bool(self.margins) == bool(self.terms):
            raise DesignError(
                "bad_calibration",
                f"The calibration to {self.after!r} names "
                f"{'both margins and terms' if self.terms else 'neither margins nor terms'}.",
                "Name the margins, or the terms of a model.",
                column=self.after,
            )
        if self.terms and self.residuals is Residuals.ALTERNATING:
            raise DesignError(
                "bad_calibration",
                f"The calibration to {self.after!r} has terms, between which nothing alternates.",
                "Choose residuals='regression'.",
                column=self.after,
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it needs, each once."""
        crossed = [column for margin in self.margins for column in margin]
        named = [term.column for term in self.terms if term.column]
        return tuple(dict.fromkeys([self.before, self.after, *crossed, *named]))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` reads them back."""
        plain = asdict(self)
        plain["margins"] = [list(margin) for margin in self.margins]
        plain["terms"] = [{"column": t.column, "levels": list(t.levels)} for t in self.terms]
        return plain | {"residuals": str(self.residuals), "totals": list(self.totals)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Calibration":
        """Read what `to_dict` wrote."""
        return cls(
            before=plain["before"],
            after=plain["after"],
            margins=tuple(tuple(margin) for margin in plain.get("margins", ())),
            terms=terms_from(plain.get("terms", ())),
            residuals=plain.get("residuals", Residuals.REGRESSION),
            totals=tuple(plain.get("totals", ())),
        )


def _residuals(kind: str) -> Residuals:
    if kind not in list(Residuals):
        raise DesignError(
            "unknown_option",
            f"residuals = {kind!r} is not known.",
            f"Choose one of {', '.join(Residuals)}.",
            option="residuals",
            value=kind,
        )
    return Residuals(kind)


def terms_from(plain: Sequence[Mapping[str, Any]]) -> tuple[Term, ...]:
    """Terms out of plain values."""
    return tuple(Term(term["column"], tuple(term.get("levels", ()))) for term in plain)
