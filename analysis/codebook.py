"""What the answers are coded by: items, their codes, and what each code says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.errors import DataError

Codes = npt.NDArray[np.uint8]
BLANK = 0


class Meaning(StrEnum):
    """What an answer code says."""

    CHOICE = "choice"
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True)
class Codebook:
    """Items of a questionnaire and the meaning of their codes.

    Parameters
    ----------
    items : per item its codes, 1 to 255, with their meaning; 0 is blank and never listed

    Raises
    ------
    DataError
        if a code is outside 1 … 255 or a meaning is unknown

    Examples
    --------
    >>> book = Codebook({"q1": {1: "choice", 2: "choice", 9: "dont_know"}})
    >>> book.to_dict()
    {'q1': {'1': 'choice', '2': 'choice', '9': 'dont_know'}}
    """

    items: Mapping[str, Mapping[int, Meaning]]

    def __post_init__(self) -> None:
        checked = {name: _meanings(name, codes) for name, codes in self.items.items()}
        object.__setattr__(self, "items", checked)

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Plain values for JSON; `from_dict` reads them back."""
        return {
            item: {str(code): str(meaning) for code, meaning in codes.items()}
            for item, codes in self.items.items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Mapping[str, Any]]) -> "Codebook":
        """Read a codebook written by `to_dict`."""
        return cls({item: {int(c): m for c, m in codes.items()} for item, codes in plain.items()})

    @property
    def width(self) -> int:
        """One more than the largest code."""
        return 1 + max((max(codes, default=0) for codes in self.items.values()), default=0)

    def codes(self, item: str, meaning: Meaning) -> list[int]:
        """Codes of an item with a meaning, ascending."""
        return sorted(code for code, said in self.items[item].items() if said is meaning)


def _meanings(item: str, codes: Mapping[int, str]) -> dict[int, Meaning]:
    for code, meaning in codes.items():
        if not 1 <= code <= 255 or meaning not in set(Meaning):
            raise DataError(
                "bad_codebook",
                f"Item {item!r} lists code {code!r} as {meaning!r}.",
                f"Codes are 1 to 255 (0 is blank), meanings {', '.join(Meaning)}.",
                item=item,
                value=code,
            )
    return {int(code): Meaning(meaning) for code, meaning in sorted(codes.items())}
