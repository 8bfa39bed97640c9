"""Response, cooperation, refusal and contact rates as AAPOR defines them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite, nan

import pandas as pd

from analysis.errors import DataError, DesignError


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispositions:
    """How many of those invited ended in each way; counts, or sums of base weights.

    Parameters
    ----------
    complete : I, complete interviews
    partial : P, partial interviews
    refusal : R, refusals and break-offs
    non_contact : NC, never reached
    other : O, reached and eligible, but not interviewed for other reasons (language, illness)
    unknown_household : UH, not known whether there is anybody to interview
    unknown_other : UO, not known whether the person is eligible
    not_eligible : NE, known not to belong to the population

    Raises
    ------
    DataError
        if a count is negative or not finite

    References
    ----------
    AAPOR (2015), Standard Definitions, 8th edition, p. 52.
    """

    complete: float = 0
    partial: float = 0
    refusal: float = 0
    non_contact: float = 0
    other: float = 0
    unknown_household: float = 0
    unknown_other: float = 0
    not_eligible: float = 0

    def __post_init__(self) -> None:
        for item in fields(self):
            count = getattr(self, item.name)
            if not isfinite(count) or count < 0:
                raise DataError(
                    "bad_count",
                    f"The number of dispositions {item.name!r} is {count}.",
                    "Counts are finite numbers of 0 or more.",
                    disposition=item.name,
                )

    @property
    def interviews(self) -> float:
        """I + P."""
        return self.complete + self.partial

    @property
    def eligible(self) -> float:
        """(I + P) + (R + NC + O), those known to be eligible."""
        return self.interviews + self.refusal + self.non_contact + self.other

    @property
    def unknown(self) -> float:
        """UH + UO, those of whom that is not known."""
        return self.unknown_household + self.unknown_other


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """All rates, between 0 and 1; nan where nobody is left to count.

    Parameters
    ----------
    dispositions : what they were computed from
    e : share of those of unknown eligibility that is taken for eligible
    e_source : "estimated", "given", or "undefined" when nobody's eligibility is known
    rr1 … rr6 : response rates
    coop1 … coop4 : cooperation rates
    ref1 … ref3 : refusal rates
    con1 … con3 : contact rates
    """

    dispositions: Dispositions
    e: float
    e_source: str
    rr1: float
    rr2: float
    rr3: float
    rr4: float
    rr5: float
    rr6: float
    coop1: float
    coop2: float
    coop3: float
    coop4: float
    ref1: float
    ref2: float
    ref3: float
    con1: float
    con2: float
    con3: float

    def frame(self) -> pd.DataFrame:
        """A row for each rate: rate, value, numerator and denominator in AAPOR's letters."""
        rows = [(name, getattr(self, name.lower()), *how) for name, how in FORMULAS.items()]
        return pd.DataFrame(rows, columns=["rate", "value", "numerator", "denominator"])


_KNOWN = "(I + P) + (R + NC + O)"
FORMULAS = {
    "RR1": ("I", f"{_KNOWN} + (UH + UO)"),
    "RR2": ("I + P", f"{_KNOWN} + (UH + UO)"),
    "RR3": ("I", f"{_KNOWN} + e(UH + UO)"),
    "RR4": ("I + P", f"{_KNOWN} + e(UH + UO)"),
    "RR5": ("I", _KNOWN),
    "RR6": ("I + P", _KNOWN),
    "COOP1": ("I", "(I + P) + R + O"),
    "COOP2": ("I + P", "(I + P) + R + O"),
    "COOP3": ("I", "(I + P) + R"),
    "COOP4": ("I + P", "(I + P) + R"),
    "REF1": ("R", f"{_KNOWN} + (UH + UO)"),
    "REF2": ("R", f"{_KNOWN} + e(UH + UO)"),
    "REF3": ("R", _KNOWN),
    "CON1": ("(I + P) + R + O", f"{_KNOWN} + (UH + UO)"),
    "CON2": ("(I + P) + R + O", f"{_KNOWN} + e(UH + UO)"),
    "CON3": ("(I + P) + R + O", _KNOWN),
}


def eligibility(found: Dispositions) -> float:
    """Share of eligible among those whose eligibility is known, e of the CASRO method.

    Parameters
    ----------
    found : dispositions

    Returns
    -------
    Share between 0 and 1, nan when nobody's eligibility is known

    Notes
    -----
    e = [(I + P) + (R + NC + O)] / [(I + P) + (R + NC + O) + NE]: proportional allocation. It is
    too high when those never reached are less often eligible than others, as empty houses are;
    the rates with it are then too low.

    References
    ----------
    Smith (2009), A revised review of methods to estimate the status of cases with unknown
    eligibility, AAPOR. AAPOR (2015), Standard Definitions, 8th edition, p. 53.

    Examples
    --------
    >>> eligibility(Dispositions(complete=60, refusal=20, not_eligible=20))
    0.8
    """
    return _share(found.eligible, found.eligible + found.not_eligible)


