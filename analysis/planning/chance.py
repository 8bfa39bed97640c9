"""Random numbers that anybody can compute again, with any tool that knows SHA-256."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from analysis.errors import DesignError
from analysis.planning.arguments import is_whole

DIGITS = 16  # hexadecimal, 64 bits


@dataclass(frozen=True, slots=True)
class Chance:
    """The random numbers of one draw: one for every label, whatever else is drawn.

    Parameters
    ----------
    seed : whole number of 0 or more; choose it in public, after the frame's hash was announced

    Raises
    ------
    DesignError
        if the seed is no whole number of 0 or more

    Notes
    -----
    The number of a label is the first 16 hexadecimal digits of SHA-256 over the UTF-8 text
    ``seed|label``, read as a whole number and divided by 2^64. It belongs to the label for ever:
    the order of a list has no part in it, and units that join or leave do not move the others.
    With `sha256sum`: ``printf '%s' '7|1|north|A' | sha256sum | cut -c1-16``.

    References
    ----------
    Ohlsson (1995), Coordination of samples using permanent random numbers, in Cox et al. (eds),
    Business Survey Methods, ch. 9.

    Examples
    --------
    >>> Chance(7).digits("1|north|A")
    'ebe08c0b4cc304bd'
    >>> round(float(Chance(7).number("1|north|A")), 6)
    0.921395
    """

    seed: int

    def __post_init__(self) -> None:
        if not is_whole(self.seed) or self.seed < 0:
            raise DesignError(
                "bad_seed",
                f"The seed is {self.seed!r}.",
                "Give a whole number of 0 or more.",
                value=self.seed,
            )

    def digits(self, label: str) -> str:
        """The 16 hexadecimal digits of a label."""
        text = f"{self.seed}|{label}".encode()
        return hashlib.sha256(text).hexdigest()[:DIGITS]

    def number(self, label: str) -> Fraction:
        """The random number of a label, from 0 to below 1."""
        return Fraction(int(self.digits(label), 16), 16**DIGITS)
