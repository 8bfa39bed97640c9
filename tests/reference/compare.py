"""Comparing a tree of found figures with the tree of expected ones, leaf by leaf."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

DESCRIBING = ("names", "stable_over_5_seeds")  # these order the figures, or speak of R's own run
NOTHING = 1e-14  # R's numerical zeros count as 0
SMALL = 1e-6  # of the largest of an array: what is smaller is a difference of larger figures
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What was found for a case, with what not to compare strictly.

    `aside` says by path which places of the arrays are not compared, `slack` under which paths
    whole numbers may differ by 1, `zero` by name up to which size a figure that a search came
    to is 0, `notes` what a reader must be told.
    """

    found: Mapping[str, Any]
    aside: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    slack: Collection[str] = ()
    zero: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """Worst relative difference at a place of `expected`, and why if it is not one of numbers."""

    path: str
    worst: float
    why: str = ""


def differences(expected: Mapping[str, Any], answer: Answer) -> list[Difference]:
    """One difference a leaf; a leaf is a text, or an array of numbers."""
    return list(_walk(expected, answer.found, "", answer))


def _walk(
    expected: Mapping[str, Any], found: Mapping[str, Any], above: str, answer: Answer
) -> Iterator[Difference]:
    for key, wanted in expected.items():
        path = f"{above}.{key}" if above else key
        if key in DESCRIBING:
            continue
        if key not in found:
            yield Difference(path, np.inf, "nothing computes it")
        elif isinstance(wanted, Mapping) and isinstance(found[key], Mapping):
            yield from _walk(wanted, found[key], path, answer)
        else:
            yield _leaf(wanted, found[key], path, answer)


def _leaf(wanted: Any, found: Any, path: str, answer: Answer) -> Difference:
    if _is_text(wanted):
        same = list(np.ravel(wanted)) == list(np.ravel(np.asarray(found, dtype=object)))
        return Difference(path, 0.0 if same else np.inf, "" if same else f"found {found}")
    try:
        a, b = (np.asarray(value, dtype=np.float64) for value in (found, wanted))
    except (TypeError, ValueError):
        return Difference(path, np.inf, f"cannot be read as numbers: {found!r}")
    if a.size != b.size:
        return Difference(path, np.inf, f"{a.size} numbers found, {b.size} expected")
    return _of_arrays(a.reshape(b.shape), b, path, answer)


def _is_text(value: Any) -> bool:
    return any(isinstance(each, str) for each in np.ravel(np.asarray(value, dtype=object)))


def _of_arrays(a: Floats, b: Floats, path: str, answer: Answer) -> Difference:
    kept = np.ones(b.shape, dtype=np.bool_)
    above = path.rpartition(".")[0]
    for axis in range(b.ndim):
        np.moveaxis(kept, axis, 0)[list(answer.aside.get(above, ()))] = False
    missing = np.isnan(b)
    if (np.isnan(a) != missing)[kept].any():
        return Difference(path, np.inf, "a number is missing on one side only")
    compared = kept & ~missing
    apart = np.abs(a - b)[compared]
    if any(path == each or path.startswith(f"{each}.") for each in answer.slack):
        apart = np.maximum(apart - 1, 0)
    largest = np.abs(b[compared]).max(initial=0.0)
    size = np.abs(b[compared])
    nothing = max(NOTHING * max(largest, 1.0), answer.zero.get(path.rpartition(".")[2], 0.0))
    apart[(apart <= nothing) & (size <= nothing)] = 0.0
    worst = (apart / np.maximum(size, max(SMALL * largest, NOTHING))).max(initial=0.0)
    return Difference(path, float(worst))