def response_rates(found: Dispositions, e: float | None = None) -> ResponseRates:
    """Compute RR1 to RR6, COOP1 to COOP4, REF1 to REF3 and CON1 to CON3.

    Parameters
    ----------
    found : dispositions of all who were invited, each in one of them
    e : share of those of unknown eligibility that is eligible; estimated by `eligibility` if None

    Returns
    -------
    ResponseRates

    Raises
    ------
    DesignError
        if e is not between 0 and 1

    Notes
    -----
    RR1 counts all of unknown eligibility as eligible and is the lowest; RR5 and RR6 count none of
    them and are right only if there are none. A rate says nothing of bias: those who answered may
    be like the others at 20 % and unlike them at 80 %.

    References
    ----------
    AAPOR (2015), Standard Definitions, 8th edition, p. 52-54 (RR), 54 (COOP), 55 (REF), 56 (CON).

    Examples
    --------
    >>> rates = response_rates(Dispositions(complete=50, partial=10, refusal=20, unknown_other=20))
    >>> rates.rr1, rates.rr2, rates.rr5, rates.e
    (0.5, 0.6, 0.625, 1.0)
    """
    if e is not None and not 0 <= e <= 1:
        raise DesignError(
            "bad_eligibility",
            f"e = {e:g} is no share.",
            "Give the share of eligible people among those of unknown eligibility, 0 to 1.",
            e=e,
        )
    share = eligibility(found) if e is None else e
    source = "given" if e is not None else "estimated" if isfinite(share) else "undefined"
    i, ip, r = found.complete, found.interviews, found.refusal
    reached = ip + r + found.other
    known = found.eligible
    most = known + found.unknown
    likely = known + share * found.unknown if found.unknown else known
    return ResponseRates(
        dispositions=found,
        e=share,
        e_source=source,
        rr1=_share(i, most),
        rr2=_share(ip, most),
        rr3=_share(i, likely),
        rr4=_share(ip, likely),
        rr5=_share(i, known),
        rr6=_share(ip, known),
        coop1=_share(i, reached),
        coop2=_share(ip, reached),
        coop3=_share(i, ip + r),
        coop4=_share(ip, ip + r),
        ref1=_share(r, most),
        ref2=_share(r, likely),
        ref3=_share(r, known),
        con1=_share(reached, most),
        con2=_share(reached, likely),
        con3=_share(reached, known),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else nan


# The final disposition codes of AAPOR's tables 1 to 4, by their first digits; the longest counts.
CODES = {
    "1.1": "complete",
    "1.2": "partial",
    "2.1": "refusal",
    "2.2": "non_contact",
    "2.3": "other",
    "3.1": "unknown_household",
    "3.2": "unknown_other",
    "3.3": "unknown_other",
    "3.4": "unknown_other",
    "3.9": "unknown_other",
    "4": "not_eligible",
}
LETTERS = {
    "I": "complete",
    "P": "partial",
    "R": "refusal",
    "NC": "non_contact",
    "O": "other",
    "UH": "unknown_household",
    "UO": "unknown_other",
    "NE": "not_eligible",
}


def count_dispositions(
    codes: Iterable[object],
    weights: Sequence[float] | None = None,
    words: Mapping[str, str] | None = None,
) -> Dispositions:
    """Count final dispositions, one of each person invited.

    Parameters
    ----------
    codes : AAPOR's codes as text ("1.1", "2.11", "4.5"), or its letters (I, P, R, NC, O, UH, UO,
        NE)
    weights : base weights, for weighted rates; 1 each if None
    words : words of one's own and the field of `Dispositions` that each stands for

    Returns
    -------
    Dispositions

    Raises
    ------
    DataError
        if a code is not known, with the row; or weights are not as many as codes

    References
    ----------
    AAPOR (2015), Standard Definitions, 8th edition, tables 1 to 4.

    Examples
    --------
    >>> found = count_dispositions(["1.1", "2.11", "1.1", "NE"])
    >>> found.complete, found.refusal, found.not_eligible
    (2.0, 1.0, 1.0)
    """
    listed = [str(code).strip() for code in codes]
    given = [1.0] * len(listed) if weights is None else [float(weight) for weight in weights]
    if len(given) != len(listed):
        raise DataError(
            "weights_do_not_match",
            f"There are {len(listed)} codes and {len(given)} weights.",
            "Give one weight for each code.",
        )
    counts = dict.fromkeys(LETTERS.values(), 0.0)
    for row, (code, weight) in enumerate(zip(listed, given, strict=True), start=1):
        counts[_kind(code, row, words or {})] += weight
    return Dispositions(**counts)


def _kind(code: str, row: int, words: Mapping[str, str]) -> str:
    if code in words or code.upper() in LETTERS:
        kind = words.get(code) or LETTERS[code.upper()]
    else:
        kind = next((k for first, k in CODES.items() if code.startswith(first)), "")
    if kind not in LETTERS.values():
        raise DataError(
            "unknown_disposition",
            f"Disposition {code!r} in data row {row} is not known.",
            "Use AAPOR's codes or letters, or say in `words` what it stands for.",
            disposition_code=code,
            row=row,
        )
    return kind
