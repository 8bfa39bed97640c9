"""Hadamard matrices: columns of signs that are balanced against each other."""

from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

Signs = npt.NDArray[np.int8]
_Element = tuple[int, ...]  # of a finite field: coefficients of a polynomial, lowest first


def hadamard(least: int) -> Signs:
    """The smallest Hadamard matrix of an order that the constructions reach.

    Parameters
    ----------
    least : smallest order that will do, at least 1

    Returns
    -------
    (n, n) of 1 and -1, n >= least, whose rows are orthogonal: H H' = n I. Row 0 is all 1, so
    that every other row holds as many 1 as -1

    Notes
    -----
    Orders 1 and 2; q + 1 for prime powers q = 3 mod 4 (Paley's first construction) and 2(q + 1)
    for q = 1 mod 4 (his second); and twice any of these, again and again (Sylvester). Up to 200
    this leaves out 92, 116, 156, 172, 184 and 188 only, where the next multiple of 4 is taken.

    References
    ----------
    Sylvester (1867), Philosophical Magazine 34, 461-475. Paley (1933), Journal of Mathematics and
    Physics 12, 311-320. Wolter (2007), Introduction to Variance Estimation, app. A.

    Examples
    --------
    >>> hadamard(3).tolist()
    [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    >>> len(hadamard(21)), len(hadamard(90))
    (24, 96)
    """
    order = next(n for n in range(max(least, 1), 4 * least + 4) if _reachable(n))
    found = _construct(order).copy()
    found *= found[0]  # the signs of columns are free: they make row 0 all 1
    return found


@cache
def _reachable(order: int) -> bool:
    if order in (1, 2):
        return True
    if order % 4:
        return False
    return _paley(order) is not None or _reachable(order // 2)


@cache
def _construct(order: int) -> Signs:
    """Doubling before Paley, where both lead there: it needs no field."""
    if order == 1:
        return np.ones((1, 1), dtype=np.int8)
    if order % 2 == 0 and _reachable(order // 2):
        half = _construct(order // 2)
        return np.kron(np.array([[1, 1], [1, -1]], dtype=np.int8), half)
    q, second = _paley(order) or (0, False)
    return _paley_second(q) if second else _paley_first(q)


def _paley(order: int) -> tuple[int, bool] | None:
    """The prime power that gives an order, and by which construction; None if none does."""
    if (order - 1) % 4 == 3 and _prime_power(order - 1):
        return order - 1, False
    half = order // 2 - 1
    if half % 4 == 1 and _prime_power(half):
        return half, True
    return None


def _paley_first(q: int) -> Signs:
    """I + S with the skew matrix S of the quadratic characters bordered by ones."""
    found = np.ones((q + 1, q + 1), dtype=np.int8)
    found[1:, 0] = -1
    found[1:, 1:] = _characters(q) + np.eye(q, dtype=np.int8)
    return found


def _paley_second(q: int) -> Signs:
    """Zeros of the symmetric conference matrix replaced by one 2 x 2 block, signs by another."""
    conference = np.ones((q + 1, q + 1), dtype=np.int8)
    conference[0, 0] = 0
    conference[1:, 1:] = _characters(q)
    sign = np.array([[1, 1], [1, -1]], dtype=np.int8)
    zero = np.array([[1, -1], [-1, -1]], dtype=np.int8)
    whole = np.kron(conference, sign) + np.kron(np.eye(q + 1, dtype=np.int8), zero)
    return np.asarray(whole, dtype=np.int8)


def _characters(q: int) -> Signs:
    """(q, q) 1 where the difference of two field elements is a square, -1 where not, 0 if none."""
    prime, degree = _prime_power(q) or (0, 0)
    elements = list(product(range(prime), repeat=degree))
    modulus = _irreducible(prime, degree)
    squares = {_times(a, a, modulus, prime) for a in elements if any(a)}
    chi = {a: 1 if a in squares else -1 for a in elements}
    chi[elements[0]] = 0
    found = np.empty((q, q), dtype=np.int8)
    for i, a in enumerate(elements):
        found[i] = [
            chi[tuple((x - y) % prime for x, y in zip(a, b, strict=True))] for b in elements
        ]
    return found


def _prime_power(q: int) -> tuple[int, int] | None:
    """The prime and the exponent of a power of an odd prime."""
    prime = next((p for p in range(3, int(q**0.5) + 1, 2) if q % p == 0), q)
    degree = 0
    while q % prime == 0 and q > 1:
        q, degree = q // prime, degree + 1
    return (prime, degree) if q == 1 and degree and prime % 2 else None


def _times(a: _Element, b: _Element, modulus: _Element, prime: int) -> _Element:
    """Product of two polynomials modulo a monic one, whose leading 1 is left out."""
    degree = len(modulus)
    raw = [0] * (2 * degree)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            raw[i + j] += x * y
    for power in range(2 * degree - 1, degree - 1, -1):
        for j, m in enumerate(modulus):
            raw[power - degree + j] -= raw[power] * m
    return tuple(value % prime for value in raw[:degree])


def _irreducible(prime: int, degree: int) -> _Element:
    """A monic polynomial without factors, its leading 1 left out."""
    if degree == 1:
        return (0,)
    every = product(range(prime), repeat=degree)
    return next(modulus for modulus in every if _is_field(modulus, prime))


def _is_field(modulus: _Element, prime: int) -> bool:
    """Whether x has more powers than any ring but a field could give it."""
    degree = len(modulus)
    x = (0, 1, *([0] * (degree - 2)))
    power, seen = x, {x}
    for _ in range(prime**degree - 3):
        power = _times(power, x, modulus, prime)
        if power in seen or not any(power):
            return False
        seen.add(power)
    return True
