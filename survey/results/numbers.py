"""Numbers as a run keeps them: exact ones as a fraction and as printed, floats or nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from analysis.report.rounding import round_exact

Plain = dict[str, Any]


@dataclass(frozen=True)
class Printer:
    """The rounding rule of a framework."""

    decimals: int
    rule: str

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Printer:
        """Return the rule that a framework's options name."""
        return cls(int(options["decimals"]), str(options["rounding"]))

    def exact(self, value: Fraction | None) -> Plain | None:
        """Return an exact number as `{"fraction": "22/15", "decimal": "1.47"}`."""
        if value is None:
            return None
        printed = round_exact(value, self.decimals, self.rule)
        text = f"{value.numerator}/{value.denominator}"
        return {"fraction": text, "decimal": str(printed)}


def known(value: float | None) -> float | None:
    """Return a float, None where it is not defined."""
    return None if value is None or not math.isfinite(value) else float(value)


def _missing_as_none(value: object) -> Any:
    """Return a value of a table with None where pandas says NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value


def records(table: pd.DataFrame) -> list[Plain]:
    """Return the rows of a table with plain values, NaN as None."""
    return [
        {str(key): _missing_as_none(value) for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def error_of(row: Plain) -> Plain:
    """Return standard error, degrees of freedom, interval and sizes of an estimate."""
    floats = ("se", "df", "ci_low", "ci_high", "n_eff", "deff")
    found: Plain = {key: known(row[key]) for key in floats}
    return {**found, "interval_reason": row["interval_reason"], "n": int(row["n"] or 0)}
