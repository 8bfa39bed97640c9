"""Reading the reference cases and comparing with them at the tolerance each one states."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.index.scheme import IndexScheme
from analysis.totals import Codebook

HERE = Path(__file__).parent
CASES = HERE / "cases"
FIVE = {"1": "0", "2": "0.25", "3": "0.5", "4": "0.75", "5": "1"}


@cache
def case(number: str) -> dict[str, Any]:
    path = next(CASES.glob(f"{number}-*.json"))
    return json.loads(path.read_text(encoding="utf-8"))


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(CASES / "data" / f"{name}.csv")


def assert_equals(found: npt.ArrayLike, expected: npt.ArrayLike, number: str) -> None:
    """Relative tolerance of the case; R's numerical zeros (1e-20 and less) count as 0."""
    tolerance = case(number)["tolerance_rel"]
    wanted = np.asarray(expected, dtype=np.float64)
    np.testing.assert_allclose(
        np.asarray(found, dtype=np.float64), wanted, rtol=tolerance, atol=1e-14
    )


def codebook(items: int) -> Codebook:
    return Codebook({f"q{i}": dict.fromkeys(range(1, 6), "choice") for i in range(1, items + 1)})


def one_item_leaves(criteria: list[dict[str, Any]]) -> IndexScheme:
    """A leaf per criterion, each asking one group one item."""
    leaves = [
        {
            "code": entry["item"],
            "points": str(entry["max_points"]),
            "groups": [{"group": "all", "questions": [_question(entry, "coefficients")]}],
        }
        for entry in criteria
    ]
    return IndexScheme.from_dict({"leaves": leaves, "options": {"min_valid": 1}})


def grouped_leaves(criteria: list[dict[str, Any]]) -> IndexScheme:
    """A leaf per criterion, each asking several groups the same item."""
    leaves = [
        {
            "code": entry["id"],
            "points": str(entry["max_points"]),
            "groups": [
                {
                    "group": group,
                    "weight": str(weight),
                    "questions": [_question(entry, f"coefficients_{group}")],
                }
                for group, weight in entry["groups"].items()
            ],
        }
        for entry in criteria
    ]
    return IndexScheme.from_dict({"leaves": leaves, "options": {"min_valid": 1}})


def _question(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "item": entry["item"],
        "coefficients": {code: str(value) for code, value in entry[key].items()},
    }
