"""Probabilities that two units come into one sample together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import DesignError
from analysis.weights import Floats


@dataclass(frozen=True, slots=True)
class JointProbabilities:
    """Probabilities of all pairs of sampled PSUs.

    Parameters
    ----------
    labels : n labels of the PSUs that were sampled, silent ones included
    probabilities : n rows of n numbers in (0, 1]; on the diagonal the probability of the PSU
        itself

    Raises
    ------
    DesignError
        if the table is not square, not symmetric, names a PSU twice, or holds no probability

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 2.4.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0.5, 0.2], "b": [0.2, 0.5]})
    >>> JointProbabilities.from_frame(table).labels
    ('a', 'b')
    """

    labels: tuple[str, ...]
    probabilities: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        n = len(self.labels)
        if len(self.probabilities) != n or any(len(row) != n for row in self.probabilities):
            raise _bad(f"is not a table of {n} by {n}")
        if len(set(self.labels)) != n:
            twice = next(one for one in self.labels if self.labels.count(one) > 1)
            raise _bad(f"names the PSU {twice!r} twice", psu=twice)
        table = self.table()
        wrong = np.argwhere(~((table > 0) & (table <= 1)))
        if len(wrong):
            first, second = (self.labels[int(i)] for i in wrong[0])
            raise _bad(f"holds no probability for {first!r} and {second!r}", psu=first)
        uneven = np.argwhere(np.abs(table - table.T) > 1e-9)
        if len(uneven):
            first, second = (self.labels[int(i)] for i in uneven[0])
            raise _bad(f"says two things of {first!r} and {second!r}", psu=first)

    def table(self) -> Floats:
        """(n, n) probabilities."""
        return np.array(self.probabilities, dtype=np.float64).reshape(len(self.labels), -1)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> "JointProbabilities":
        """Read a square table whose columns, and whose rows in the same order, are the PSUs.

        An empty cell is a pair drawn independently, such as PSUs of two strata.
        """
        table = frame.to_numpy(dtype=np.float64)
        if table.shape[0] == table.shape[1]:
            alone = np.diag(table)
            table = np.where(np.isnan(table), np.outer(alone, alone), table)
        labels = tuple(str(label) for label in frame.columns)
        return cls(labels, tuple(tuple(row) for row in table.tolist()))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` reads them back."""
        return {
            "labels": list(self.labels),
            "probabilities": [list(row) for row in self.probabilities],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "JointProbabilities":
        """Read what `to_dict` wrote."""
        rows = plain["probabilities"]
        return cls(tuple(plain["labels"]), tuple(tuple(float(p) for p in row) for row in rows))


def _bad(says: str, **attributes: object) -> DesignError:
    return DesignError(
        "bad_joint_probabilities",
        f"The table of joint probabilities {says}.",
        "Give one number in (0, 1] for each pair of sampled PSUs, and each PSU's own on the "
        "diagonal.",
        **attributes,
    )
