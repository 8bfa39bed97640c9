"""Hadamard matrices are balanced, and as small as the constructions allow."""

import numpy as np
import pytest

from analysis.estimation.replication.hadamard import hadamard


@pytest.mark.parametrize("least", [1, 2, 3, 5, 9, 12, 13, 20, 25, 28, 36, 45, 52, 60, 76, 100, 128])
def test_rows_are_orthogonal_and_the_first_is_all_one(least: int) -> None:
    found = hadamard(least).astype(np.int64)

    assert len(found) >= least
    assert set(np.unique(found)) <= {-1, 1}
    assert (found @ found.T == len(found) * np.eye(len(found), dtype=np.int64)).all()
    assert (found[0] == 1).all()


def test_every_multiple_of_four_up_to_two_hundred_but_six() -> None:
    orders = {len(hadamard(n)) for n in range(4, 201, 4)}

    assert set(range(4, 201, 4)) - orders == {92, 116, 156, 172, 184, 188}


def test_fields_of_prime_powers_serve_where_primes_do_not() -> None:
    # 52 = 2(25 + 1): Paley's second construction over the field of 25 elements.
    assert len(hadamard(49)) == 52
