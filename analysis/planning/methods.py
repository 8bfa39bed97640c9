"""How some of a list are chosen: one function a method, each telling what it did line by line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from analysis.planning.chance import Chance


class Method(StrEnum):
    """How a sample is drawn from one list."""

    SIMPLE = "simple"
    SYSTEMATIC = "systematic"
    CIRCULAR = "circular"
    PPS = "pps"


@dataclass(frozen=True, slots=True)
class Listed:
    """A unit that may be drawn.

    Parameters
    ----------
    label : its name, once in its list
    size : measure of size, for PPS
    """

    label: str
    size: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Picked:
    """A unit that was drawn.

    Parameters
    ----------
    label : its name
    inclusion : the probability that it is drawn from its list, exact
    certain : it was taken before chance had a part
    """

    label: str
    inclusion: Fraction
    certain: bool


Outcome = tuple[list[Picked], list[str]]


def simple(units: Sequence[Listed], n: int, chance: Chance, place: str) -> Outcome:
    """Draw a simple random sample: the n smallest random numbers.

    Parameters
    ----------
    units : N units, in any order
    n : 1 … N
    chance : random numbers
    place : name of the list, in front of every label that gets a number

    Returns
    -------
    units drawn in the order of their numbers, and the lines of the log

    Notes
    -----
    Every unit has the number of its own name, so the order of the list has no part. A witness
    checks any unit by computing its number: below the limit it is in, above it is out.
    """
    numbers = sorted((chance.digits(f"{place}|{unit.label}"), unit.label) for unit in units)
    taken, left = numbers[:n], numbers[n:]
    share = Fraction(n, len(units))
    label = f'"{chance.seed}|{place}|<unit>"'
    lines = [
        f"simple random: {n} with the smallest numbers of {len(units)}",
        f"  number of a unit: SHA-256 of {label}, first 16 digits",
        *(f"  {number} {label}" for number, label in taken),
    ]
    if left:
        lines.append(f"  first not taken: {left[0][0]} {left[0][1]}")
    return [Picked(label, share, certain=not left) for _, label in taken], lines


def systematic(units: Sequence[Listed], n: int, chance: Chance, place: str) -> Outcome:
    """Draw every k-th unit after a random start; k = N/n need not be whole.

    Parameters
    ----------
    units : N units, in the order that counts
    n, chance, place : as in `simple`

    Returns
    -------
    As `simple`, in the order of the list

    Notes
    -----
    Start r = u k; positions floor(r + j k) + 1 for j = 0 … n-1. Every unit has probability n/N.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 8.1; Särndal, Swensson and Wretman (1992), Model
    Assisted Survey Sampling, sec. 3.4.1 (fractional interval).
    """
    interval = Fraction(len(units), n)
    start, told = _start(interval, chance, place)
    positions = [int(start + j * interval) for j in range(n)]
    lines = [f"systematic: one of every {interval}, {len(units)} in order", *told]
    return _at(units, positions, lines)


def circular(units: Sequence[Listed], n: int, chance: Chance, place: str) -> Outcome:
    """Draw every k-th unit, k whole, from a start anywhere in the list, around its end.

    Parameters
    ----------
    units, n, chance, place : as in `systematic`

    Returns
    -------
    As `systematic`

    Notes
    -----
    k = floor(N/n); start d = floor(u N); positions (d + j k) mod N + 1. Every unit has
    probability n/N.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 8.1 (Lahiri's circular method).
    """
    interval = len(units) // n
    start, told = _start(Fraction(len(units)), chance, place)
    positions = [(int(start) + j * interval) % len(units) for j in range(n)]
    lines = [
        f"circular systematic: one of every {interval}, {len(units)} in order and round the end",
        *told,
    ]
    return _at(units, positions, lines)


def pps(units: Sequence[Listed], n: int, chance: Chance, place: str) -> Outcome:
    """Draw with probability proportional to size, systematically along the cumulated sizes.

    Parameters
    ----------
    units : N units with their sizes, in the order that counts
    n, chance, place : as in `simple`

    Returns
    -------
    Certain units first, then the others in the order of the list

    Notes
    -----
    Units whose n x_i / sum(x) is 1 or more are taken for certain and leave the list, with one
    place each; so again for the rest, until none is. Then I = sum(x)/n, start r = u I, and the
    unit is drawn in whose stretch of the cumulated sizes a point r + j I falls, lower end
    included. Its probability is x_i / I.

    References
    ----------
    Madow (1949), Annals of Mathematical Statistics 20, 333-354; Särndal, Swensson and Wretman
    (1992), Model Assisted Survey Sampling, sec. 3.6.2; Hansen, Hurwitz and Madow (1953), Sample
    Survey Methods and Theory I, ch. 8 (certainty units).
    """
    certain, rest, lines = _certain(units, n)
    picked = [Picked(unit.label, Fraction(1), certain=True) for unit in certain]
    left = n - len(certain)
    if not left:
        return picked, lines
    total = sum((unit.size for unit in rest), Fraction(0))
    interval = total / left
    start, told = _start(interval, chance, place)
    lines += [
        f"proportional to size: {left} of {len(rest)}, sizes in all {total}, interval {interval}",
        *told,
    ]
    point, end = start, Fraction(0)
    for unit in rest:
        begin, end = end, end + unit.size
        is_hit = point < end
        hit = f" <- point {_decimal(point)}" if is_hit else ""
        lines.append(f"  {begin} to {end}: {unit.label}{hit}")
        if is_hit:
            picked.append(Picked(unit.label, unit.size / interval, certain=False))
            point += interval
    return picked, lines


def _certain(units: Sequence[Listed], n: int) -> tuple[list[Listed], list[Listed], list[str]]:
    """Units whose share of the sizes is a whole place or more, and the others."""
    certain: list[Listed] = []
    rest, lines = list(units), []
    while rest and len(certain) < n:
        interval = sum((unit.size for unit in rest), Fraction(0)) / (n - len(certain))
        large = [unit for unit in rest if unit.size >= interval]
        if not large:
            break
        certain += large
        rest = [unit for unit in rest if unit.size < interval]
        lines.append(f"certain, {interval} or more:")
        lines += [f"  {unit.size}: {unit.label}" for unit in large]
    return certain, rest, lines


def _start(width: Fraction, chance: Chance, place: str) -> tuple[Fraction, list[str]]:
    label = f"{place}|start"
    start, digits = chance.number(label) * width, chance.digits(label)
    text = f'"{chance.seed}|{label}"'
    return start, [
        f"  start: SHA-256 of {text}, first 16 digits {digits}",
        f"  start: over 2^64, times {width}, is {_decimal(start)}",
    ]


def _at(units: Sequence[Listed], positions: Sequence[int], lines: list[str]) -> Outcome:
    share = Fraction(len(positions), len(units))
    picked = [Picked(units[p].label, share, certain=share == 1) for p in positions]
    told = [f"  number {p + 1}: {units[p].label}" for p in positions]
    return picked, lines + told


def _decimal(value: Fraction) -> str:
    return f"{float(value):.6f}"


METHODS: dict[Method, Callable[[Sequence[Listed], int, Chance, str], Outcome]] = {
    Method.SIMPLE: simple,
    Method.SYSTEMATIC: systematic,
    Method.CIRCULAR: circular,
    Method.PPS: pps,
}
